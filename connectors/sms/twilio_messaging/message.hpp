// One inbound message: what it says, and what else it tells (a withdrawal of consent).
#pragma once

#include "connectors/common/form.hpp"
#include "connectors/sms/twilio_messaging/settings.hpp"

namespace switchboard::connectors::twilio_messaging {

struct source_of_message {
  const form& from;
  const configuration& settings;
  const connectors::limits& limits;
  const inbound& request;
};

std::vector<item> decode_message(const source_of_message&);
std::vector<item> decode_status(const source_of_message&);

}  // namespace switchboard::connectors::twilio_messaging
