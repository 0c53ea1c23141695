#include "broker/observe/traceparent.hpp"

#include <algorithm>
#include <cstring>
#include <span>

namespace switchboard::observe {
namespace {

constexpr std::size_t length = 55;
constexpr std::string_view digits = "0123456789abcdef";

bool read_hex(std::string_view text, std::span<std::uint8_t> out) noexcept {
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::size_t high = digits.find(text[2 * i]), low = digits.find(text[2 * i + 1]);
    if (high == std::string_view::npos || low == std::string_view::npos) return false;
    out[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  return true;
}

void append_hex(std::string& text, std::span<const std::uint8_t> bytes) {
  for (const std::uint8_t b : bytes) {
    text += digits[b >> 4];
    text += digits[b & 15];
  }
}

bool is_zero(std::span<const std::uint8_t> bytes) noexcept {
  return std::ranges::all_of(bytes, [](std::uint8_t b) { return b == 0; });
}

std::uint64_t not_zero(std::uint64_t random) noexcept { return random ? random : 1; }

}  // namespace

std::optional<traceparent> traceparent::parse(std::string_view text) noexcept {
  if (text.size() < length || text[2] != '-' || text[35] != '-' || text[52] != '-') return std::nullopt;
  std::uint8_t version = 0;
  traceparent result;
  if (!read_hex(text, {&version, 1}) || version == 0xff) return std::nullopt;
  if (text.size() > length && (version == 0 || text[length] != '-')) return std::nullopt;
  if (!read_hex(text.substr(3), result.trace_id) || !read_hex(text.substr(36), result.parent_id) ||
      !read_hex(text.substr(53), {&result.flags, 1}))
    return std::nullopt;
  if (is_zero(result.trace_id) || is_zero(result.parent_id)) return std::nullopt;
  return result;
}

traceparent traceparent::begin(const std::array<std::uint64_t, 3>& random) noexcept {
  traceparent result;
  const std::uint64_t id[2] = {not_zero(random[0]), random[1]}, parent = not_zero(random[2]);
  std::memcpy(result.trace_id.data(), id, sizeof id);
  std::memcpy(result.parent_id.data(), &parent, sizeof parent);
  return result;
}

traceparent traceparent::child(std::uint64_t random) const noexcept {
  traceparent result = *this;
  const std::uint64_t parent = not_zero(random);
  std::memcpy(result.parent_id.data(), &parent, sizeof parent);
  return result;
}

std::string traceparent::to_string() const {
  std::string text;
  text.reserve(length);
  text += "00-";
  append_hex(text, trace_id);
  text += '-';
  append_hex(text, parent_id);
  text += '-';
  append_hex(text, {&flags, 1});
  return text;
}

}  // namespace switchboard::observe
