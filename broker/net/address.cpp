#include "broker/net/address.hpp"

#include <arpa/inet.h>

#include <charconv>
#include <cstring>

namespace switchboard::net {
namespace {

constexpr std::array<std::uint8_t, 12> mapped_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

}  // namespace

ip_address ip_address::v4(const std::uint8_t (&octets)[4]) noexcept {
  ip_address address;
  std::memcpy(address.bytes.data(), mapped_prefix.data(), mapped_prefix.size());
  std::memcpy(address.bytes.data() + mapped_prefix.size(), octets, 4);
  return address;
}

std::optional<ip_address> ip_address::parse(std::string_view text) noexcept {
  char name[INET6_ADDRSTRLEN];
  if (text.empty() || text.size() >= sizeof name || text.find('\0') != text.npos) return std::nullopt;
  std::memcpy(name, text.data(), text.size());
  name[text.size()] = '\0';
  std::uint8_t octets[4];
  if (::inet_pton(AF_INET, name, octets) == 1) return v4(octets);
  ip_address address;
  if (::inet_pton(AF_INET6, name, address.bytes.data()) == 1) return address;
  return std::nullopt;
}

bool ip_address::is_v4() const noexcept {
  return std::memcmp(bytes.data(), mapped_prefix.data(), mapped_prefix.size()) == 0;
}

std::string ip_address::to_string() const {
  char text[INET6_ADDRSTRLEN];
  if (is_v4())
    ::inet_ntop(AF_INET, bytes.data() + 12, text, sizeof text);
  else
    ::inet_ntop(AF_INET6, bytes.data(), text, sizeof text);
  return text;
}

ip_address ip_address::counted() const noexcept {
  if (is_v4()) return *this;
  ip_address network = *this;
  std::memset(network.bytes.data() + 8, 0, 8);
  return network;
}

std::expected<ip_range, std::string> ip_range::parse(std::string_view text) {
  const auto fail = [&] {
    return std::unexpected("'" + std::string(text) +
                           "' is not an address range; write it as 10.0.0.0/8, fd00::/8 or 192.0.2.1");
  };
  const std::size_t slash = text.find('/');
  const auto address = ip_address::parse(text.substr(0, slash));
  if (!address) return fail();
  const int bits = address->is_v4() && text.find(':') == text.npos ? 32 : 128;
  int prefix = bits;
  if (slash != text.npos) {
    const std::string_view digits = text.substr(slash + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), prefix);
    if (error != std::errc{} || end != digits.data() + digits.size() || digits.empty() || prefix < 0 || prefix > bits)
      return fail();
  }
  return ip_range{*address, prefix + 128 - bits};
}

bool ip_range::contains(const ip_address& address) const noexcept {
  const auto whole = static_cast<std::size_t>(prefix / 8);
  if (std::memcmp(network.bytes.data(), address.bytes.data(), whole) != 0) return false;
  const int rest = prefix % 8;
  return rest == 0 || (network.bytes[whole] ^ address.bytes[whole]) >> (8 - rest) == 0;
}

bool is_internal(const ip_address& address) noexcept {
  static const auto ranges = [] {
    constexpr std::string_view list[] = {"0.0.0.0/8",      "10.0.0.0/8",     "100.64.0.0/10", "127.0.0.0/8",
                                         "169.254.0.0/16", "172.16.0.0/12",  "192.0.0.0/24",  "192.0.2.0/24",
                                         "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24",
                                         "203.0.113.0/24", "224.0.0.0/4",    "240.0.0.0/4"};
    std::array<ip_range, std::size(list)> parsed;
    for (std::size_t i = 0; i < parsed.size(); ++i) parsed[i] = *ip_range::parse(list[i]);
    return parsed;
  }();
  // Of IPv6 only 2000::/3 is given out; inside it, what embeds an IPv4 address or is for documentation is not a host of
  // its own.
  static const auto global = *ip_range::parse("2000::/3");
  static const std::array special{*ip_range::parse("2001::/23"), *ip_range::parse("2001:db8::/32"),
                                  *ip_range::parse("2002::/16"), *ip_range::parse("3fff::/20")};
  const auto holds = [&](const ip_range& range) { return range.contains(address); };
  if (address.is_v4()) return std::ranges::any_of(ranges, holds);
  return !global.contains(address) || std::ranges::any_of(special, holds);
}

}  // namespace switchboard::net

std::size_t std::hash<switchboard::net::ip_address>::operator()(
    const switchboard::net::ip_address& address) const noexcept {
  return std::hash<std::string_view>()({reinterpret_cast<const char*>(address.bytes.data()), address.bytes.size()});
}
