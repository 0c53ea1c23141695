// How calls go: who calls, who answers, how it ends, and what happens to the call in between.
#include <algorithm>

#include "connectors/common/text.hpp"
#include "connectors/voice/twilio_voice/decode.hpp"
#include "connectors/voice/twilio_voice/facts.hpp"
#include "schemas/names.hpp"

namespace switchboard::connectors::twilio_voice {

namespace {

using schemas::call_state;
using schemas::direction;
using schemas::event_type;

bool timed(const schemas::event& event) {
  return std::ranges::find(event.flags, schemas::flag::time_from_receipt) == event.flags.end();
}

// What answering machine detection says. A person who answers is neither an agent nor a bot: only `cause` tells.
void fill_answered_by(const hook_request& m, schemas::call& call) {
  const std::string_view who = m.get("AnsweredBy");
  if (who.starts_with("machine") || who == "fax") call.answered_by = schemas::answered_by::machine;
}

std::string word(std::string_view text) { return repaired(cut(text, 256)); }

std::string sip_cause(std::string_view code) { return code.empty() ? std::string() : "sip-" + word(code); }

void fill_end(schemas::call& call, call_state state, std::string_view duration, std::string_view sip_code) {
  call.state = state;
  call.duration = seconds_of(duration);
  if (state != call_state::completed) call.cause = sip_cause(sip_code);
}

bool ends(call_state state) { return state != call_state::ringing && state != call_state::answered; }

contact progressed(const hook_request& m, std::string_view sid, std::string cause) {
  contact fact = fact_of(m, event_type::call_progressed, sid, direction::system);
  fact.event.call->cause = std::move(cause);
  return fact;
}

}  // namespace

std::vector<item> decode_status(const hook_request& m) {
  const std::string_view sid = m.get("CallSid"), status = m.get("CallStatus");
  const auto state = state_of(status);
  const bool outbound = m.call("Direction").starts_with("outbound");
  if (!state) {
    contact fact = fact_of(m, event_type::unsupported, sid, direction::system);
    name_fact(fact, sid, word(status));
    return {unknown(std::move(fact), "call-status")};
  }

  const bool starts = *state == call_state::ringing && (!outbound || status != "ringing");
  const event_type type = starts         ? event_type::call_started
                          : ends(*state) ? event_type::call_ended
                                         : event_type::call_progressed;
  contact fact = fact_of(m, type, sid,
                         !starts    ? direction::system
                         : outbound ? direction::outbound
                                    : direction::inbound);
  schemas::event& event = fact.event;
  schemas::call& call = *event.call;
  call.state = state;
  fill_answered_by(m, call);
  fill_sequence(fact, sid, m.get("SequenceNumber"));
  const auto at = timed(event) ? std::optional(event.time) : std::nullopt;
  if (starts) {
    call.started_at = at;
    name_fact(fact, sid, "started");
    return {std::move(fact)};
  }
  if (!ends(*state)) {
    if (*state == call_state::answered) {
      call.answered_at = at;
      call.cause = word(m.get("AnsweredBy"));
      if (!call.answered_by && m.call("Direction") == "outbound-dial") call.answered_by = schemas::answered_by::agent;
    }
    name_fact(fact, sid, *state == call_state::answered ? "answered" : "ringing");
    return {std::move(fact)};
  }
  call.ended_at = at;
  fill_end(call, *state, m.get("CallDuration"), m.get("SipResponseCode"));
  name_fact(fact, sid, "ended", schemas::to_string(*state));
  std::vector<item> out{std::move(fact)};
  if (!m.get("RecordingUrl").empty()) {
    contact recorded = recording_of(m, sid, schemas::recording_purpose::call);
    recorded.derived_from = 0;
    out.emplace_back(std::move(recorded));
  }
  return out;
}

std::vector<item> decode_dial(const hook_request& m) {
  const std::string_view sid = m.get("CallSid"), leg = m.get("DialCallSid"), status = m.get("DialCallStatus");
  const auto state = status == "answered" ? std::optional(call_state::completed) : state_of(status);
  std::vector<item> out;
  if (!state || !ends(*state)) {
    contact fact = fact_of(m, event_type::unsupported, sid, direction::system);
    name_fact_by_request(fact, m, sid, "dial");
    out.emplace_back(unknown(std::move(fact), "dial"));
  } else if (identifier(leg, 128)) {
    contact fact = fact_of(m, event_type::call_ended, leg, direction::system);
    schemas::call& call = *fact.event.call;
    call.parent_id = sid;
    fill_end(call, *state, m.get("DialCallDuration"), m.get("DialSipResponseCode"));
    fill_answered_by(m, call);
    if (*state == call_state::completed && !call.answered_by) call.answered_by = schemas::answered_by::agent;
    name_fact(fact, leg, "ended", schemas::to_string(*state));
    out.emplace_back(std::move(fact));
  } else {
    contact fact = progressed(m, sid, "dial/" + word(status));
    name_fact_by_request(fact, m, sid, "dial");
    out.emplace_back(std::move(fact));
  }
  if (!m.get("RecordingUrl").empty()) {
    contact recorded = recording_of(m, sid, schemas::recording_purpose::call);
    recorded.derived_from = 0;
    out.emplace_back(std::move(recorded));
  }
  return out;
}

std::vector<item> decode_queue(const hook_request& m, hook which) {
  const std::string_view sid = m.get("CallSid");
  const bool enqueued = which == hook::enqueue;
  contact fact = progressed(m, sid, enqueued ? "enqueue/" + word(m.get("QueueResult")) : "dequeued");
  schemas::call::queue_info queue{
      .id = m.value("QueueSid"), .result = m.value("QueueResult"), .waited = seconds_of(m.get("QueueTime"))};
  if (!queue.id.empty() || !queue.result.empty() || queue.waited) fact.event.call->queue = std::move(queue);
  relate(fact, schemas::rel::part_of, m, "QueueSid");
  if (!enqueued)
    relate(fact, schemas::rel::about, m, m.from.find("DequeingCallSid") ? "DequeingCallSid" : "DequeuingCallSid");
  name_fact_by_request(fact, m, sid, enqueued ? "enqueue" : "dequeue");
  return {std::move(fact)};
}

std::vector<item> decode_refer(const hook_request& m) {
  const std::string_view sid = m.get("CallSid"), notified = m.get("NotifySipResponseCode");
  contact fact = progressed(m, sid, "refer/" + word(m.get("ReferCallStatus")));
  if (const auto cause = sip_cause(notified.empty() ? m.get("ReferSipResponseCode") : notified); !cause.empty())
    fact.event.call->cause += "/" + cause;
  name_fact_by_request(fact, m, sid, "refer");
  return {std::move(fact)};
}

std::vector<item> decode_machine_detection(const hook_request& m) {
  const std::string_view sid = m.get("CallSid");
  contact fact = progressed(m, sid, word(m.get("AnsweredBy")));
  fact.event.call->state = call_state::answered;
  fill_answered_by(m, *fact.event.call);
  name_fact(fact, sid, "amd", m.get("AnsweredBy"));
  return {std::move(fact)};
}

std::vector<item> decode_conference(const hook_request& m) {
  static constexpr std::string_view known[] = {
      "conference-start",   "conference-end",           "participant-join",        "participant-leave",
      "participant-mute",   "participant-unmute",       "participant-hold",        "participant-unhold",
      "participant-modify", "participant-speech-start", "participant-speech-stop", "announcement-end",
      "announcement-fail"};
  const std::string_view conference = m.get("ConferenceSid"), kind = m.get("StatusCallbackEvent"),
                         sid = m.get("CallSid");
  const bool participant = identifier(sid, 128);
  contact fact = progressed(m, participant ? sid : conference, word(kind));
  if (participant) {
    relate(fact, schemas::rel::part_of, m, "ConferenceSid");
    fact.conversation_aliases.push_back({"call", std::string(conference)});
  } else {
    fact.event.conversation.subject = m.value("FriendlyName");
    relate(fact, schemas::rel::about, m, "CallSidEndingConference");
  }
  for (const std::string_view reason : {"ReasonParticipantLeft", "ReasonConferenceEnded"})
    if (!m.get(reason).empty()) fact.event.call->cause += "/" + word(m.get(reason));
  if (const auto state = state_of(m.get("ParticipantCallStatus"))) fact.event.call->state = state;
  const std::string_view number = m.get("SequenceNumber");
  fill_sequence(fact, conference, number);
  if (number.empty())
    name_fact_by_request(fact, m, conference, word(kind));
  else
    name_fact(fact, conference, word(number), std::string(kind).append("/").append(sid));
  if (std::ranges::find(known, kind) == std::end(known)) return {unknown(std::move(fact), "conference")};
  return {std::move(fact)};
}

std::vector<item> decode_stream(const hook_request& m) {
  const std::string_view stream = m.get("StreamSid"), kind = m.get("StreamEvent");
  if (!identifier(stream, 128)) return {missing("StreamSid")};
  contact fact = progressed(m, m.get("CallSid"), word(kind));
  if (!m.get("StreamError").empty()) fact.event.call->cause += "/" + word(m.get("StreamError"));
  relate(fact, schemas::rel::part_of, m, "StreamSid");
  name_fact(fact, stream, word(kind), m.get("StreamError"));
  if (kind != "stream-started" && kind != "stream-stopped" && kind != "stream-error")
    return {unknown(std::move(fact), "stream")};
  return {std::move(fact)};
}

}  // namespace switchboard::connectors::twilio_voice
