#include "connectors/sms/twilio_messaging/twilio_messaging.hpp"

#include SWITCHBOARD_CONNECTOR_SAMPLES
#include "connectors/sms/twilio_messaging/decode.hpp"
#include "connectors/sms/twilio_messaging/settings.hpp"

namespace switchboard::connectors::twilio_messaging {

namespace {
constexpr std::string_view methods[] = {"POST", "GET"};

using type = schemas::event_type;
constexpr emission emits[] = {
    {"an incoming message", type::message_received,
     "channel `sms` for SMS, MMS and RCS, `chat` for WhatsApp, Messenger and the like"},
    {"`MediaUrl…`", type::message_received, "attachments, state `pending`, with their URL"},
    {"buttons, lists, flows", type::message_received, "`message.interaction` of kind `button`, `list`, `flow`"},
    {"location, contacts, stickers", type::message_received, "kind `location`, `contact_card`, `sticker`"},
    {"click-to-WhatsApp", type::message_received, "`message.referral`"},
    {"a reply to a message", type::message_received, "`related` `in_reply_to`, `message.context`"},
    {"forwarded, frequently forwarded", type::message_received,
     "`message.forwarded.often` false, true; Twilio does not name the original"},
    {"`OptOutType` STOP or START", type::consent_changed,
     "derived from the message, which is an event too; in an SMS also the words on which Twilio blocks and unblocks a "
     "number, unless `keywords: false`"},
    {"`MessageStatus`", type::receipt,
     "direction `system`; `undelivered`, `failed` and `canceled` are `failed` with Twilio's error"},
    {"calls, recordings, Conversations hooks, Event Streams, anything else that is authentic", type::unsupported,
     "kept whole"},
};

verdict verify(const inbound& request, const prepared& settings, const fetched_keys&) {
  return twilio::verify(request, static_cast<const configuration&>(settings).tokens);
}

outbound sign(const sample& what, const prepared& settings, std::string_view public_url, const freshness& fresh) {
  return twilio::sign(what, static_cast<const configuration&>(settings).tokens, public_url, fresh);
}
}  // namespace

const connector definition{
    .name = name,
    .channel = "sms",
    .provider = "twilio",
    .title = "Twilio messaging (SMS, MMS, RCS, WhatsApp, Messenger)",
    .version = "1",
    .status = maturity::stable,
    .limits = {.body_bytes = 256 << 10, .items = 1000, .depth = 64, .text_bytes = 64 << 10},
    .retry = {.retries_for = std::chrono::seconds(15),
              .deadline = std::chrono::seconds(15),
              .text = "once more when the connection fails, then the fallback URL; all within 15 seconds",
              .advice = "append #rc=5&rp=all to the webhook URL and set a fallback URL on another node: after that the "
                        "request is gone"},
    .posture = {.authentication = "HMAC-SHA1 with the Auth Token (or HMAC-SHA256 with a shared key) over the URL and "
                                  "every parameter",
                .replay_window = false,
                .remark = "requests carry no time: a replayed one is told by its MessageSid"},
    .example = example,
    .methods = methods,
    .emits = emits,
    .credentials = twilio::credential_options,
    .settings = setting_options,
    .samples = samples,
    .prepare = prepare,
    .verify = verify,
    .decode = decode,
    .reply = reply,
    .sign = sign,
};

}  // namespace switchboard::connectors::twilio_messaging
