// Reads topics, all partitions, without a consumer group: what `tail` and `replay` see is what any consumer sees. One
// thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace switchboard::app {

// Views live until the next call of next().
struct record {
  std::string_view topic, key, value;
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  std::vector<std::pair<std::string_view, std::string_view>> headers;
};

// A record as a CloudEvent, whichever content mode it was written in.
struct consumed_event {
  std::vector<std::pair<std::string, std::string>> attributes;  // names without prefix
  std::string data;                                             // JSON, or bytes where the record is no CloudEvent
  std::string_view attribute(std::string_view name) const noexcept;
  std::string structured() const;  // one JSON object
};
consumed_event as_event(const record&);

class topic_reader {
 public:
  struct settings {
    std::vector<std::pair<std::string, std::string>> properties;
    std::vector<std::string> topics;  // Kafka's names
    bool from_beginning = false;      // otherwise what comes from now on
    bool read_committed = false;
  };
  // The error is for a person. Topics that do not exist are left out and named in `missing()`.
  static std::expected<std::unique_ptr<topic_reader>, std::string> open(const settings&);
  virtual ~topic_reader() = default;

  virtual const std::vector<std::string>& missing() const = 0;
  // The next record, nullopt when none came within the limit.
  virtual std::expected<std::optional<record>, std::string> next(std::chrono::milliseconds limit) = 0;
  // Everything that was there when the reader was opened has been read.
  virtual bool caught_up() const = 0;
};

}  // namespace switchboard::app
