#include "connectors/generic/amazon_sns/amazon_sns.hpp"

#include SWITCHBOARD_CONNECTOR_SAMPLES
#include "connectors/common/mapping_options.hpp"
#include "connectors/generic/amazon_sns/decode.hpp"
#include "connectors/generic/amazon_sns/settings.hpp"

namespace switchboard::connectors::amazon_sns {

namespace {
constexpr std::string_view methods[] = {"POST"};

using type = schemas::event_type;
constexpr auto own_emissions = std::to_array<emission>({
    {"`UnsubscribeConfirmation`", type::unsupported, "somebody ended the subscription: nothing more will come"},
    {"raw delivery of no text", type::unsupported, "kept whole"},
});
constexpr auto emits = joined(mapping_emissions, own_emissions);

verdict verify(const inbound& request, const prepared& settings, const fetched_keys& keys) {
  return sns::verify(request, static_cast<const configuration&>(settings).access, keys);
}

outbound sign(const sample& what, const prepared& settings, std::string_view public_url, const freshness& fresh) {
  return sns::sign(what, static_cast<const configuration&>(settings).access, public_url, fresh);
}
}  // namespace

const connector definition{
    .name = name,
    .channel = "generic",
    .provider = "amazon",
    .title = "Amazon SNS",
    .version = "1",
    .status = maturity::stable,
    // A message of 256 KiB, every byte of it escaped, in an envelope.
    .limits = {.body_bytes = 2 << 20, .items = 1000, .depth = 64, .text_bytes = 64 << 10},
    .retry = {.retries_for = std::chrono::minutes(1),
              .deadline = std::chrono::seconds(15),
              .text = "3 times, 20 seconds apart, after 5xx, 429 and timeouts only; a delivery policy may try for an "
                      "hour, in four phases (at once, before the backoff, backoff, after it); then the dead-letter "
                      "queue, or the message is gone",
              .advice = "set a delivery policy (numRetries 50, minDelayTarget 5, maxDelayTarget 120) and a dead-letter "
                        "queue on the subscription; allow sns.<region>.amazonaws.com in fetch_hosts"},
    .posture = {.authentication = "RSA with SHA-1 or SHA-256 by the certificate of SigningCertURL; raw delivery: Basic "
                                  "or a key in the URL",
                .replay_window = true,
                .covers_body = false,
                .remark = "signed are message, subject, id, time and topic, not the attributes and not the spelling of "
                          "the JSON; raw delivery is not signed at all"},
    .example = example,
    .methods = methods,
    .emits = emits,
    .credentials = sns::credential_options,
    .settings = setting_options,
    .samples = samples,
    .prepare = prepare,
    .verify = verify,
    .decode = decode,
    .reply = reply,
    .sign = sign,
};

}  // namespace switchboard::connectors::amazon_sns
