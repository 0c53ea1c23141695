// Twilio messaging: SMS, MMS, RCS, WhatsApp and Messenger through Twilio numbers; docs/connectors/twilio-messaging.md.
#pragma once

#include "connectors/contract.hpp"

namespace switchboard::connectors::twilio_messaging {

inline constexpr std::string_view name = "twilio-messaging";
extern const connector definition;

}  // namespace switchboard::connectors::twilio_messaging
