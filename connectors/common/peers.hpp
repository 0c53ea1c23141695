// Allow-lists of addresses: "192.0.2.7", "192.0.2.0/24", "2001:db8::/32". Pure, any thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace switchboard::connectors {

// Addresses that begin with the same bits. IPv4 stands among the IPv6 addresses as ::ffff:a.b.c.d, so that both
// spellings of one address are equal.
struct address_range {
  std::array<std::uint8_t, 16> first{};
  unsigned bits = 128;

  // nullopt: neither an address nor a range.
  static std::optional<address_range> parse(std::string_view) noexcept;
  bool contains(std::string_view address) const noexcept;  // false for what is no address
};

}  // namespace switchboard::connectors
