// Writes events. One codec for everything that leaves: Kafka values, `decode` and `tail` output, golden files.
//
// Pure functions, any thread. The JSON is compact, members in a fixed order, so equal events give equal bytes.
#pragma once

#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/event.hpp"

namespace switchboard::schemas {

// --- names and texts ----------------------------------------------------------------------------------------------------------
// to_string(e) for every enum of event.hpp gives its wire name; from_string<E>(name) the inverse, nullopt when unknown.
struct type_info {
  std::string_view name;  // "contact.message.received.v1"
  topic_class topic;      // before routing rules; see topic_of()
  std::string_view block; // "message"
};
const type_info& info(event_type) noexcept;
std::optional<event_type> event_type_from_name(std::string_view) noexcept;
// The topic of this event: the type's, except voicemail (inbound), partial input (activity) and similar cases of the event page.
topic_class topic_of(const event&) noexcept;

std::string to_string(const uuid&);
std::optional<uuid> uuid_from_string(std::string_view) noexcept;
// RFC 3339, UTC, Z, exactly three fractional digits: 24 characters for years 0000–9999 (others are clamped).
std::string to_string(timestamp);
void append_timestamp(std::string& out, timestamp);
// Any RFC 3339 time with any offset and 0–9 fractional digits (rounded down to ms); nullopt when malformed or out of range.
std::optional<timestamp> timestamp_from_rfc3339(std::string_view) noexcept;

void append_json_string(std::string& out, std::string_view utf8);  // quotes, escapes; invalid UTF-8 becomes U+FFFD

// --- the Kafka form ---------------------------------------------------------------------------------------------------------------
struct attribute { std::string_view name; std::string value; };  // CloudEvents name without prefix: "type", "tenantid", …

// An event as it goes into the journal: the body as JSON with two places left open that only the journal's writer can fill, at
// fixed offsets, so that stamping costs no second encoding.
class encoded_event {
 public:
  std::string body;                   // the data, JSON
  std::vector<attribute> attributes;  // everything but id, recordedtime, sbjournal, sbseq: those are added at hand-over
  std::string key;                    // the Kafka key
  uuid id;
  topic_class topic = topic_class::inbound;

  void stamp(timestamp recorded_at);           // writes event.recorded_at into the body
  void replace_id(const uuid& id);             // id_conflict: writes event.id and adds the flag to the body
};

struct codec_settings { std::string dataschema_base; };  // empty: no dataschema attribute
encoded_event encode(const event&, const codec_settings&);

// --- the structured form: one JSON object, CloudEvents 1.0 ------------------------------------------------------------------------
// `sequence` is (sbjournal, sbseq) where the event has been published; offline there is none.
std::string structured(const encoded_event&, timestamp recorded_at, const std::optional<std::pair<uuid, std::uint64_t>>& sequence);

}  // namespace switchboard::schemas
