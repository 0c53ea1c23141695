#include "connectors/chat/meta_messenger/meta_messenger.hpp"

#include SWITCHBOARD_CONNECTOR_SAMPLES
#include "connectors/chat/meta_messenger/feed.hpp"
#include "connectors/common/meta_app.hpp"

namespace switchboard::connectors::meta_messenger {

namespace {
constexpr std::string_view methods[] = {"POST", "GET"};

using type = schemas::event_type;
constexpr emission emits[] = {
    {"`messages`, also on `standby`", type::message_received,
     "channel `chat`; attachments, state `pending`, with their URL (without one `expired`); location, stickers, "
     "products"},
    {"quick replies, `messaging_postbacks`", type::message_received,
     "`message.interaction` of kind `button` or `postback`; `text` is the title"},
    {"an answer to a message, a message from an ad", type::message_received,
     "`message.context`, `related` `in_reply_to`; `message.referral`"},
    {"`message_echoes`", type::message_sent, "the Page's own; the app that sent it is an identity of the actor"},
    {"`message_edits`", type::message_edited, "`object.revision` counts them"},
    {"`message_reactions`", type::reaction, ""},
    {"`message_deliveries`", type::receipt,
     "`delivered`, one for each message that is named; `up_to` is the watermark"},
    {"`message_reads`", type::receipt, "`read`, with `up_to`"},
    {"`messaging_referrals`", type::referral, "m.me links, ads, the chat plugin"},
    {"`messaging_optins`", type::consent_changed,
     "marketing messages: scope `marketing`, granted or withdrawn, for the topic; others: granted, scope `service`"},
    {"`messaging_handovers`", type::conversation_changed,
     "passed and taken: `open`, the app is the assignee; requested: `pending`, the app is the queue"},
    {"`messaging_account_linking`; the first message after opting in on a web page", type::identity_linked,
     "`same` or `separates`; the page's `user_ref` is the customer"},
    {"`messaging_feedback`", type::feedback_submitted, "CSAT 1–5, NPS 0–10, CES 1–7; follow-ups are the text"},
    {"`response_feedback`", type::feedback_submitted, "a `rating` 0 or 1 about the message"},
    {"`messaging_customer_information`, `messaging_game_plays`", type::form_submitted, ""},
    {"`feed`: comments, visitors' posts", type::message_received,
     "channel `social`, public; the conversation is the post; the Page's own are `contact.message.sent.v1`"},
    {"`feed`: edited, shown again", type::message_edited, "showing again is the Page's doing"},
    {"`feed`: removed, hidden", type::message_deleted, "`deletion.reason` `removed`, `hidden`"},
    {"`feed`: reactions, likes", type::reaction, "`name` as Facebook has it: `love`, `haha`, …"},
    {"`feed`: the Page liked, followed or no longer", type::membership_changed, ""},
    {"`ratings`", type::feedback_submitted, "`review`: recommended 1 or not 0; stars 1–5 in old ones"},
    {"`ratings`, edited", type::feedback_edited, ""},
    {"`ratings`, removed", type::feedback_deleted, ""},
    {"`mention`", type::message_received, "`message.context` `mentions`"},
    {"`leadgen`", type::form_submitted, "channel `form`; the ids with which the answers are fetched"},
    {"drafts, live videos, app roles, policy enforcement, anything else that is authentic", type::unsupported,
     "kept whole"},
};

constexpr meta::platform platform{.object = "page",
                                  .product = "messenger",
                                  .public_product = "facebook",
                                  .web = "https://www.facebook.com",
                                  .decode_change = decode_change};
decoded decode(const inbound& request, const prepared&, const authentic&, const limits& limits) {
  return meta::decode_entries(request, limits, platform);
}
}  // namespace

const connector definition{
    .name = name,
    .channel = "chat",
    .provider = "meta",
    .title = "Messenger and Facebook Pages",
    .version = "1",
    .status = maturity::stable,
    .limits = {.body_bytes = 1 << 20, .items = 1000, .depth = 64, .text_bytes = 64 << 10},
    .retry = {.retries_for = std::chrono::hours(36),
              .deadline = std::chrono::seconds(5),
              .text = "at once, then ever more rarely for 36 hours; an app that fails for long is unsubscribed",
              .advice =
                  "subscribe the Page's fields once per Page; subscribe again when Meta has disabled the webhook"},
    .posture = {.authentication = "HMAC-SHA256 with the app secret over the body",
                .replay_window = false,
                .remark = "requests carry no signed time: a replayed one is told by its ids"},
    .example = example,
    .methods = methods,
    .emits = emits,
    .credentials = meta::credential_options,
    .settings = {},
    .samples = samples,
    .prepare = meta::prepare_app,
    .verify = meta::verify_app,
    .decode = decode,
    .reply = meta::reply_received,
    .sign = meta::sign_app,
};

}  // namespace switchboard::connectors::meta_messenger
