// What a run came to. Plain data, filled by the thread that loads.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "benchmarks/load/histogram.hpp"
#include "benchmarks/load/process_usage.hpp"
#include "benchmarks/load/schedule.hpp"
#include "schemas/event.hpp"

namespace switchboard::load {

// One phase. Requests count where they were due, whenever they were answered; the `…_in_time` count by the time of the
// answer, which is what a rate or a cost is made of.
struct measures {
  load::phase phase;
  std::uint64_t due = 0, sent = 0;
  std::uint64_t accepted = 0, refused = 0, other = 0;  // 2xx, 503, any other status
  std::map<int, std::uint64_t> statuses;
  std::uint64_t connection_errors = 0;  // the connection ended before the reply
  std::uint64_t timeouts = 0;           // no reply within the time
  std::uint64_t not_sent = 0;           // no connection was free within the time, or until the end
  std::uint64_t accepted_in_time = 0, replies_in_time = 0;
  // From the time when the request was due; `service` from the time when it was sent.
  histogram accepted_latency, refused_latency, service, end_to_end;
  // At the beginning and the end of the phase: of this thread, and of the program that is measured.
  double client_cpu_s = 0;
  std::optional<process_usage> before, after;
};

// A second of the run, by the time of the answers.
struct second_of_run {
  std::uint64_t sent = 0, accepted = 0, refused = 0, failed = 0;
  histogram accepted_latency;
};

struct timeline_entry {
  std::uint64_t second = 0, sent = 0, accepted = 0, refused = 0, failed = 0;
  std::chrono::nanoseconds p50{}, p99{}, max{};
};

// A request that the other side has taken over, as it is made again afterwards.
struct acknowledged_request {
  std::uint64_t number = 0;
  schemas::timestamp made_at{};
  std::chrono::steady_clock::time_point due{};
  std::uint32_t phase = 0;
};

struct outcome {
  std::vector<measures> phases;
  std::vector<timeline_entry> timeline;
  std::deque<acknowledged_request> acknowledged;  // only where it was asked for
  std::uint64_t acknowledged_count = 0;
  std::uint64_t connects = 0, connect_errors = 0;
  std::string last_error;  // of a connection
  bool interrupted = false;
};

}  // namespace switchboard::load
