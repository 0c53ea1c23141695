#include "connectors/generic/webhook/webhook.hpp"

#include SWITCHBOARD_CONNECTOR_SAMPLES
#include "connectors/generic/webhook/decode.hpp"
#include "connectors/generic/webhook/settings.hpp"
#include "connectors/generic/webhook/verify.hpp"

namespace switchboard::connectors::webhook {

namespace {
constexpr std::string_view methods[] = {"POST"};

using type = schemas::event_type;
constexpr emission emits[] = {
    {"`message`", type::message_received, ""},
    {"`feedback`", type::feedback_submitted,
     "needs `text`, or `feedback.score` with `feedback.min` and `feedback.max`"},
    {"`form`", type::form_submitted,
     "the leaves of the body (or of `form.fields`) by their way down, `data.customer.email`; bodies that are no "
     "object, have more than 500 leaves or more than 64 KiB of them are carried whole in `payload`"},
    {"`callback`", type::callback_requested, "needs `callback.phone`"},
    {"`visit`", type::visit_recorded, "needs `visit.state`"},
    {"`consent`", type::consent_changed, "needs `consent.state`: `granted`, `withdrawn`, true or false"},
    {"`ignored`", type::unsupported, "kept whole"},
};
}  // namespace

const connector definition{
    .name = name,
    .channel = "generic",
    .provider = "webhook",
    .title = "Standard Webhooks",
    .version = "1",
    .status = maturity::stable,
    .limits = {.body_bytes = 1 << 20, .items = 1000, .depth = 64, .text_bytes = 64 << 10},
    .retry = {.retries_for = std::chrono::hours(75),
              .deadline = std::chrono::seconds(15),
              .text = "usually at once, then after 5 s, 5 min, 30 min, 2 h and so on for about three days",
              .advice = "most senders disable an endpoint that fails for days: set their alert for it"},
    .posture = {.authentication = "HMAC-SHA256 (v1) or Ed25519 (v1a) over id, time and body",
                .replay_window = true,
                .remark =
                    "requests older or newer than the tolerance (5 minutes) are refused; webhook-id tells retries"},
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

}  // namespace switchboard::connectors::webhook
