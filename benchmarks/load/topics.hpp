// Topics of Kafka from a moment on: where each partition ends is noted when they are opened, and read from there when
// somebody asks for it, so that nothing is fetched before. One thread at a time.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "benchmarks/load/deliveries.hpp"

namespace switchboard::load {

class topics {
 public:
  // `names`: Kafka's; a record's topic is told by its place among them. The error is for a person; a topic that does
  // not exist is left out where another one does.
  static std::expected<std::unique_ptr<topics>, std::string> open(
      const std::vector<std::pair<std::string, std::string>>& properties, const std::vector<std::string>& names);
  virtual ~topics() = default;

  // Begins to read, once.
  virtual std::expected<void, std::string> start() = 0;
  struct record {
    bool is_event = false;  // carries the attributes of a CloudEvent
    deliveries::seen event;
  };
  // One of Switchboard's records, or what it is not; false when none came within the limit.
  virtual std::expected<bool, std::string> next(record&, std::chrono::milliseconds limit) = 0;
};

}  // namespace switchboard::load
