// What people key in and say, as input, recording and transcript.
#include "connectors/common/json.hpp"
#include "connectors/common/text.hpp"
#include "connectors/voice/twilio_voice/decode.hpp"
#include "connectors/voice/twilio_voice/facts.hpp"

namespace switchboard::connectors::twilio_voice {

namespace {

using schemas::direction;
using schemas::event_type;
using schemas::recording_purpose;

contact input_of(const hook_request& m, schemas::input_kind kind) {
  contact fact = fact_of(m, event_type::call_input, m.get("CallSid"), direction::inbound, by::customer);
  fact.event.input.emplace().kind = kind;
  relate(fact, schemas::rel::about, m, "prompt");
  return fact;
}

void fill_speech(const hook_request& m, std::string text, schemas::event& event) {
  event.text = std::move(text);
  event.input->confidence = confidence_of(m.get("Confidence"));
  event.language = language_tag(m.get("Language"));
}

// The SID of a recording; where only its URL is given, the end of that.
std::string_view recording_sid(const form& from) {
  std::string_view sid = from.get("RecordingSid");
  if (!sid.empty()) return sid;
  sid = from.get("RecordingUrl");
  sid = sid.substr(0, sid.find('?'));
  if (const auto slash = sid.rfind('/'); slash != std::string_view::npos) sid.remove_prefix(slash + 1);
  return sid.substr(0, sid.find('.'));
}

// The call; a conference's recording names the conference instead.
std::string_view recorded_call(const form& from) {
  return from.find("CallSid") ? from.get("CallSid") : from.get("ConferenceSid");
}

recording_purpose purpose_of(const hook_request& m, bool record_verb) {
  return record_verb && m.settings.voicemail ? recording_purpose::voicemail : recording_purpose::call;
}

}  // namespace

std::vector<item> decode_gather(const hook_request& m) {
  const std::string_view sid = m.get("CallSid"), digits = m.get("Digits"), speech = m.get("SpeechResult");
  std::vector<item> out;
  if (!digits.empty()) {
    contact fact = input_of(m, schemas::input_kind::dtmf);
    fact.event.input->digits = repaired(cut(digits, 1024));
    name_fact_by_request(fact, m, sid, "gather");
    out.emplace_back(std::move(fact));
  }
  if (!speech.empty()) {
    contact fact = input_of(m, schemas::input_kind::speech);
    fill_speech(m, repaired(speech), fact.event);
    name_fact_by_request(fact, m, sid, "gather");
    fact.ordinal = static_cast<std::uint32_t>(out.size());
    out.emplace_back(std::move(fact));
  }
  if (!out.empty()) return out;
  contact fact = fact_of(m, event_type::call_progressed, sid, direction::system);
  fact.event.call->cause = "no-input";
  relate(fact, schemas::rel::about, m, "prompt");
  name_fact_by_request(fact, m, sid, "gather");
  return {std::move(fact)};
}

std::vector<item> decode_partial(const hook_request& m) {
  const std::string_view sid = m.get("CallSid"), stable = m.get("StableSpeechResult");
  contact fact = input_of(m, schemas::input_kind::speech);
  fact.event.input->partial = true;
  std::string text = repaired(trimmed(stable));
  if (const auto rest = trimmed(m.get("UnstableSpeechResult")); !rest.empty())
    text.append(text.empty() ? "" : " ").append(repaired(rest));
  fill_speech(m, std::move(text), fact.event);
  fill_sequence(fact, sid, m.get("SequenceNumber"));
  // The sequence begins anew with each <Gather>: the request tells them apart.
  name_fact_by_request(fact, m, sid, "partial");
  return {std::move(fact)};
}

contact recording_of(const hook_request& m, std::string_view call, recording_purpose purpose) {
  const bool voicemail = purpose == recording_purpose::voicemail;
  const std::string_view sid = recording_sid(m.from), status = m.from.find("RecordingStatus").value_or("completed");
  contact fact = fact_of(m, event_type::call_recorded, call, voicemail ? direction::inbound : direction::system,
                         voicemail ? by::customer : by::caller);
  schemas::event& event = fact.event;
  event.recording.emplace().purpose = purpose;
  schemas::attachment a;
  a.id = "0";
  a.kind = voicemail ? schemas::attachment_kind::voice : schemas::attachment_kind::audio;
  a.provider_ref = identifier(sid, 128) ? sid : std::string_view();
  a.duration = seconds_of(m.get("RecordingDuration"));
  if (status == "completed") {
    a.content_type = "audio/wav";
    a.url = m.value("RecordingUrl");
  } else {
    a.state = schemas::attachment_state::failed;
  }
  // The action of <Record> and <Dial> and the recording's own callback tell one fact.
  if (!a.provider_ref.empty())
    name_fact(fact, a.provider_ref, repaired(cut(status, 64)));
  else
    name_fact_by_request(fact, m, call, "recording");
  event.attachments.push_back(std::move(a));
  return fact;
}

std::vector<item> decode_recording(const hook_request& m) {
  const std::string_view call = recorded_call(m.from), sid = m.get("RecordingSid"), status = m.get("RecordingStatus");
  if (!identifier(call, 128)) return {missing("CallSid")};
  const bool record_verb = !m.from.find("RecordingStatus") || m.get("RecordingSource") == "RecordVerb";
  if (status.empty() || status == "completed" || status == "absent" || status == "failed")
    return {recording_of(m, call, purpose_of(m, record_verb))};
  contact fact = fact_of(m, event_type::call_progressed, call, direction::system);
  fact.event.call->cause = "recording/" + repaired(cut(status, 64));
  relate(fact, schemas::rel::about, m, "RecordingSid");
  name_fact(fact, sid, repaired(cut(status, 64)));
  if (status != "in-progress") return {unknown(std::move(fact), "recording")};
  return {std::move(fact)};
}

std::vector<item> decode_transcription(const hook_request& m) {
  const std::string_view sid = m.get("TranscriptionSid"), call = recorded_call(m.from);
  if (!identifier(sid, 128)) return {missing("TranscriptionSid")};
  if (!identifier(call, 128)) return {missing("CallSid")};
  const std::string_view status = m.get("TranscriptionStatus");
  const bool failed = status == "failed", voicemail = m.settings.voicemail;
  contact fact =
      fact_of(m, failed ? event_type::call_progressed : event_type::call_transcribed, call,
              !failed && voicemail ? direction::inbound : direction::system, voicemail ? by::customer : by::caller);
  schemas::event& event = fact.event;
  relate(fact, schemas::rel::derived_from, m, "RecordingSid");
  name_fact(fact, sid, failed ? "failed" : "completed", m.get("TranscriptionText"));
  if (failed) {
    event.call->cause = "transcription/failed";
    return {std::move(fact)};
  }
  if (!status.empty() && status != "completed") return {unknown(std::move(fact), "transcription")};
  event.text = repaired(m.get("TranscriptionText"));
  event.recording.emplace().purpose = purpose_of(m, true);
  event.transcript.emplace().by = "twilio";
  return {std::move(fact)};
}

std::vector<item> decode_live_transcription(const hook_request& m) {
  const std::string_view sid = m.get("TranscriptionSid"), call = m.get("CallSid"), kind = m.get("TranscriptionEvent");
  const std::string_view number = m.get("SequenceId");
  if (!identifier(sid, 128)) return {missing("TranscriptionSid")};
  const auto finish = [&](contact fact) {
    fill_sequence(fact, sid, number);
    relate(fact, schemas::rel::part_of, m, "TranscriptionSid");
    if (number.empty())
      name_fact_by_request(fact, m, sid, "live");
    else
      name_fact(fact, sid, repaired(cut(number, 64)), m.get("TranscriptionData"));
    return fact;
  };
  if (kind != "transcription-content") {
    contact fact = fact_of(m, event_type::call_progressed, call, direction::system);
    fact.event.call->cause = repaired(cut(kind, 64));
    if (!m.get("TranscriptionError").empty())
      fact.event.call->cause += "/" + repaired(cut(m.get("TranscriptionError"), 256));
    if (kind != "transcription-started" && kind != "transcription-stopped" && kind != "transcription-error")
      return {unknown(finish(std::move(fact)), "live-transcription")};
    return {finish(std::move(fact))};
  }

  const auto data = json::parse_copy(m.get("TranscriptionData"), 16);
  json::object object;
  if (!data) return {item_rejected{data.error(), "TranscriptionData", {}}};
  if (data->get(object)) return {item_rejected{reject_code::wrong_type, "TranscriptionData", {}}};
  json::reader from(object, "TranscriptionData");
  // Twilio hears the far end on the inbound track, whoever called.
  const bool customer = m.get("Track") != "outbound_track";
  // Words that may still change are an input, partial: nobody takes them for the transcript.
  const bool partial = m.get("Final") == "false";
  contact fact = fact_of(m, partial ? event_type::call_input : event_type::call_transcribed, call,
                         customer ? direction::inbound : direction::outbound, customer ? by::customer : by::company);
  schemas::event& event = fact.event;
  if (!event.actor) event.actor = schemas::party{.who = customer ? schemas::role::customer : schemas::role::business};
  from.require(from.find("transcript").has_value(), "transcript");
  event.text = from.text("transcript");
  event.language = language_tag(m.get("LanguageCode"));
  auto confidence = from.number("confidence");
  if (confidence && (*confidence < 0 || *confidence > 1)) confidence.reset();
  if (partial)
    event.input = {.kind = schemas::input_kind::speech, .confidence = confidence, .partial = true};
  else
    event.transcript = {.by = "twilio", .confidence = confidence};
  if (from.failed()) return {item_rejected{from.code(), from.wrong(), {}}};
  return {finish(std::move(fact))};
}

}  // namespace switchboard::connectors::twilio_voice
