#include "connectors/generic/webhook/webhook.hpp"

#include SWITCHBOARD_CONNECTOR_SAMPLES
#include "connectors/common/mapping_options.hpp"
#include "connectors/generic/webhook/decode.hpp"
#include "connectors/generic/webhook/settings.hpp"
#include "connectors/generic/webhook/verify.hpp"

namespace switchboard::connectors::webhook {

namespace {
constexpr std::string_view methods[] = {"POST"};
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
    .emits = mapping_emissions,
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
