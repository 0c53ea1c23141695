#include "connectors/chat/wechat/wechat.hpp"

#include SWITCHBOARD_CONNECTOR_SAMPLES
#include "connectors/chat/wechat/decode.hpp"
#include "connectors/chat/wechat/settings.hpp"
#include "connectors/chat/wechat/verify.hpp"

namespace switchboard::connectors::wechat {

namespace {
constexpr std::string_view methods[] = {"POST", "GET"};

using type = schemas::event_type;
constexpr emission emits[] = {
    {"`text`", type::message_received,
     "an option tapped in a menu message (`bizmsgmenuid`) is an interaction of kind `button`"},
    {"`image`, `voice`, `video`, `shortvideo`, `file`", type::message_received,
     "attachments, state `pending`: `provider_ref` is the MediaId, `url` the PicUrl; a voice's Recognition is its "
     "transcript; a video's thumbnail is an attachment of that name"},
    {"`location`", type::message_received, "`message.location`, the Label as its address"},
    {"`link`, `miniprogrampage`", type::message_received,
     "`message.subject` is the title, the text the description; the attachment has the link's `url`, or AppId/PagePath "
     "as `provider_ref`"},
    {"a message of somebody who came from an article", type::message_received, "`message.referral` of kind `post`"},
    {"`CLICK`, `VIEW`, `view_miniprogram`, `scancode_*`, `pic_*`, `location_select`", type::message_received,
     "interaction of kind `menu`: `payload` is the EventKey, `fields` what was scanned or taken; `location_select` "
     "also "
     "has the location"},
    {"`LOCATION`", type::message_received, "kind `location`, `automated: bot`: the phone reports it"},
    {"`subscribe`, `unsubscribe`", type::membership_changed, "`followed`, `unfollowed`"},
    {"`unsubscribe`", type::consent_changed, "derived from it: `withdrawn`; following again grants nothing"},
    {"`subscribe` with a scene, a product or a payment", type::referral,
     "derived from the membership; `ref` is the scene without `qrscene_`, `url` the code's picture"},
    {"`SCAN`", type::referral, "somebody who follows already scanned a code"},
    {"`TEMPLATESENDJOBFINISH`", type::receipt, "`delivered`, or `failed` with WeChat's reason"},
    {"`subscribe_msg_sent_event`", type::receipt, "one for each of its list: `sent`, or `failed`"},
    {"`MASSSENDJOBFINISH`, `PUBLISHJOBFINISH`", type::receipt, "`sent`, `accepted`, or `failed`; without a customer"},
    {"their counts, articles and checks", type::form_submitted, "direction `system`, derived from the receipt"},
    {"`subscribe_msg_popup_event`, `subscribe_msg_change_event`", type::consent_changed,
     "one for each of its list: `accept` is `granted`, `reject` is `withdrawn`; `applies_to` is the template"},
    {"`user_authorization_revoke`, `user_authorization_cancellation`", type::consent_changed,
     "`withdrawn`: profile data has to go; `applies_to` is RevokeInfo"},
    {"`kf_create_session`, `kf_switch_session`, `kf_close_session`", type::conversation_changed,
     "`open` or `closed`, `assignee` the staff account"},
    {"`user_enter_tempsession`, `user_enter_session_from_card`, `user_scan_product_enter_session`",
     type::session_started, "`referrer`: SessionFrom, the card, the product"},
    {"`WifiConnected`", type::visit_recorded, "`arrived`, with the store and device in `place`"},
    {"cards, orders, invoices, `ShakearoundUserShake`, `user_scan_product*`, `user_info_modified`",
     type::form_submitted, "`form.name` is `wechat.` and the event; every value is a field; amounts are of type `fen`"},
    {"reviews of cards, stores and media, qualification and naming, `authorized`, `unauthorized`, `updateauthorized`",
     type::form_submitted, "the same, direction `system`, without a customer; authorization codes are left out"},
    {"other kinds of message, `Event` or `InfoType`", type::unsupported, "kept whole, opened"},
};
}  // namespace

const connector definition{
    .name = name,
    .channel = "chat",
    .provider = "wechat",
    .title = "WeChat (official and service accounts, mini programs)",
    .version = "1",
    .status = maturity::stable,
    .limits = {.body_bytes = 256 << 10, .items = 200, .depth = most_depth, .text_bytes = 64 << 10},
    .retry = {.retries_for = std::chrono::seconds(15),
              .deadline = std::chrono::seconds(5),
              .text = "three tries in all, each given up after 5 seconds",
              .advice =
                  "nothing can be set at WeChat: after the third try the message is gone, and the customer has been "
                  "told that the account is out of service"},
    .posture = {.authentication =
                    "SHA-1 over the token, the time, the nonce and the encrypted body, which is AES-256-CBC "
                    "with the EncodingAESKey; in plain mode the signature does not cover the body",
                .replay_window = false,
                .covers_body = false,
                .remark =
                    "a changed body is noticed in the secure and compatible mode only: use one of them. A repeated "
                    "request is told by its MsgId, or its sender, second and kind"},
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

}  // namespace switchboard::connectors::wechat
