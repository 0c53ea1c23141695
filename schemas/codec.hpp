// Writes events. One codec for everything that leaves: Kafka values, `decode` and `tail` output, golden files.
//
// Pure functions, any thread. The JSON is compact, members in a fixed order, so equal events give equal bytes. Texts
// may hold any bytes: what is not UTF-8 leaves as U+FFFD. Numbers that JSON cannot hold (NaN, infinity) count as
// absent.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "schemas/event.hpp"
#include "schemas/names.hpp"
#include "schemas/text.hpp"

namespace switchboard::schemas {

// --- types and topics ---
struct type_info {
  std::string_view name;   // "contact.message.received.v1"
  topic_class topic;       // before routing rules; see topic_of()
  std::string_view block;  // "message"
};
const type_info& info(event_type) noexcept;
std::optional<event_type> event_type_from_name(std::string_view) noexcept;
// The topic of this event: the type's, except voicemail (inbound), partial input (activity) and similar cases of the
// event page.
topic_class topic_of(const event&) noexcept;
// Kafka's name for a logical topic, where the configuration names none: "contacts.inbound.v1".
std::string_view default_topic(topic_class) noexcept;

// --- the Kafka form ---
// A CloudEvents attribute; the name without prefix ("type", "tenantid"), static storage.
struct attribute {
  std::string_view name;
  std::string value;
};

// An event as it goes into the journal: the body as JSON with two places left open that only the journal's writer can
// fill, at fixed offsets, so that stamping costs no second encoding. The records of records.hpp have the same form.
class encoded_event {
 public:
  std::string body;                   // the data, JSON: {"event":{"id":"…","recorded_at":"…", … ,"flags":[…]}
  std::vector<attribute> attributes;  // everything but id, recordedtime, sbjournal, sbseq: those are added at hand-over
  std::string key;                    // the Kafka key, never empty
  uuid id;
  topic_class topic = topic_class::inbound;

  void stamp(timestamp recorded_at);  // writes event.recorded_at into the body
  void replace_id(const uuid& id);    // id_conflict: writes event.id and adds the flag to the body
};

struct codec_settings {
  std::string dataschema_base;  // empty: no dataschema attribute
};
encoded_event encode(const event&, const codec_settings&);

// What leaves is at most this long, in either content mode.
inline constexpr std::size_t value_limit = 256u << 10;
// Bytes by which the longest form of the event (structured, marked as a conflict) is past value_limit, and the room for
// flag::truncated; 0: it fits. To make it fit, cut at least as many bytes of text, set the flag and encode again: a
// byte of text is never less than a byte of JSON.
std::size_t excess(const encoded_event&) noexcept;

// Where a record stands once it is in the journal: (sbjournal, sbseq).
using sequence = std::pair<uuid, std::uint64_t>;

// Binary mode: the Kafka header that carries an attribute: "type" → "ce_type", "datacontenttype" → "content-type". For
// every name that an encoded_event carries and for specversion, id, recordedtime, sbjournal, sbseq; static storage,
// empty for any other name.
std::string_view binary_header(std::string_view attribute) noexcept;

// --- the structured form: one JSON object, CloudEvents 1.0 ---
// `place` is (sbjournal, sbseq) where the event has been published; offline there is none. recorded_at is stamped into
// the copy.
std::string structured(const encoded_event&, timestamp recorded_at, const std::optional<sequence>& place);
// The same from what the journal gives back.
void append_structured(std::string& out, const uuid& id,
                       std::span<const std::pair<std::string_view, std::string_view>> attributes, std::string_view body,
                       timestamp recorded_at, const std::optional<sequence>& place);

}  // namespace switchboard::schemas
