// The command line of switchboard-load.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "benchmarks/load/schedule.hpp"

namespace switchboard::load {

struct ramp {
  double from = 0, to = 0;
  int steps = 1;
};
// "FROM:TO:STEPS"; nothing when it is not that.
std::optional<ramp> parse_ramp(const std::string&);

enum class verification : std::uint8_t { none, ids, count };

struct options {
  std::string config, source;
  std::string sample, body;  // a sample's name, or a file with a template; the connector's first sample by default
  std::string url;           // of the listener, or of the endpoint where it has a path
  std::optional<double> rate;
  std::optional<load::ramp> ramp;
  bool closed = false;
  load::arrivals arrivals = load::arrivals::uniform;
  std::uint32_t connections = 32;
  double duration_s = 10, warmup_s = 2, timeout_s = 10;
  std::uint32_t keys = 10'000;
  std::optional<std::uint64_t> seed;
  std::string json;  // file, "-" for standard output
  int pid = 0;
  std::string ca;
  bool insecure = false;
  verification verify = verification::none;
  std::string kafka, topic, admin;
  bool consume = false;
  double verify_wait_s = 30;

  bool tells_ids() const noexcept { return verify == verification::ids || consume; }
};

// The exit code when there is nothing to run: help, version, or what is wrong was printed.
struct parsed {
  std::optional<options> value;
  int exit = 0;
};
parsed parse_options(int argc, const char* const* argv);

// The options as data, for the completion scripts; deploy/completion holds what is made of them.
struct completion_word {
  std::string option, text, value, choices;  // value: what it takes; choices: words, where only some fit
};
std::string completion_script(const std::string& shell, const std::vector<completion_word>&);

// Warm-up and steps, one after the other. The warm-up has the first step's rate.
std::vector<phase> phases_of(const options&);

}  // namespace switchboard::load
