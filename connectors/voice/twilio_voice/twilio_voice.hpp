// Twilio Programmable Voice: calls, what callers key in and say, voicemail; docs/connectors/twilio-voice.md.
#pragma once

#include "connectors/contract.hpp"

namespace switchboard::connectors::twilio_voice {

inline constexpr std::string_view name = "twilio-voice";
extern const connector definition;

}  // namespace switchboard::connectors::twilio_voice
