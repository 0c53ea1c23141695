#include "schemas/codec.hpp"

#include <algorithm>
#include <array>
#include <cassert>

#include "schemas/body.hpp"
#include "schemas/envelope.hpp"

namespace switchboard::schemas {

namespace {

constexpr std::array<type_info, event_type_count> types = [] {
  using enum topic_class;
  struct row {
    event_type type;
    topic_class topic;
    std::string_view block;
  };
  constexpr row rows[] = {
      {event_type::message_received, inbound, "message"},
      {event_type::message_sent, activity, "message"},
      {event_type::message_edited, inbound, "message"},
      {event_type::message_deleted, inbound, "deletion"},
      {event_type::reaction, inbound, "reaction"},
      {event_type::receipt, activity, "receipt"},
      {event_type::call_started, inbound, "call"},
      {event_type::call_progressed, activity, "call"},
      {event_type::call_ended, activity, "call"},
      {event_type::call_input, inbound, "input"},
      {event_type::call_recorded, activity, "recording"},
      {event_type::call_transcribed, activity, "transcript"},
      {event_type::feedback_submitted, inbound, "feedback"},
      {event_type::feedback_edited, inbound, "feedback"},
      {event_type::feedback_deleted, inbound, "feedback"},
      {event_type::form_submitted, inbound, "form"},
      {event_type::visit_recorded, inbound, "visit"},
      {event_type::callback_requested, inbound, "callback"},
      {event_type::consent_changed, inbound, "consent"},
      {event_type::membership_changed, inbound, "membership"},
      {event_type::conversation_changed, activity, "status"},
      {event_type::session_started, activity, "session"},
      {event_type::session_ended, activity, "session"},
      {event_type::referral, inbound, "referral"},
      {event_type::identity_linked, inbound, "link"},
      {event_type::conversation_linked, inbound, "link"},
      {event_type::attachment_updated, inbound, "attachments"},
      {event_type::erasure_requested, activity, "erasure"},
      {event_type::unsupported, inbound, "unsupported"},
  };
  std::array<type_info, event_type_count> table{};
  for (const row& r : rows) table[static_cast<std::size_t>(r.type)] = {to_string(r.type), r.topic, r.block};
  return table;
}();
static_assert(std::ranges::none_of(types, [](const type_info& t) { return t.block.empty(); }));

constexpr std::string_view id_conflict_name = to_string(flag::id_conflict);

struct header_name {
  std::string_view attribute, header;
};
constexpr header_name header_names[] = {
    {"type", "ce_type"},
    {"source", "ce_source"},
    {"subject", "ce_subject"},
    {"time", "ce_time"},
    {"recordedtime", "ce_recordedtime"},
    {"datacontenttype", "content-type"},
    {"dataschema", "ce_dataschema"},
    {"partitionkey", "ce_partitionkey"},
    {"tenantid", "ce_tenantid"},
    {"channel", "ce_channel"},
    {"direction", "ce_direction"},
    {"category", "ce_category"},
    {"dataclassification", "ce_dataclassification"},
    {"datacategory", "ce_datacategory"},
    {"traceparent", "ce_traceparent"},
    {"specversion", "ce_specversion"},
    {"id", "ce_id"},
    {"sbjournal", "ce_sbjournal"},
    {"sbseq", "ce_sbseq"},
};

void append_member(std::string& out, std::string_view name, std::string_view value) {
  out += ",\"";
  out += name;
  out += "\":";
  append_json_string(out, value);
}

template <class Attributes>
void write_structured(std::string& out, const uuid& id, const Attributes& attributes, std::string_view body,
                      timestamp recorded_at, const std::optional<sequence>& place) {
  assert(body.size() > recorded_at_offset + recorded_at_length);
  out.reserve(out.size() + body.size() + 1024);
  out += R"({"specversion":"1.0","id":")";
  append_uuid(out, id);
  out += '"';
  for (const auto& [name, value] : attributes) {
    append_member(out, name, value);
    if (name == "time") {
      out += R"(,"recordedtime":")";
      append_timestamp(out, recorded_at);
      out += '"';
    }
  }
  if (place) {
    out += R"(,"sbjournal":")";
    append_uuid(out, place->first);
    out += R"(","sbseq":")";
    append_sequence_number(out, place->second);
    out += '"';
  }
  out += R"(,"data":)";
  out += body.substr(0, recorded_at_offset);
  append_timestamp(out, recorded_at);
  out += body.substr(recorded_at_offset + recorded_at_length);
  out += '}';
}

}  // namespace

const type_info& info(event_type type) noexcept { return types[static_cast<std::size_t>(type)]; }

std::optional<event_type> event_type_from_name(std::string_view name) noexcept { return from_string<event_type>(name); }

