#include "connectors/sms/twilio_messaging/decode.hpp"

#include <algorithm>

#include "connectors/common/fingerprint.hpp"
#include "connectors/common/json.hpp"
#include "connectors/common/text.hpp"
#include "connectors/common/url.hpp"
#include "connectors/sms/twilio_messaging/message.hpp"
#include "connectors/sms/twilio_messaging/verify.hpp"

namespace switchboard::connectors::twilio_messaging {

namespace {

enum class shape : std::uint8_t { message, status, other };

// Twilio names no kind: it is told by which parameters are there. Hooks of its other products are recognised first.
shape shape_of(const form& from) {
  for (const std::string_view other :
       {"CallSid", "RecordingSid", "TranscriptionSid", "ConversationSid", "ConferenceSid"})
    if (from.find(other)) return shape::other;
  const std::string_view status = from.find("MessageStatus").value_or(from.get("SmsStatus"));
  if (status == "received" || status == "receiving") return shape::message;
  if (!status.empty()) return shape::status;
  return from.find("Body") || from.find("NumMedia") ? shape::message : shape::other;
}

std::string_view kind_of_other(const form& from) {
  if (from.find("ConversationSid")) return from.get("EventType").empty() ? "conversation" : from.get("EventType");
  for (const auto& [name, kind] : {std::pair<std::string_view, std::string_view>{"ConferenceSid", "conference"},
                                   {"TranscriptionSid", "transcription"},
                                   {"RecordingSid", "recording"},
                                   {"CallSid", "call"}})
    if (from.find(name)) return kind;
  return "parameters";
}

void decode_parameters(const source_of_message& m, std::string_view raw, decoded& out) {
  switch (shape_of(m.from)) {
    case shape::message:
      out.items = decode_message(m);
      break;
    case shape::status:
      out.items = decode_status(m);
      break;
    case shape::other:
      out.items = {decode_unknown(m, kind_of_other(m.from), raw)};
      break;
  }
  for (item& each : out.items) {
    if (auto* refused = std::get_if<item_rejected>(&each)) refused->raw = raw;
    if (auto* unknown = std::get_if<unsupported>(&each)) unknown->raw = raw;
  }
}

// Event Streams: CloudEvents, one or a list. None of its types is decoded; each is kept under its own id.
item decode_cloud_event(json::element each, const inbound& request, const authentic& who) {
  contact fact;
  schemas::event& event = fact.event;
  event.channel = schemas::channel::sms;
  event.provider = "twilio";
  event.product = "event-streams";
  event.account.id = who.principal;
  event.time = request.received_at;
  std::string raw = json::minified(each);
  fact.fingerprint = fingerprint().add(raw).value();
  std::string kind = "json";
  if (json::object object; !each.get(object)) {
    json::reader from(object, "");
    if (const auto at = from.time("time"))
      event.time = *at;
    else
      event.add(schemas::flag::time_from_receipt);
    const std::string_view type = from.identifier("type");
    if (!type.empty()) kind = type;
    // The test event has the account's id every time; only its test_id tells one from the next.
    std::string_view id = from.identifier("id");
    if (type == "com.twilio.eventstreams.test-event")
      if (const auto data = from.sub("data")) id = json::reader(*data, "/data").identifier("test_id");
    fact.key = id;
    event.object.external_id = id;
  } else {
    event.add(schemas::flag::time_from_receipt);
  }
  return unsupported{std::move(fact), "twilio/" + kind, std::move(raw)};
}

decoded decode_json(const inbound& request, const authentic& who, const limits& limits) {
  decoded out;
  const auto root = json::parse(request.body, limits.depth);
  if (!root) {
    out.whole = {root.error(), "", std::string(request.body)};
    return out;
  }
  json::array list;
  if (root->get(list)) {
    out.items.push_back(decode_cloud_event(*root, request, who));
  } else if (list.size() > limits.items) {
    out.whole = {reject_code::too_many_items, "", std::string(request.body)};
  } else {
    for (const json::element each : list) out.items.push_back(decode_cloud_event(each, request, who));
  }
  return out;
}

}  // namespace

decoded decode(const inbound& request, const prepared& settings, const authentic& who, const limits& limits) {
  const packing how = packing_of(request);
  if (how == packing::json) return decode_json(request, who, limits);
  decoded out;
  const std::string_view raw = how == packing::query ? query_of(request.target) : request.body;
  const auto from = form::parse(raw);
  if (!from) {
    out.whole = {from.error(), "", std::string(raw)};
    return out;
  }
  const std::string delivery = repaired(request.find("I-Twilio-Idempotency-Token").value_or(""));
  decode_parameters({*from, static_cast<const configuration&>(settings), limits, request.received_at, delivery}, raw,
                    out);
  return out;
}

response reply(const inbound&, const prepared& settings, const decoded& what, std::span<const item_outcome> outcomes) {
  const auto& configured = static_cast<const configuration&>(settings);
  response out{200, "text/xml", R"(<?xml version="1.0" encoding="UTF-8"?><Response/>)", {}};
  // An answer goes to whoever wrote; not to STOP and the like (Twilio has answered those itself), nor to what is kept
  // only for a person to look at.
  const auto* message = what.items.size() == 1 ? std::get_if<contact>(&what.items.front()) : nullptr;
  if (configured.reply_text.empty() || !message || message->event.type != schemas::event_type::message_received)
    return out;
  const auto& interaction = message->event.message->interaction;
  if (interaction && interaction->kind == schemas::interaction_kind::keyword) return out;
  if (!outcomes.empty() && outcomes.front() == item_outcome::quarantined) return out;
  out.body = R"(<?xml version="1.0" encoding="UTF-8"?><Response><Message>)";
  append_xml(out.body, configured.reply_text);
  out.body += "</Message></Response>";
  return out;
}

}  // namespace switchboard::connectors::twilio_messaging
