// The commands of the program. Each returns its exit code, writes its result to standard output and what went wrong to
// standard error. main.cpp reads the command line into these options and calls them; a command does not know how it was
// written.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "broker/app/exit_code.hpp"

namespace switchboard::app {

struct serve_options {
  std::string config;
  bool until_empty = false;             // SIGTERM waits for Kafka to have everything
  std::string capture;                  // file
  std::string capture_mode = "sealed";  // sealed, redacted, plain
  std::vector<std::string> capture_sources;
};
exit_code serve(const serve_options&);

struct check_options {
  std::string config;
  bool reference = false;  // print the configuration reference instead
  bool kafka = false;      // also look at the topics
};
exit_code check(const check_options&);

struct connectors_options {
  bool json = false, markdown = false;
  bool example = false;            // a source of each as YAML
  bool events = false;             // what they emit
  std::vector<std::string> names;  // none: all
};
exit_code connectors_list(const connectors_options&);

struct send_options {
  std::string config, url;         // of the broker; from the configuration by default
  std::vector<std::string> names;  // sources or connectors
  bool all = false;
  std::string sample;  // of that name only
  std::uint64_t count = 1;
  bool print = false;  // print the requests instead of sending them, one line each
};
exit_code send(const send_options&);

struct tail_options {
  std::string config;
  std::vector<std::string> topics;  // logical names
  std::string channel, source, key, type;
  bool json = false, from_beginning = false;
  std::uint64_t count = 0;  // 0: until interrupted
  std::string admin;        // base URL of the admin listener; from the configuration by default
};
exit_code tail(const tail_options&);

struct topics_options {
  std::string config;
  enum class action { create, verify, show } what = action::show;
  bool json = false;
};
exit_code topics(const topics_options&);

struct decode_options {
  std::string config, requests = "-", source;
  bool skip_verify = false;
};
exit_code decode(const decode_options&);

struct replay_options {
  std::string config;
  std::string from;       // records as `tail --json` prints them ("-": standard input); empty: the topics are read
  std::string source;     // only of this one
  bool run = false;       // otherwise only tells what would happen
  std::string supersede;  // revision: also what was published before, under new ids
  std::string journal, admin;
};
exit_code replay(const replay_options&);

struct journal_options {
  enum class action { inspect, verify, repair, export_, forward } what = action::inspect;
  std::string directory, config, output;
  bool json = false, yes = false;
  bool cut = false;  // repair: end the journal before the damage instead of skipping it
};
exit_code journal_tool(const journal_options&);

}  // namespace switchboard::app
