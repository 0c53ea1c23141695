#include "connectors/chat/meta_instagram/meta_instagram.hpp"

#include SWITCHBOARD_CONNECTOR_SAMPLES
#include "connectors/chat/meta_instagram/comments.hpp"
#include "connectors/common/meta_app.hpp"

namespace switchboard::connectors::meta_instagram {

namespace {
constexpr std::string_view methods[] = {"POST", "GET"};

using type = schemas::event_type;
constexpr emission emits[] = {
    {"`messages`, also on `standby`", type::message_received,
     "channel `chat`; attachments, state `pending`, with their URL (without one, as view-once pictures, `expired`)"},
    {"an answer to a story, a mention in a story", type::message_received,
     "`message.context` of kind `story`, `replies_to` or `mentions`; its URL lives a day"},
    {"quick replies, `messaging_postbacks` (ice breakers among them)", type::message_received,
     "`message.interaction` of kind `button` or `postback`; `text` is the title"},
    {"what Instagram does not show (`is_unsupported`)", type::message_received, "`message.kind` `unsupported`"},
    {"echoes", type::message_sent, "the account's own"},
    {"`is_deleted`", type::message_deleted, "`unsent`: erase your copy"},
    {"`message_edit`", type::message_edited, "`object.revision` counts them"},
    {"`message_reactions`", type::reaction, ""},
    {"`messaging_seen`", type::receipt, "`read`, of the message that is named"},
    {"`messaging_referral`", type::referral, "ig.me links, ads"},
    {"`messaging_optins`", type::consent_changed, "scope `marketing`, granted or withdrawn, for the topic"},
    {"`messaging_handover`", type::conversation_changed,
     "passed and taken: `open`, the app is the assignee; requested: `pending`, the app is the queue"},
    {"account linking", type::identity_linked, ""},
    {"feedback on a response, surveys", type::feedback_submitted, ""},
    {"`comments`, `live_comments`", type::message_received,
     "channel `social`, public; the conversation is the root comment; the account's own are `contact.message.sent.v1`"},
    {"`mentions`", type::message_received, "only where: text and author are to be fetched"},
    {"`story_insights`", type::form_submitted, "direction `system`; a count too small to tell has no value"},
    {"anything else that is authentic", type::unsupported, "kept whole"},
};

constexpr meta::platform platform{.object = "instagram",
                                  .product = "instagram",
                                  .public_product = "instagram",
                                  .web = "https://www.instagram.com",
                                  .decode_change = decode_change};
decoded decode(const inbound& request, const prepared&, const authentic&, const limits& limits) {
  return meta::decode_entries(request, limits, platform);
}
}  // namespace

const connector definition{
    .name = name,
    .channel = "chat",
    .provider = "meta",
    .title = "Instagram",
    .version = "1",
    .status = maturity::stable,
    .limits = {.body_bytes = 1 << 20, .items = 1000, .depth = 64, .text_bytes = 64 << 10},
    .retry = {.retries_for = std::chrono::hours(36),
              .deadline = std::chrono::seconds(5),
              .text = "at once, then ever more rarely for 36 hours",
              .advice = "subscribe each account with POST /{account}/subscribed_apps; live comments are sent only "
                        "while the broadcast runs"},
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

}  // namespace switchboard::connectors::meta_instagram
