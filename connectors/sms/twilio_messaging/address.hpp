// Twilio's addresses: "+14155550100", "72345", "ACME", "whatsapp:+14155550100", "messenger:108", "rcs:brand_agent".
#pragma once

#include <string>
#include <string_view>

#include "schemas/event.hpp"

namespace switchboard::connectors::twilio_messaging {

struct address {
  std::string_view prefix;  // "whatsapp": lower-case letters; empty for telephone numbers and whatever else
  std::string_view rest;
};
address parse_address(std::string_view) noexcept;

// Private messaging is chat; SMS, MMS and RCS are sms.
schemas::channel channel_of(std::string_view prefix) noexcept;
std::string_view product_of(std::string_view prefix, bool media) noexcept;

// The URI of either end; empty when it is hidden. `account`: the company's end, the scope of what has no number.
std::string uri_of(const address&, std::string_view account, std::string_view calling_code);

}  // namespace switchboard::connectors::twilio_messaging
