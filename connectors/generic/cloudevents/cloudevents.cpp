#include "connectors/generic/cloudevents/cloudevents.hpp"

#include SWITCHBOARD_CONNECTOR_SAMPLES
#include "connectors/common/mapping_options.hpp"
#include "connectors/generic/cloudevents/decode.hpp"
#include "connectors/generic/cloudevents/settings.hpp"
#include "connectors/generic/cloudevents/verify.hpp"

namespace switchboard::connectors::cloudevents {

namespace {
constexpr std::string_view methods[] = {"POST", "OPTIONS"};

using type = schemas::event_type;
constexpr auto own_emits = std::to_array<emission>({
    {"an event of any type, unless `event` or `events` says more", type::form_submitted,
     "whole: attributes and extensions in `origin`, data in `payload`; data that are no text in the attachment "
     "`payload`, to which `payload.blob` points"},
    {"a format other than JSON (Avro, Protobuf, XML), a `specversion` other than 1.0", type::unsupported, "kept whole"},
});
constexpr auto emits = joined(own_emits, mapping_emissions);
}  // namespace

const connector definition{
    .name = name,
    .channel = "generic",
    .provider = "cloudevents",
    .title = "CloudEvents",
    .version = "1",
    .status = maturity::stable,
    .limits = {.body_bytes = 1 << 20, .items = 1000, .depth = 64, .text_bytes = 64 << 10},
    .retry = {.retries_for = std::chrono::hours(24),
              .deadline = std::chrono::seconds(30),
              .text = "the standard names no schedule; Azure Event Grid repeats for 24 hours, others give up sooner",
              .advice = "set the sender's retries as long as it allows, and a dead-letter target behind them"},
    .posture = {.authentication = "bearer token, HTTP Basic, or HMAC-SHA256 over the body",
                .covers_body = false,
                .remark = "only HMAC covers the body, and nothing the ce- headers of binary mode; the (source, id) of "
                          "an event tells repetitions"},
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

}  // namespace switchboard::connectors::cloudevents
