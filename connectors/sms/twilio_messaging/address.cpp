#include "connectors/sms/twilio_messaging/address.hpp"

#include <algorithm>

#include "connectors/common/identity.hpp"

namespace switchboard::connectors::twilio_messaging {

address parse_address(std::string_view text) noexcept {
  const std::size_t colon = text.find(':');
  constexpr std::size_t longest_prefix = 32;
  const bool named = colon != std::string_view::npos && colon > 0 && colon <= longest_prefix &&
                     std::ranges::all_of(text.substr(0, colon), [](char c) { return c >= 'a' && c <= 'z'; });
  if (!named) return {{}, text};
  return {text.substr(0, colon), text.substr(colon + 1)};
}

schemas::channel channel_of(std::string_view prefix) noexcept {
  return prefix.empty() || prefix == "rcs" ? schemas::channel::sms : schemas::channel::chat;
}

std::string_view product_of(std::string_view prefix, bool media) noexcept {
  if (prefix.empty()) return media ? "mms" : "sms";
  for (const std::string_view known : {"whatsapp", "messenger", "rcs", "instagram", "viber", "line"})
    if (prefix == known) return known;
  return "messaging";
}

std::string uri_of(const address& a, std::string_view account, std::string_view calling_code) {
  if (a.rest.empty()) return {};
  if (a.prefix == "whatsapp") {
    if (auto uri = whatsapp_uri(a.rest); !uri.empty()) return uri;
    return whatsapp_uri(account, a.rest);
  }
  if (a.prefix.empty() || a.prefix == "rcs") return sender_uri(a.rest, "twilio", account, calling_code);
  return provider_uri(a.prefix, account, a.rest);
}

}  // namespace switchboard::connectors::twilio_messaging
