// Holds Kafka to what was acknowledged, after the load: makes every acknowledged request again, to know its events.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <expected>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "benchmarks/load/deliveries.hpp"
#include "benchmarks/load/measures.hpp"
#include "benchmarks/load/request_maker.hpp"
#include "benchmarks/load/topics.hpp"

namespace switchboard::load {

// Logical and Kafka's name of every topic that is read, in the order that topics::open() was given.
using topic_names = std::vector<std::pair<std::string, std::string>>;

struct arrival {
  deliveries::seen event;
  std::chrono::steady_clock::time_point at;
};

// Reads in a thread of its own while the load runs.
class consumer {
 public:
  explicit consumer(topics&);
  // Ends the thread; then what came is the caller's.
  std::deque<arrival> stop();
  const std::string& error() const noexcept { return error_; }  // after stop()

 private:
  topics& topics_;
  std::deque<arrival> arrivals_;
  std::string error_;
  std::jthread thread_;
};

struct verification_result {
  std::uint64_t acknowledged = 0;   // requests
  std::uint64_t without_event = 0;  // of those, that the configuration makes no event of
  std::uint64_t expected = 0, found = 0, lost = 0, copies = 0, foreign = 0, unnumbered = 0, holes = 0;
  std::vector<std::string> lost_ids;  // the first few
  std::vector<deliveries::span> spans;
  double seconds = 0;
  bool passed = false;
};

using on_progress = std::function<void(std::uint64_t found, std::uint64_t expected)>;

// `consuming`: the thread that already reads, or null. Fills the time to the consumer of each phase when there is one.
// The error is for a person: nothing can be said.
std::expected<verification_result, std::string> verify_ids(const request_maker&, outcome&, topics&, const topic_names&,
                                                           consumer* consuming, std::chrono::nanoseconds wait,
                                                           const on_progress&);
// As many messages as there were acknowledgements: `found` are the messages.
std::expected<verification_result, std::string> verify_count(std::uint64_t acknowledged, topics&,
                                                             std::chrono::nanoseconds wait, const on_progress&);

}  // namespace switchboard::load
