#include "connectors/common/peers.hpp"

#include <algorithm>
#include <charconv>

#include "connectors/common/time.hpp"

namespace switchboard::connectors {

namespace {

using address = std::array<std::uint8_t, 16>;

constexpr unsigned bits_before_ipv4 = 96;

// Four decimal numbers into four bytes.
bool read_ipv4(std::string_view text, std::uint8_t* out) noexcept {
  for (int i = 0; i < 4; ++i) {
    const std::string_view part = text.substr(0, text.find('.'));
    const auto value = plain_integer(part);
    if (!value || *value > 255 || part.size() > 3 || (i < 3) != (part.size() < text.size())) return false;
    out[i] = static_cast<std::uint8_t>(*value);
    text.remove_prefix(std::min(text.size(), part.size() + 1));
  }
  return true;
}

// Groups of four hex digits, the last two of them maybe an IPv4 address; the number of bytes, or nullopt.
std::optional<std::size_t> read_groups(std::string_view text, address& out) noexcept {
  std::size_t size = 0;
  while (!text.empty()) {
    const std::string_view part = text.substr(0, text.find(':'));
    const bool last = part.size() == text.size();
    if (last && part.contains('.')) {
      if (size + 4 > out.size() || !read_ipv4(part, out.data() + size)) return std::nullopt;
      return size + 4;
    }
    unsigned value = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), value, 16);
    if (part.empty() || part.size() > 4 || error != std::errc{} || end != part.data() + part.size() ||
        size + 2 > out.size())
      return std::nullopt;
    out[size++] = static_cast<std::uint8_t>(value >> 8);
    out[size++] = static_cast<std::uint8_t>(value);
    if (!last && part.size() + 1 == text.size()) return std::nullopt;
    text.remove_prefix(std::min(text.size(), part.size() + 1));
  }
  return size;
}

std::optional<address> read_address(std::string_view text) noexcept {
  address out{};
  if (!text.contains(':')) {
    out[10] = out[11] = 0xFF;
    return read_ipv4(text, out.data() + 12) ? std::optional(out) : std::nullopt;
  }
  const std::size_t gap = text.find("::");
  if (gap == std::string_view::npos) {
    const auto size = read_groups(text, out);
    return size == out.size() ? std::optional(out) : std::nullopt;
  }
  address tail{};
  const auto before = read_groups(text.substr(0, gap), out), after = read_groups(text.substr(gap + 2), tail);
  if (!before || !after || *before + *after > out.size() - 2) return std::nullopt;
  std::copy_n(tail.begin(), *after, out.end() - static_cast<std::ptrdiff_t>(*after));
  return out;
}

}  // namespace

std::optional<address_range> address_range::parse(std::string_view text) noexcept {
  const std::size_t slash = text.find('/');
  const auto read = read_address(text.substr(0, slash));
  if (!read) return std::nullopt;
  address_range out{*read, 128};
  if (slash == std::string_view::npos) return out;
  const auto bits = plain_integer(text.substr(slash + 1));
  const unsigned fixed = text.contains(':') ? 0 : bits_before_ipv4;
  if (!bits || *bits > 128 - fixed) return std::nullopt;
  out.bits = static_cast<unsigned>(*bits) + fixed;
  return out;
}

bool address_range::contains(std::string_view text) const noexcept {
  const auto read = read_address(text);
  if (!read) return false;
  const std::size_t whole = bits / 8;
  if (!std::equal(first.begin(), first.begin() + static_cast<std::ptrdiff_t>(whole), read->begin())) return false;
  const unsigned rest = bits % 8;
  return rest == 0 || (first[whole] ^ (*read)[whole]) >> (8 - rest) == 0;
}

}  // namespace switchboard::connectors
