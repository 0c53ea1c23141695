#include "connectors/chat/meta_whatsapp/meta_whatsapp.hpp"

#include SWITCHBOARD_CONNECTOR_SAMPLES
#include "connectors/chat/meta_whatsapp/decode.hpp"
#include "connectors/chat/meta_whatsapp/settings.hpp"

namespace switchboard::connectors::meta_whatsapp {

namespace {
constexpr std::string_view methods[] = {"POST", "GET"};

using type = schemas::event_type;
constexpr emission emits[] = {
    {"`text`", type::message_received, "kind `text`"},
    {"`image`, `video`, `audio`, `document`, `sticker`", type::message_received,
     "kind `media` or `sticker`; the attachment `pending`, with media id (`provider_ref`), SHA-256 and the end of its "
     "seven "
     "days; a caption is `text`; a voice message is an attachment of kind `voice`"},
    {"`location`, `contacts`, `order`", type::message_received, "kind `location`, `contact_card`, `order`"},
    {"`button`, `interactive`: `button_reply`, `list_reply`", type::message_received,
     "`message.interaction` of kind `button`, `list`; its title is `text` too"},
    {"`interactive`: `nfm_reply`", type::message_received,
     "`message.interaction` of kind `flow`, the answers as `fields`; answers that are no object stay in `payload`"},
    {"`interactive`: `call_permission_reply`", type::message_received,
     "`message.interaction` of kind `button`, title `call_permission`, payload `accept` or `reject`"},
    {"the same, chosen by the customer", type::consent_changed, "scope `calls`, with its end; derived"},
    {"`context`", type::message_received,
     "`related` `in_reply_to` and `message.context`; a product: context of kind `product`; forwarded: "
     "`message.forwarded`"},
    {"`referral`", type::message_received, "`message.referral`, with the ad's words, its picture and `click_id`"},
    {"`unsupported`, content replaced by `errors`", type::message_received,
     "kind `unsupported`; WhatsApp's word for it is `message.subject`"},
    {"`reaction`", type::reaction, "about the message that it was put on; `removed` without an emoji"},
    {"`edit`", type::message_edited, "the object is the message that was edited"},
    {"`revoke`", type::message_deleted, "reason `unsent`; the object is the message that was taken back"},
    {"`request_welcome`", type::session_started, "the chat was opened for the first time"},
    {"`system`: `user_changed_number`, `user_changed_user_id`", type::identity_linked,
     "relation `replaces`; one event for the number, one for each id"},
    {"`system`: `customer_identity_changed`", type::identity_linked,
     "relation `same`: the customer has another key now, `whatsapp-identity:…`"},
    {"`statuses`", type::receipt,
     "with error and billing; the 24-hour window is `related` `part_of`, your tracker stands in `receipt.metadata`; in "
     "groups "
     "one for each member"},
    {"`user_preferences`", type::consent_changed, "scope `marketing`: `stop` withdraws, `resume` and `signup` grant"},
    {"`calls`: `connect`", type::call_started, "channel `voice`"},
    {"`calls`: `RINGING`, `ACCEPTED`, `REJECTED`", type::call_progressed, "of a call that the company made"},
    {"`calls`: `terminate`", type::call_ended, "with duration, or the error as `cause`"},
    {"`smb_message_echoes`", type::message_sent,
     "what staff wrote in the WhatsApp Business app; its edits, deletions and reactions are events of theirs, "
     "outbound"},
    {"`history`", type::message_received, "capture `import`; from the company: `contact.message.sent.v1`"},
    {"`history`: media that follow", type::attachment_updated, "of the message with that id"},
    {"`group_participants_update`", type::membership_changed, "one for each member: `joined`, `left`, `removed`"},
    {"other group changes, `smb_app_state_sync`, errors of the account, `message_template_status_update`, "
     "`account_update`, `phone_number_quality_update`, every other field and kind",
     type::unsupported, "kept whole; its `kind` names the field and what happened"},
};
}  // namespace

const connector definition{
    .name = name,
    .channel = "chat",
    .provider = "meta",
    .title = "WhatsApp Cloud API",
    .version = "1",
    .status = maturity::stable,
    .limits = {.body_bytes = 4 << 20, .items = 5000, .depth = 64, .text_bytes = 64 << 10},
    .retry = {.retries_for = std::chrono::days(7),
              .deadline = std::chrono::seconds(5),
              .text = "at once, then ever more rarely, for 36 hours to 7 days: Meta's pages differ",
              .advice = "answer fast: Meta asks for a median of 250 ms, and drops what failed for 7 days"},
    .posture = {.authentication = "HMAC-SHA256 with the app secret over the body",
                .replay_window = false,
                .remark = "requests carry no time: a replayed one is told by its message ids"},
    .example = example,
    .methods = methods,
    .emits = emits,
    .credentials = meta::credential_options,
    .settings = {},
    .samples = samples,
    .prepare = prepare,
    .verify = verify,
    .decode = decode,
    .reply = reply,
    .sign = sign,
};

}  // namespace switchboard::connectors::meta_whatsapp
