// A stored message as a Kafka record. Pure; header names come from a fixed set, never from a payload.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "broker/journal/journal.hpp"
#include "broker/publish/forwarder.hpp"
#include "broker/publish/kafka.hpp"

namespace switchboard::publish {

// Views into the journal's unit and into `scratch` of the builder: valid until the next record is built.
struct record {
  std::string_view key, value;
  std::int64_t timestamp_ms = 0;  // recordedtime
  headers_handle headers;
};

// Why a record became a dead letter; the headers that Kafka Connect gives its own.
struct dead_letter_reason {
  std::string_view topic;  // Kafka's name of the topic that refused it
  std::string_view error;  // librdkafka's name of the error: MSG_SIZE_TOO_LARGE
  std::string_view text;
};

class record_builder {
 public:
  record_builder(content_mode, const schemas::uuid& journal);
  // `dead_letter` adds its headers and leaves key and value as they were, byte by byte.
  record build(const journal::stored_message&, schemas::timestamp recorded_at, std::uint64_t sequence,
               const dead_letter_reason* dead_letter = nullptr);
  // Of something that is not in the journal: a heartbeat.
  record build(const schemas::encoded_event&, schemas::timestamp recorded_at);

 private:
  content_mode content_;
  schemas::uuid journal_;
  std::string journal_text_, scratch_;
};

}  // namespace switchboard::publish
