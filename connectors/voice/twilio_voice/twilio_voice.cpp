#include "connectors/voice/twilio_voice/twilio_voice.hpp"

#include SWITCHBOARD_CONNECTOR_SAMPLES
#include "connectors/voice/twilio_voice/decode.hpp"
#include "connectors/voice/twilio_voice/settings.hpp"

namespace switchboard::connectors::twilio_voice {

namespace {
constexpr std::string_view methods[] = {"POST", "GET"};

using type = schemas::event_type;
constexpr emission emits[] = {
    {"an incoming call", type::call_started, "`call.attestation` from `StirVerstat`; A makes the number `verified`"},
    {"`CallStatus` queued, initiated", type::call_started, "of calls that go out; of a leg also `parent_id`"},
    {"`CallStatus` ringing (of calls that go out), in-progress", type::call_progressed,
     "state `ringing`, `answered`; also TwiML asked for a call that was answered"},
    {"`CallStatus` completed, busy, no-answer, failed, canceled", type::call_ended,
     "once for each call; `cause` is `sip-…` where it failed"},
    {"the action of `<Dial>`", type::call_ended,
     "of the leg, with `parent_id`; `contact.call.progressed.v1`, cause `dial/…`, where there was none"},
    {"`<Gather>`: digits, speech", type::call_input, "kind `dtmf`, `speech`; speech in `text`"},
    {"`partialResultCallback`", type::call_input, "`partial`"},
    {"`<Gather>` without an answer", type::call_progressed, "cause `no-input`"},
    {"`<Record>`: its action, `RecordingStatus` completed with `RecordingSource` RecordVerb", type::call_recorded,
     "purpose `voicemail` unless `voicemail: false`; the attachment is pending, with its URL; both hooks tell one "
     "event"},
    {"other recordings: `<Dial>`, conference, the whole call", type::call_recorded, "purpose `call`"},
    {"`RecordingStatus` absent, failed", type::call_recorded, "the attachment's state is `failed`"},
    {"`RecordingStatus` in-progress", type::call_progressed, "cause `recording/in-progress`"},
    {"`transcribeCallback`", type::call_transcribed, "the words in `text`; cause `transcription/failed` is progress"},
    {"live transcription, final", type::call_transcribed,
     "actor `customer` for the inbound track, `business` for the outbound track"},
    {"live transcription, not final", type::call_input, "`partial`"},
    {"live transcription started, stopped, error", type::call_progressed, "cause as Twilio says"},
    {"`<Enqueue>`, `<Queue>`", type::call_progressed,
     "cause `enqueue/…`, `dequeued`; `call.queue` with how long it took and how it ended"},
    {"answering machine detection", type::call_progressed, "`answered_by` `machine`; cause as Twilio says"},
    {"conference events", type::call_progressed,
     "cause as Twilio says, with the reason; of a participant's call, `part_of` the conference, else of the "
     "conference"},
    {"media streams, `<Refer>`", type::call_progressed, "cause `stream-…`, `refer/…`"},
    {"Event Streams `…status-callback.call.…`", type::call_ended,
     "and started and progressed: what the status callback tells, under the same ids"},
    {"messages, Conversations hooks, other Event Streams, results of other verbs, anything else that is authentic",
     type::unsupported, "kept whole"},
};

verdict verify(const inbound& request, const prepared& settings, const fetched_keys&) {
  return twilio::verify(request, static_cast<const configuration&>(settings).tokens);
}

outbound sign(const sample& what, const prepared& settings, std::string_view public_url, const freshness& fresh) {
  return twilio::sign(what, static_cast<const configuration&>(settings).tokens, public_url, fresh);
}
}  // namespace

const connector definition{
    .name = name,
    .channel = "voice",
    .provider = "twilio",
    .title = "Twilio Programmable Voice",
    .version = "1",
    .status = maturity::stable,
    .limits = {.body_bytes = 256 << 10, .items = 1000, .depth = 64, .text_bytes = 64 << 10},
    .retry =
        {.retries_for = std::chrono::seconds(0),
         .deadline = std::chrono::seconds(15),
         .text = "none on an answer; once more when the connection fails, then the fallback URL; all within 15 seconds",
         .advice = "append #rc=5&rp=all to the webhook URLs and set a fallback URL on another node: after that the "
                   "request is gone"},
    .posture =
        {.authentication = "HMAC-SHA1 with the Auth Token (or HMAC-SHA256 with a shared key) over the URL and "
                           "every parameter",
         .replay_window = false,
         .remark =
             "requests carry no time: a replayed one is told by its CallSid and status, what a caller keyed in by "
             "Twilio's idempotency token"},
    .example = example,
    .methods = methods,
    .emits = emits,
    .credentials = twilio::credential_options,
    .settings = setting_options,
    .samples = samples,
    .prepare = prepare,
    .verify = verify,
    .decode = decode,
    .reply = reply,
    .sign = sign,
};

}  // namespace switchboard::connectors::twilio_voice
