#include "connectors/email/postmark/postmark.hpp"

#include SWITCHBOARD_CONNECTOR_SAMPLES
#include "connectors/email/postmark/decode.hpp"
#include "connectors/email/postmark/settings.hpp"
#include "connectors/email/postmark/verify.hpp"

namespace switchboard::connectors::postmark {

namespace {
constexpr std::string_view methods[] = {"POST"};

using type = schemas::event_type;
constexpr emission emits[] = {
    {"inbound mail", type::message_received,
     "text from `TextBody`, else from `HtmlBody`, which is kept as an attachment of role `body`; `StrippedTextReply` "
     "is `text_unquoted`; the conversation is a thread"},
    {"`Attachments`", type::message_received, "state `stored`; those that the HTML shows have an `inline_id`"},
    {"automatic mail", type::message_received,
     "`automated`: `auto_reply`, `bulk` or `bot`, by its headers and an empty envelope sender"},
    {"a bounce in the mailbox (RFC 3464)", type::receipt,
     "`bounced`, `delayed`, `delivered` or `sent`, an event for each recipient that it names; with the report's parts "
     "as attachments"},
    {"a read receipt (RFC 8098)", type::receipt, "`read`"},
    {"a feedback report (RFC 5965)", type::consent_changed, "`withdrawn`, for abuse and opt-out"},
    {"`Delivery`", type::receipt, "`delivered`"},
    {"`Open`", type::receipt, "`read`"},
    {"`Click`", type::receipt, "`clicked`, with `url`"},
    {"`Bounce`", type::receipt,
     "`bounced`; Transient is `delayed`; ManuallyDeactivated, Unconfirmed, SMTPApiError, InboundError and "
     "TemplateRenderingFailed are `failed`; error code is the `Type`"},
    {"`Bounce` of type AutoResponder, AddressChange or ChallengeVerification", type::message_received,
     "`automated` `auto_reply`, in reply to the mail that was sent"},
    {"`Bounce` of type Unsubscribe or Subscribe", type::consent_changed,
     "`withdrawn` or `granted`, for the message stream in `applies_to`"},
    {"`SpamComplaint`", type::consent_changed, "`withdrawn`, for the message stream"},
    {"`SubscriptionChange`", type::consent_changed,
     "`withdrawn`, or `granted` when sending is resumed; the actor is the customer, the business (`Origin` Customer) "
     "or the system (Admin)"},
    {"`SubscriptionChange` because of a hard bounce", type::receipt, "`bounced`: nobody chose it"},
    {"any other `RecordType`", type::unsupported, "kept whole"},
};
}  // namespace

const connector definition{
    .name = name,
    .channel = "email",
    .provider = "postmark",
    .title = "Mail through Postmark",
    .version = "1",
    .status = maturity::stable,
    // The largest body that a journal segment of the default size holds; docs/connectors/postmark.md says how to take
    // mails of Postmark's own limit.
    .limits = {.body_bytes = 18 << 20, .items = 100, .depth = 64, .text_bytes = 64 << 10},
    .retry = {.retries_for = std::chrono::minutes(627),
              .deadline = std::chrono::seconds(60),
              .text = "inbound mail, bounces and complaints ten times within 10.5 hours; deliveries, opens, clicks and "
                      "subscription changes after 1, 5 and 15 minutes; 403 ends it",
              .advice = "set the webhook for each server and message stream; after ten failures inbound mail waits "
                        "under Activity for a manual retry"},
    .posture =
        {.authentication = "Basic credentials in the webhook's URL, a secret header, or both",
         .replay_window = false,
         .covers_body = false,
         .remark =
             "TLS alone protects the body; allowed_peers is a second lock; MessageID and composite keys tell repeats"},
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

}  // namespace switchboard::connectors::postmark
