// IP addresses and ranges as values: whom a proxy list believes, whom a cap counts together, where a fetch may not go.
// Pure.
#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace switchboard::net {

// 16 bytes in network order; IPv4 is kept mapped (::ffff:a.b.c.d), so that both spellings of one address are equal.
struct ip_address {
  std::array<std::uint8_t, 16> bytes{};

  static std::optional<ip_address> parse(std::string_view) noexcept;  // no port, no brackets, no zone
  static ip_address v4(const std::uint8_t (&)[4]) noexcept;
  bool is_v4() const noexcept;
  std::string to_string() const;  // v4 in dotted form
  // What one client can hold many of: IPv4 as it is, of IPv6 the /64.
  ip_address counted() const noexcept;

  friend auto operator<=>(const ip_address&, const ip_address&) = default;
};

struct ip_range {
  ip_address network;
  int prefix = 128;  // over the 16 bytes: a v4 /8 is 104

  // "10.0.0.0/8", "fd00::/8", or one address. The error is for a person.
  static std::expected<ip_range, std::string> parse(std::string_view);
  bool contains(const ip_address&) const noexcept;
};

// Loopback, private, link-local, shared (100.64/10), multicast, documentation, translated and reserved ranges:
// everything that is not a host on the public internet. Cloud metadata services live in it.
bool is_internal(const ip_address&) noexcept;

}  // namespace switchboard::net

template <>
struct std::hash<switchboard::net::ip_address> {
  std::size_t operator()(const switchboard::net::ip_address&) const noexcept;
};
