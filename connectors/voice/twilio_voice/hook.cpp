#include "connectors/voice/twilio_voice/hook.hpp"

#include <algorithm>
#include <charconv>

#include "connectors/common/time.hpp"

namespace switchboard::connectors::twilio_voice {

namespace {

// What Twilio tells of every call. A request for TwiML that tells more is the result of a verb that is not known here.
bool only_describes_the_call(const form& from) {
  constexpr std::string_view known[] = {"From",        "To",        "Call",     "Account",   "Api",
                                        "Application", "Sip",       "Stir",     "Direction", "ForwardedFrom",
                                        "Parent",      "Duration",  "Time",     "Sequence",  "Answered",
                                        "AddOns",      "ErrorCode", "ErrorUrl", "prompt"};
  return std::ranges::all_of(from.parameters(), [&](const parameter& p) {
    return std::ranges::any_of(known, [&](std::string_view prefix) { return p.name.starts_with(prefix); });
  });
}

hook status_or_request(const form& from) {
  const std::string_view status = from.get("CallStatus");
  const bool outbound = from.get("Direction").starts_with("outbound");
  if (!from.get("CallbackSource").empty() || from.find("CallDuration")) return hook::status;
  if (status == "ringing" && !outbound) return hook::incoming;
  if (!only_describes_the_call(from)) return hook::other;
  if (status == "in-progress") return outbound ? hook::outgoing : hook::redirect;
  return hook::status;
}

}  // namespace

hook hook_of(const form& from) {
  struct mark {
    std::string_view name;
    hook means;
  };
  // The first that is there decides.
  static constexpr mark marks[] = {{"MessageSid", hook::other},
                                   {"ConversationSid", hook::other},
                                   {"TranscriptionEvent", hook::live_transcription},
                                   {"TranscriptionSid", hook::transcription},
                                   {"StreamEvent", hook::stream},
                                   {"RecordingStatus", hook::recording},
                                   {"StatusCallbackEvent", hook::conference},
                                   {"DialCallStatus", hook::dial},
                                   {"QueueResult", hook::enqueue},
                                   {"DequeingCallSid", hook::dequeue},
                                   {"DequeuingCallSid", hook::dequeue},
                                   {"QueuePosition", hook::wait},
                                   {"ReferCallStatus", hook::refer},
                                   {"StableSpeechResult", hook::partial},
                                   {"UnstableSpeechResult", hook::partial}};
  for (const mark& each : marks)
    if (from.find(each.name))
      return each.means == hook::conference && !from.find("ConferenceSid") ? hook::other : each.means;
  if (!from.find("CallStatus")) {
    if (from.find("AnsweredBy")) return hook::machine_detection;
    if (!from.find("RecordingUrl") && !from.find("Digits") && !from.find("SpeechResult")) return hook::other;
  }
  const bool status = !from.get("CallbackSource").empty() || from.find("CallDuration");
  if (!status && from.find("RecordingUrl")) return hook::record;
  if (!status && (from.find("Digits") || from.find("SpeechResult"))) return hook::gather;
  return status_or_request(from);
}

std::string_view kind_of_other(const form& from) {
  if (from.find("ConversationSid")) return from.get("EventType").empty() ? "conversation" : from.get("EventType");
  for (const auto& [name, kind] : {std::pair<std::string_view, std::string_view>{"MessageSid", "message"},
                                   {"ConferenceSid", "conference"},
                                   {"CallSid", "call"}})
    if (from.find(name)) return kind;
  return "parameters";
}

std::optional<std::chrono::milliseconds> seconds_of(std::string_view text) noexcept {
  constexpr std::int64_t most = 1'000'000'000;
  const auto seconds = plain_integer(text);
  if (!seconds || *seconds > most) return std::nullopt;
  return std::chrono::seconds(*seconds);
}

std::optional<double> confidence_of(std::string_view text) noexcept {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !(value >= 0 && value <= 1)) return std::nullopt;
  return value;
}

}  // namespace switchboard::connectors::twilio_voice
