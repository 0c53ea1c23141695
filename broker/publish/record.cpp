#include "broker/publish/record.hpp"

#include <fmt/format.h>

namespace switchboard::publish {
namespace {

constexpr std::string_view structured_content_type = "application/cloudevents+json";

void add(rd_kafka_headers_t* headers, std::string_view name, std::string_view value) {
  rd_kafka_header_add(headers, name.data(), static_cast<ssize_t>(name.size()), value.data(),
                      static_cast<ssize_t>(value.size()));
}

void add_attribute(rd_kafka_headers_t* headers, std::string_view attribute, std::string_view value) {
  const auto name = schemas::binary_header(attribute);
  if (name.empty()) return;
  add(headers, name, value);
  if (attribute == "traceparent") add(headers, "traceparent", value);
}

}  // namespace

record_builder::record_builder(content_mode content, const schemas::uuid& journal)
    : content_(content), journal_(journal), journal_text_(schemas::to_string(journal)) {}

record record_builder::build(const journal::stored_message& message, schemas::timestamp recorded_at,
                             std::uint64_t sequence, const dead_letter_reason* dead_letter) {
  record made{message.key, message.value, recorded_at.time_since_epoch().count(), {}};
  made.headers.reset(rd_kafka_headers_new(message.attributes.size() + 12));
  auto* headers = made.headers.get();
  if (content_ == content_mode::binary) {
    add_attribute(headers, "specversion", "1.0");
    add_attribute(headers, "id", schemas::to_string(message.id));
    for (const auto& [name, value] : message.attributes)
      if (name != "specversion" && name != "id") add_attribute(headers, name, value);
    add_attribute(headers, "recordedtime", schemas::to_string(recorded_at));
    add_attribute(headers, "sbjournal", journal_text_);
    add_attribute(headers, "sbseq", fmt::format("{:020}", sequence));
  } else {
    scratch_.clear();
    schemas::append_structured(scratch_, message.id, message.attributes, message.value, recorded_at,
                               schemas::sequence{journal_, sequence});
    made.value = scratch_;
    add(headers, "content-type", structured_content_type);
    for (const auto& [name, value] : message.attributes)
      if (name == "traceparent") add(headers, "traceparent", value);
  }
  if (dead_letter != nullptr) {
    add(headers, "__connect.errors.topic", dead_letter->topic);
    add(headers, "__connect.errors.connector.name", "switchboard");
    add(headers, "__connect.errors.stage", "KAFKA_PRODUCE");
    add(headers, "__connect.errors.exception.class.name", dead_letter->error);
    add(headers, "__connect.errors.exception.message", dead_letter->text);
  }
  return made;
}

record record_builder::build(const schemas::encoded_event& event, schemas::timestamp recorded_at) {
  record made{event.key, event.body, recorded_at.time_since_epoch().count(), {}};
  made.headers.reset(rd_kafka_headers_new(event.attributes.size() + 4));
  auto* headers = made.headers.get();
  if (content_ == content_mode::binary) {
    add_attribute(headers, "specversion", "1.0");
    add_attribute(headers, "id", schemas::to_string(event.id));
    for (const auto& [name, value] : event.attributes)
      if (name != "specversion" && name != "id") add_attribute(headers, name, value);
    add_attribute(headers, "recordedtime", schemas::to_string(recorded_at));
  } else {
    scratch_ = schemas::structured(event, recorded_at, std::nullopt);
    made.value = scratch_;
    add(headers, "content-type", structured_content_type);
  }
  return made;
}

}  // namespace switchboard::publish
