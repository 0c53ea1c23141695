#include "schemas/records.hpp"

#include <algorithm>
#include <cassert>
#include <span>

#include "schemas/body.hpp"
#include "schemas/envelope.hpp"

namespace switchboard::schemas {

namespace {

void write_original(json_writer& w, const original& o) {
  w.object("source", [&] {
    w.text("id", o.source.id);
    w.text("connector", o.source.connector);
    w.text("connector_version", o.source.connector_version);
  });
  w.time("received_at", o.received_at);
  w.text("code", o.code);
  w.text("reason", o.reason);
  w.object("verdict", [&] {
    w.text("method", o.verdict.method);
    w.name("result", o.verdict.result);
    w.text("principal", o.verdict.principal);
  });
  assert(o.inbound.bytes.empty() != o.inbound.blob.empty());
  w.object("inbound", [&] {
    w.text("algorithm", o.inbound.algorithm);
    w.text("key_id", o.inbound.key_id);
    w.integer("size", o.inbound.size);
    if (!o.inbound.bytes.empty()) w.base64("sealed", o.inbound.bytes);
    w.text("blob", o.inbound.blob);
  });
}

encoded_event begin(const uuid& id, topic_class topic, std::string key) {
  encoded_event out;
  out.id = id;
  out.topic = topic;
  out.key = std::move(key);
  return out;
}

encoded_event begin_original(const original& o, std::string_view type, topic_class topic,
                             const codec_settings& settings) {
  encoded_event out = begin(o.id, topic, to_string(o.id));
  out.attributes = {{"source", source_uri(o.tenant, o.source.id)},
                    {"type", std::string(type)},
                    {"time", to_string(o.received_at)},
                    {"datacontenttype", "application/json"}};
  if (!settings.dataschema_base.empty())
    out.attributes.emplace_back("dataschema", dataschema_uri(settings.dataschema_base, type));
  out.attributes.emplace_back("partitionkey", out.key);
  if (!o.tenant.empty()) out.attributes.emplace_back("tenantid", o.tenant);
  out.attributes.emplace_back("dataclassification", "restricted");
  out.attributes.emplace_back("datacategory", "sensitive");
  if (!o.traceparent.empty()) out.attributes.emplace_back("traceparent", o.traceparent);
  out.body.reserve(1024 + o.inbound.bytes.size() / 3 * 4);
  append_head(out.body, o.id, o.recorded_at, type, o.received_at, o.tenant);
  return out;
}

void append_sequence_text(std::string& out, std::uint64_t value) {
  out += '"';
  append_sequence_number(out, value);
  out += '"';
}

}  // namespace

encoded_event encode(const quarantine_record& r, const codec_settings& settings) {
  encoded_event out = begin_original(r, quarantine_type, topic_class::quarantine, settings);
  json_writer w(out.body);
  write_original(w, r);
  w.text("pointer", r.pointer);
  w.integer("item", r.item);
  out.body += '}';
  return out;
}

encoded_event encode(const raw_record& r, const codec_settings& settings) {
  encoded_event out = begin_original(r, raw_type, topic_class::raw, settings);
  json_writer w(out.body);
  write_original(w, r);
  const std::span written(r.event_ids.data(), std::min(r.event_ids.size(), raw_record::event_ids_limit));
  w.values("event_ids", written, [](std::string& to, const uuid& id) {
    to += '"';
    append_uuid(to, id);
    to += '"';
  });
  out.body += '}';
  return out;
}

encoded_event encode(const heartbeat_record& h, const codec_settings& settings) {
  const std::string journal = to_string(h.journal);
  encoded_event out = begin(h.id, topic_class::control, journal);
  out.attributes = {{"source", "/journals/" + journal},
                    {"type", std::string(heartbeat_type)},
                    {"subject", journal},
                    {"time", to_string(h.time)},
                    {"datacontenttype", "application/json"}};
  if (!settings.dataschema_base.empty())
    out.attributes.emplace_back("dataschema", dataschema_uri(settings.dataschema_base, heartbeat_type));
  out.attributes.emplace_back("partitionkey", journal);

  append_head(out.body, h.id, h.recorded_at, heartbeat_type, h.time, {});
  json_writer w(out.body);
  w.constant("journal", journal);
  w.time("oldest_unpublished", h.oldest_unpublished);
  w.objects("topics", h.topics, [&](const heartbeat_record::topic_state& t) {
    w.text("topic", t.topic);
    if (t.last_sequence > 0) w.value("last_sbseq", [&](std::string& to) { append_sequence_text(to, t.last_sequence); });
    const std::size_t written = std::min(t.dead_lettered.size(), heartbeat_record::dead_lettered_limit);
    w.values("dead_lettered_sbseqs", std::span(t.dead_lettered).last(written), append_sequence_text);
    w.integer("dead_lettered_count", static_cast<std::int64_t>(t.dead_lettered_count));
  });
  out.body += '}';
  return out;
}

}  // namespace switchboard::schemas
