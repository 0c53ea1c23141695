#include "connectors/sms/twilio_messaging/address.hpp"

#include "connectors/common/identity.hpp"

namespace switchboard::connectors::twilio_messaging {

schemas::channel channel_of(std::string_view prefix) noexcept {
  return prefix.empty() || prefix == "rcs" ? schemas::channel::sms : schemas::channel::chat;
}

std::string_view product_of(std::string_view prefix, bool media) noexcept {
  if (prefix.empty()) return media ? "mms" : "sms";
  for (const std::string_view known : {"whatsapp", "messenger", "rcs", "instagram", "viber", "line"})
    if (prefix == known) return known;
  return "messaging";
}

std::string uri_of(const twilio::address& a, std::string_view account, std::string_view calling_code) {
  if (a.rest.empty()) return {};
  if (a.prefix == "whatsapp") {
    if (auto uri = whatsapp_uri(a.rest); !uri.empty()) return uri;
    return whatsapp_uri(account, a.rest);
  }
  if (a.prefix.empty() || a.prefix == "rcs") return sender_uri(a.rest, "twilio", account, calling_code);
  return provider_uri(a.prefix, account, a.rest);
}

}  // namespace switchboard::connectors::twilio_messaging
