// Sends what is due over kept connections, and measures. The thread that calls run() does all of it.
#pragma once

#include <chrono>
#include <expected>
#include <functional>
#include <string>

#include "benchmarks/load/measures.hpp"
#include "benchmarks/load/request_maker.hpp"
#include "benchmarks/load/schedule.hpp"
#include "broker/app/http_client.hpp"

namespace switchboard::load {

struct loader_settings {
  app::http_url url;
  std::string ca;
  bool insecure = false;
  std::uint32_t connections = 1;
  std::chrono::nanoseconds timeout{};
  bool keep_acknowledged = false;
  pid_t measured = 0;                 // 0: none
  std::function<bool()> interrupted;  // asked ten times a second
  std::function<void(const timeline_entry&, std::size_t waiting)> each_second;
};

// Connects first, all of them: the error is for a person, and nothing was sent.
std::expected<outcome, std::string> run(const loader_settings&, schedule, const request_maker&);

}  // namespace switchboard::load
