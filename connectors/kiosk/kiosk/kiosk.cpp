#include "connectors/kiosk/kiosk/kiosk.hpp"

#include SWITCHBOARD_CONNECTOR_SAMPLES
#include "connectors/kiosk/kiosk/decode.hpp"
#include "connectors/kiosk/kiosk/settings.hpp"
#include "connectors/kiosk/kiosk/verify.hpp"

namespace switchboard::connectors::kiosk {

namespace {
constexpr std::string_view methods[] = {"POST", "PUT"};
}

const connector definition{
    .name = name,
    .channel = "kiosk",
    .provider = "kiosk",
    .title = "Store kiosks",
    .version = "1",
    .status = maturity::stable,
    .limits = {.body_bytes = 8 << 20, .items = 1000, .depth = 64, .text_bytes = 64 << 10},
    .retry = {.retries_for = std::chrono::hours(24 * 30),
              .deadline = std::chrono::seconds(30),
              .text = "keeps each item until it is acknowledged, for days if need be",
              .advice = "let devices repeat a batch with growing pauses and forget items only by the reply's results"},
    .posture = {.authentication = "HMAC-SHA256 with a key for each device over device, method, target and body",
                .replay_window = false,
                .remark =
                    "sequence numbers stop replays; client certificates (mTLS) on the listener add a second lock"},
    .methods = methods,
    .types = emitted_types,
    .credentials = credential_options,
    .settings = setting_options,
    .samples = samples,
    .prepare = prepare,
    .verify = verify,
    .decode = decode,
    .reply = reply,
    .sign = sign,
};

}  // namespace switchboard::connectors::kiosk
