#include "connectors/kiosk/kiosk/kiosk.hpp"

#include SWITCHBOARD_CONNECTOR_SAMPLES
#include "connectors/kiosk/kiosk/decode.hpp"
#include "connectors/kiosk/kiosk/settings.hpp"
#include "connectors/kiosk/kiosk/verify.hpp"

namespace switchboard::connectors::kiosk {

namespace {
constexpr std::string_view methods[] = {"POST", "PUT"};

using type = schemas::event_type;
constexpr emission emits[] = {
    {"`rating`", type::feedback_submitted,
     "kind `csat`, `nps`, `ces`, `rating` or `review`; smileys are kind `rating`"},
    {"`survey`", type::feedback_submitted, "its score is that of the first answer of its kind"},
    {"`suggestion`", type::feedback_submitted, "kind `comment`"},
    {"`complaint`", type::feedback_submitted, "kind `comment`, category `complaint`, decided by the customer"},
    {"`visit`", type::visit_recorded, "the snapshots of one `visit_id` are about one object"},
    {"`callback`", type::callback_requested, ""},
    {"`dropped`", type::form_submitted, "form `kiosk.dropped`, direction `system`: the device's store was full"},
    {"any other", type::unsupported, ""},
};
}  // namespace

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

}  // namespace switchboard::connectors::kiosk
