#include "connectors/generic/cloudevents/decode.hpp"

#include "connectors/common/fingerprint.hpp"
#include "connectors/common/mapped_item.hpp"
#include "connectors/common/text.hpp"
#include "connectors/generic/cloudevents/cloudevents.hpp"
#include "connectors/generic/cloudevents/event.hpp"
#include "connectors/generic/cloudevents/verify.hpp"
#include "schemas/codec.hpp"

namespace switchboard::connectors::cloudevents {

namespace {

struct delivery {
  const inbound& request;
  const configuration& settings;
  const connectors::limits& limits;
};

// Where an event stands in its request, for what is kept of it.
struct place {
  std::optional<json::element> whole;  // nullopt: the body is its data
  std::string pointer;                 // "/3" in a batch
  std::string raw(const delivery& d) const { return whole ? json::minified(*whole) : std::string(d.request.body); }
};

mapped_delivery described(const carried& event, const std::string& id, const std::string& type, const delivery& d) {
  return {.carrier = name,
          .id = id,
          .raw = event.bytes ? std::string_view(*event.bytes) : std::string_view{},
          .content_type = type,
          .account = event.source,
          .received_at = d.request.received_at,
          .sent = event.time,
          .kind = event.type};
}

// Data that are no text: the bytes become an attachment, to which intake then lets the payload point.
void fill_blob(const carried& from, std::string_view media_type, contact& fact) {
  schemas::event& event = fact.event;
  event.type = schemas::event_type::form_submitted;
  event.payload = {std::string(media_type.empty() ? "application/octet-stream" : media_type), {}, {}};
  schemas::attachment whole;
  whole.id = "payload";
  whole.kind = attachment_kind_of(event.payload->content_type);
  whole.content_type = media_type.empty() ? event.payload->content_type : from.content_type;  // with its charset
  whole.size = static_cast<std::int64_t>(from.bytes->size());
  whole.state = schemas::attachment_state::stored;
  fact.blobs.push_back({event.attachments.size(), *from.bytes});
  event.attachments.push_back(std::move(whole));
}

// What is not JSON has no values that a pointer could name.
item opaque(const carried& event, const mapped_delivery& m, const mapping_settings& settings) {
  contact fact = mapped_base(m, settings);
  fact.fingerprint = fingerprint().add(*event.bytes).value();
  if (settings.of(event.type) == meaning::ignored)
    return unsupported{std::move(fact), std::string(name) + "/" + event.type, {}};
  if (event.is_text)
    fill_payload(*event.bytes, m.content_type, fact);
  else
    fill_blob(event, m.content_type, fact);
  return fact;
}

// What every fact takes over from the event's attributes.
void name_origin(const carried& from, contact& fact) {
  schemas::event& event = fact.event;
  fact.key = from.source + "\n" + from.id;
  fact.fingerprint = fingerprint()
                         .add(from.type)
                         .add(from.subject)
                         .add(from.dataschema)
                         .add(std::to_string(fact.fingerprint))
                         .add(from.time ? schemas::to_string(*from.time) : std::string())
                         .value();
  event.delivery_id = from.id;
  event.origin = {from.id, from.source, from.type, from.subject, from.dataschema, from.extensions};
  if (const auto* trace = from.extension("traceparent")) event.traceparent = trace->value;
  if (const auto* sequence = from.extension("sequence"); sequence && !event.provider_sequence)
    event.provider_sequence = {from.source, sequence->value};
}

void take(const carried& event, const place& where, const delivery& d, decoded& out) {
  const mapping_settings& mapping = d.settings.mapping;
  const std::string type = repaired(media_type(event.content_type)), id = event.source + "#" + event.id;
  mapped_delivery m = described(event, id, type, d);
  if (!event.version.empty() && event.version != "1.0") {
    contact fact = mapped_base(m, mapping);
    std::string raw = where.raw(d);
    fact.key.clear();
    fact.fingerprint = fingerprint().add(raw).add(event.source).add(event.id).value();
    if (!event.wrong) name_origin(event, fact);
    out.items.push_back(unsupported{std::move(fact), "cloudevents/specversion/" + event.version, std::move(raw)});
    return;
  }
  if (event.wrong) {
    out.items.push_back(item_rejected{event.wrong->code, where.pointer + event.wrong->where, where.raw(d)});
    return;
  }

  decoded made;
  if (event.json) {
    map_body(*event.json, std::move(m), mapping, d.limits, made);
  } else if (event.bytes) {
    made.items.push_back(opaque(event, m, mapping));
  } else {
    m.raw = "null";
    m.content_type = "application/json";
    map_body(*json::parse_copy(m.raw, d.limits.depth), std::move(m), mapping, d.limits, made);
  }
  if (made.whole) made.items.emplace_back(std::move(*made.whole));
  for (item& each : made.items) {
    if (auto* fact = std::get_if<contact>(&each)) {
      name_origin(event, *fact);
    } else if (auto* unknown = std::get_if<unsupported>(&each)) {
      name_origin(event, unknown->fact);
      unknown->raw = where.raw(d);
    } else {
      auto& rejected = std::get<item_rejected>(each);
      if (rejected.pointer.starts_with('/')) rejected.pointer = where.pointer + "/data" + rejected.pointer;
      rejected.raw = where.raw(d);
    }
    out.items.push_back(std::move(each));
  }
}

void take_structured(json::element each, std::string pointer, const delivery& d, decoded& out) {
  const place where{each, std::move(pointer)};
  json::object event;
  if (each.get(event))
    out.items.push_back(item_rejected{reject_code::wrong_type, where.pointer, where.raw(d)});
  else
    take(read_structured(event, d.limits.depth), where, d, out);
}

// A format of events that we do not read, or none: an item of an unknown kind, whole.
unsupported unreadable(const std::string& type, const delivery& d) {
  unsupported out{mapped_base({.carrier = name, .raw = {}, .content_type = {}, .received_at = d.request.received_at},
                              d.settings.mapping),
                  "cloudevents/" + type, std::string(d.request.body)};
  out.fact.fingerprint = fingerprint().add(d.request.body).value();
  return out;
}

void take_batch(const delivery& d, decoded& out) {
  const auto refuse = [&](reject_code code) { out.whole = item_rejected{code, {}, std::string(d.request.body)}; };
  const auto root = json::parse(d.request.body, d.limits.depth);
  json::array list;
  if (!root) return refuse(root.error());
  if (root->get(list)) return refuse(reject_code::wrong_type);
  if (list.size() > d.limits.items) return refuse(reject_code::too_many_items);
  // The standard allows it: somebody asks whether anybody is there.
  if (list.size() == 0) out.handshake = handshake{200, "application/json", "{}", {}, {}};
  out.items.reserve(list.size());
  std::size_t index = 0;
  for (const json::element each : list) take_structured(each, "/" + std::to_string(index++), d, out);
}

}  // namespace

decoded decode(const inbound& request, const prepared& settings, const authentic&, const limits& limits) {
  decoded out;
  const delivery d{request, static_cast<const configuration&>(settings), limits};
  if (request.method == "OPTIONS") {
    out.handshake = granted(request, d.settings.handshake);
    return out;
  }
  const std::string type = repaired(media_type(request.find("Content-Type").value_or("")));
  if (type == "application/cloudevents-batch+json") {
    take_batch(d, out);
  } else if (type == "application/cloudevents+json") {
    const auto root = json::parse(request.body, limits.depth);
    if (root)
      take_structured(*root, {}, d, out);
    else
      out.whole = item_rejected{root.error(), {}, std::string(request.body)};
  } else if (type.starts_with("application/cloudevents")) {
    out.items.emplace_back(unreadable(type, d));
  } else {
    take(read_binary(request, limits.depth), {}, d, out);
  }
  return out;
}

response reply(const inbound&, const prepared&, const decoded&, std::span<const item_outcome>) {
  return {200, "application/json", "{}", {}};
}

}  // namespace switchboard::connectors::cloudevents
