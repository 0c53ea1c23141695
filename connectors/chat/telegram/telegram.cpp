#include "connectors/chat/telegram/telegram.hpp"

#include SWITCHBOARD_CONNECTOR_SAMPLES
#include "connectors/chat/telegram/decode.hpp"
#include "connectors/chat/telegram/settings.hpp"
#include "connectors/chat/telegram/verify.hpp"

namespace switchboard::connectors::telegram {

namespace {
constexpr std::string_view methods[] = {"POST"};

using type = schemas::event_type;
constexpr emission emits[] = {
    {"`message`, `guest_message`", type::message_received,
     "text, or the caption; from other bots and from inline bots `automated` is `bot`"},
    {"photo, video, animation, audio, voice, video note, document, sticker, live photo, paid media",
     type::message_received, "attachments, state `pending`, `provider_ref` the `file_id`"},
    {"contact", type::message_received, "kind `contact_card`; a vCard is an attachment"},
    {"the sender's own contact", type::identity_linked,
     "derived from the message, whose actor has the number as a verified `tel:` too"},
    {"location, live location, venue", type::message_received, "kind `location`"},
    {"checklist and its tasks ticked or added, users or chats shared, dice, Mini App data, commands",
     type::message_received,
     "kind `interaction`: `list`, `keyword` (dice, commands), `flow` (Mini App); shared users as `contact_card`"},
    {"poll", type::message_received, "kind `poll`, the question as text"},
    {"`/start` with a payload", type::message_received, "`message.referral` of kind `link`, the payload as `ref`"},
    {"story, game", type::message_received, "kind `media`"},
    {"invoice, successful payment", type::message_received,
     "kind `order`; what else a payment says stands in `interaction.fields`"},
    {"replies, stories answered, forwards, albums", type::message_received,
     "`message.context`, `message.forwarded`, `related` `in_reply_to`, `forwarded_from` (a channel's post), `part_of`; "
     "a comment on a channel's post "
     "`comments_on`, channel `social`"},
    {"`business_message`", type::message_received, "product `business`; the owner's own are `contact.message.sent.v1`"},
    {"`channel_post`; administrators in the group's or the channel's name", type::message_sent,
     "a post has a conversation of its own, channel `social`"},
    {"`edited_…`, moves of a live location", type::message_edited, "the same object"},
    {"`deleted_business_messages`", type::message_deleted, "one for each message; Telegram tells neither who nor when"},
    {"`callback_query`", type::message_received,
     "kind `interaction`, `button`, the title taken from the message's keyboard"},
    {"`inline_query`, `chosen_inline_result`", type::message_received,
     "kind `interaction`, `keyword` and `list`; one query for every pause in typing"},
    {"`stopped_message_generation`", type::message_received, "kind `interaction`, `button`"},
    {"`purchased_paid_media`", type::message_received, "kind `order`"},
    {"`message_reaction`", type::reaction, "`added`, `removed` or `replaced`, with all that stand now"},
    {"`message_reaction_count`", type::reaction, "`counted`, one for each emoji"},
    {"`poll_answer`", type::feedback_submitted, "kind `poll`, the poll as survey and question"},
    {"`poll_answer` without options", type::feedback_deleted, "a vote taken back"},
    {"`my_chat_member` in a private chat", type::membership_changed, "`blocked`, `unblocked`"},
    {"the same, `blocked`", type::consent_changed, "derived from it: `withdrawn`; unblocking grants nothing"},
    {"`my_chat_member`, `chat_member`, members that came or left", type::membership_changed,
     "`joined`, `left`, `removed`; in channels `followed`, `unfollowed`; changed rights are unsupported"},
    {"joined by an invite link", type::referral, "derived from the membership"},
    {"`business_connection`", type::membership_changed, "`joined` or `left`, direction `system`"},
    {"write access allowed", type::consent_changed, "`granted`"},
    {"forum topic created, closed, reopened", type::conversation_changed, "`open`, `closed`"},
    {"a group became a supergroup", type::conversation_linked, "`replaces`; told in both groups"},
    {"`shipping_query`, `pre_checkout_query`, `subscription`, `managed_bot`, `chat_join_request`, `chat_boost`, "
     "`removed_chat_boost`, `poll`, a refunded payment",
     type::form_submitted, "form `telegram.<name>`, its members as fields"},
    {"other service messages and updates", type::unsupported, "named `telegram/<name>`, kept whole"},
};
}  // namespace

const connector definition{
    .name = name,
    .channel = "chat",
    .provider = "telegram",
    .title = "Telegram bots",
    .version = "1",
    .status = maturity::stable,
    .limits = {.body_bytes = 1 << 20, .items = 1000, .depth = 64, .text_bytes = 64 << 10},
    .retry = {.retries_for = std::chrono::hours(24),
              .deadline = std::chrono::seconds(60),
              .text = "at once, then after 2, 4, 8 … up to 60 to 120 seconds until the update is 24 hours old "
                      "(queries: 150 seconds), in order for each chat; obeys Retry-After up to an hour",
              .advice = "list the updates you want in setWebhook's allowed_updates: message_reaction, "
                        "message_reaction_count and chat_member come only when they are named"},
    .posture = {.authentication = "a secret token in a header, chosen by you in setWebhook",
                .replay_window = false,
                .covers_body = false,
                .remark = "the token says who sends, not what: let nothing but TLS stand between Telegram and the "
                          "listener; a replayed update is told by its ids"},
    .example = example,
    .methods = methods,
    .emits = emits,
    .credentials = credential_options,
    .settings = setting_options,
    .samples = samples,
    .prepare = prepare,
    .verify = verify,
    .decode = decode,
    .reply = reply,
    .sign = sign,
};

}  // namespace switchboard::connectors::telegram
