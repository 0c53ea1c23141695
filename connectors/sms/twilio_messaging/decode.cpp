#include "connectors/sms/twilio_messaging/decode.hpp"

#include "connectors/common/text.hpp"
#include "connectors/sms/twilio_messaging/message.hpp"

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
      out.items = {twilio::unknown_hook(m.request, m.from, schemas::channel::sms, kind_of_other(m.from))};
      break;
  }
  for (item& each : out.items) {
    if (auto* refused = std::get_if<item_rejected>(&each)) {
      refused->raw = raw;
      refused->account.id = repaired(m.from.get(shape_of(m.from) == shape::status ? "From" : "To"));
    }
    if (auto* unknown = std::get_if<unsupported>(&each)) unknown->raw = raw;
  }
}

}  // namespace

decoded decode(const inbound& request, const prepared& settings, const authentic& who, const limits& limits) {
  if (twilio::packing_of(request) == twilio::packing::json)
    return twilio::decode_event_streams(request, schemas::channel::sms, who, limits);
  decoded out;
  const std::string_view raw = twilio::encoded_parameters(request);
  const auto from = form::parse(raw);
  if (!from)
    out.whole = {from.error(), "", std::string(raw)};
  else
    decode_parameters({*from, static_cast<const configuration&>(settings), limits, request}, raw, out);
  return out;
}

response reply(const inbound&, const prepared& settings, const decoded& what, std::span<const item_outcome> outcomes) {
  const auto& configured = static_cast<const configuration&>(settings);
  // An answer goes to whoever wrote; not to STOP and the like (Twilio has answered those itself), nor to what is kept
  // only for a person to look at.
  const auto* message = what.items.size() == 1 ? std::get_if<contact>(&what.items.front()) : nullptr;
  if (configured.reply_text.empty() || !message || message->event.type != schemas::event_type::message_received)
    return twilio::twiml({});
  const auto& interaction = message->event.message->interaction;
  if (interaction && interaction->kind == schemas::interaction_kind::keyword) return twilio::twiml({});
  if (!outcomes.empty() && outcomes.front() == item_outcome::quarantined) return twilio::twiml({});
  std::string verbs = "<Message>";
  append_xml(verbs, configured.reply_text);
  return twilio::twiml(verbs + "</Message>");
}

}  // namespace switchboard::connectors::twilio_messaging
