// Which of Twilio's hooks a request is. Twilio names no kind: it is told by which parameters are there.
#pragma once

#include <optional>
#include <string>

#include "connectors/common/form.hpp"
#include "connectors/common/twilio.hpp"
#include "connectors/voice/twilio_voice/settings.hpp"

namespace switchboard::connectors::twilio_voice {

enum class hook : std::uint8_t {
  // these wait for TwiML
  incoming,  // a call comes in
  outgoing,  // a call of ours was answered
  redirect,  // TwiML for a call that is already under way
  gather,
  record,
  dial,
  enqueue,
  dequeue,
  wait,  // asked again and again while somebody is in a queue: nothing happened
  refer,
  // these do not
  status,
  partial,
  machine_detection,
  recording,
  transcription,
  live_transcription,
  conference,
  stream,
  other,
};
hook hook_of(const form&);
// What an unknown hook is called in the event.
std::string_view kind_of_other(const form&);

// One request while it is decoded. Everything outlives it.
struct hook_request {
  const form& from;
  const form& url;  // the parameters that whoever configured the hook wrote into its URL; Twilio signs them too
  const configuration& settings;
  const inbound& request;

  std::string_view get(std::string_view parameter) const noexcept { return from.get(parameter); }
  std::string value(std::string_view parameter) const { return twilio::value_of(from, parameter); }
  // Of the call: callbacks that do not say it may have it in their URL.
  std::string_view call(std::string_view parameter) const noexcept {
    return from.find(parameter).value_or(url.get(parameter));
  }
  // Who calls may be hidden ("anonymous", empty); callbacks that concern recordings and the like do not tell at all.
  bool knows_caller() const noexcept { return from.find("From") || url.find("From"); }
};

// Whole seconds, less than thirty years.
std::optional<std::chrono::milliseconds> seconds_of(std::string_view) noexcept;
// A fraction from 0 to 1.
std::optional<double> confidence_of(std::string_view) noexcept;

}  // namespace switchboard::connectors::twilio_voice
