// What the addresses of messaging are: "+14155550100", "72345", "ACME", "whatsapp:+14155550100", "messenger:108".
#pragma once

#include <string>
#include <string_view>

#include "connectors/common/twilio.hpp"

namespace switchboard::connectors::twilio_messaging {

// Private messaging is chat; SMS, MMS and RCS are sms.
schemas::channel channel_of(std::string_view prefix) noexcept;
std::string_view product_of(std::string_view prefix, bool media) noexcept;

// The URI of either end; empty when it is hidden. `account`: the company's end, the scope of what has no number.
std::string uri_of(const twilio::address&, std::string_view account, std::string_view calling_code);

}  // namespace switchboard::connectors::twilio_messaging