topic_class topic_of(const event& e) noexcept {
  const bool voicemail = e.recording && e.recording->purpose == recording_purpose::voicemail;
  switch (e.type) {
    case event_type::call_recorded:
    case event_type::call_transcribed:
      return voicemail ? topic_class::inbound : topic_class::activity;
    case event_type::call_input:
      return e.input && e.input->partial ? topic_class::activity : topic_class::inbound;
    case event_type::attachment_updated:
      return e.direction != direction::inbound || (e.recording && !voicemail) ? topic_class::activity
                                                                              : topic_class::inbound;
    default:
      return info(e.type).topic;
  }
}

std::string_view default_topic(topic_class topic) noexcept {
  constexpr std::array<std::string_view, 6> kafka_names{"contacts.inbound.v1",    "contacts.activity.v1",
                                                        "contacts.quarantine.v1", "contacts.raw.v1",
                                                        "contacts.control.v1",    "contacts.dead-letter.v1"};
  static_assert(kafka_names.size() == wire_names<topic_class>().size());
  return kafka_names[static_cast<std::size_t>(topic)];
}

void encoded_event::stamp(timestamp recorded_at) {
  assert(body.size() > recorded_at_offset + recorded_at_length);
  std::string text;
  append_timestamp(text, recorded_at);
  body.replace(recorded_at_offset, recorded_at_length, text);
}

void encoded_event::replace_id(const uuid& replacement) {
  assert(body.size() > id_offset + id_length);
  id = replacement;
  std::string text;
  append_uuid(text, replacement);
  body.replace(id_offset, id_length, text);

  // The flags are the last member if there are any. Unescaped quotes around the key cannot stand inside a string.
  constexpr std::string_view opening = R"(,"flags":[)";
  if (body.ends_with("]}")) {
    const std::size_t bracket = body.rfind('[');
    const std::size_t start = bracket + 1 - opening.size();
    if (bracket + 1 >= opening.size() && std::string_view(body).substr(start, opening.size()) == opening) {
      std::string quoted = "\"";
      quoted += id_conflict_name;
      quoted += '"';
      if (body.find(quoted, bracket) != std::string::npos) return;
      body.insert(body.size() - 2, "," + quoted);
      return;
    }
  }
  body.pop_back();
  body += opening;
  body += '"';
  body += id_conflict_name;
  body += "\"]}";
}

encoded_event encode(const event& e, const codec_settings& settings) {
  encoded_event out;
  out.id = e.id;
  out.topic = topic_of(e);
  out.key = !e.partition_key.empty()     ? e.partition_key
            : !e.conversation.id.empty() ? e.conversation.id
                                         : to_string(e.id);

  const std::string_view type = to_string(e.type);
  out.attributes.reserve(14);
  const auto add = [&](std::string_view name, std::string value) {
    if (!value.empty()) out.attributes.emplace_back(name, std::move(value));
  };
  add("source", source_uri(e.tenant, e.source.id));
  add("type", std::string(type));
  add("subject", e.conversation.id);
  add("time", to_string(e.time));
  add("datacontenttype", "application/json");
  if (!settings.dataschema_base.empty()) add("dataschema", dataschema_uri(settings.dataschema_base, type));
  add("partitionkey", out.key);
  add("tenantid", e.tenant);
  add("channel", std::string(to_string(e.channel)));
  add("direction", std::string(to_string(e.direction)));
  if (e.handling && e.handling->category) add("category", std::string(to_string(*e.handling->category)));
  add("dataclassification", e.restricted ? "restricted" : "confidential");
  add("datacategory", e.sensitive ? "sensitive" : "standard");
  add("traceparent", e.traceparent);

  out.body.reserve(2048 + e.text.size() + e.text_unquoted.size());
  append_body(out.body, e);
  return out;
}

std::size_t excess(const encoded_event& e) noexcept {
  constexpr std::size_t envelope = 256;  // specversion, id, recordedtime, sbjournal, sbseq, data
  constexpr std::string_view conflict = R"(,"flags":["id_conflict"])", truncated = R"(,"flags":["truncated"])";
  std::size_t size = e.body.size() + envelope + conflict.size();
  for (const attribute& a : e.attributes) size += a.name.size() + 6 * a.value.size() + 6;
  return size > value_limit ? size - value_limit + truncated.size() : 0;
}

std::string_view binary_header(std::string_view attribute) noexcept {
  const auto found = std::ranges::find(header_names, attribute, &header_name::attribute);
  return found == std::ranges::end(header_names) ? std::string_view() : found->header;
}

std::string structured(const encoded_event& e, timestamp recorded_at, const std::optional<sequence>& place) {
  std::string out;
  write_structured(out, e.id, e.attributes, e.body, recorded_at, place);
  return out;
}

void append_structured(std::string& out, const uuid& id,
                       std::span<const std::pair<std::string_view, std::string_view>> attributes, std::string_view body,
                       timestamp recorded_at, const std::optional<sequence>& place) {
  write_structured(out, id, attributes, body, recorded_at, place);
}

}  // namespace switchboard::schemas
