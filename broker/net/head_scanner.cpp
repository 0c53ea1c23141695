#include "broker/net/head_scanner.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

namespace switchboard::net {
namespace {

constexpr std::size_t longest_method = 32;
constexpr std::size_t version_length = 8;  // HTTP/1.1

enum : std::uint8_t { text = 1, token = 2, visible = 4 };

constexpr auto classes = [] {
  std::array<std::uint8_t, 256> table{};
  for (unsigned c = 0x20; c < 0x100; ++c)
    if (c != 0x7f) table[c] |= text;
  table['\t'] |= text;
  for (unsigned c = 0x21; c < 0x7f; ++c) table[c] |= visible;
  for (const char c : std::string_view("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"))
    table[static_cast<std::uint8_t>(c)] |= token;
  return table;
}();

bool is(char c, std::uint8_t kind) noexcept { return (classes[static_cast<std::uint8_t>(c)] & kind) != 0; }
bool all(std::string_view s, std::uint8_t kind) noexcept {
  return std::ranges::all_of(s, [&](char c) { return is(c, kind); });
}
bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

std::optional<refusal> check_request_line(std::string_view line, const http_limits& limits) noexcept {
  const std::size_t first = line.find(' ');
  if (first == line.npos || first > longest_method || !is_token(line.substr(0, first)))
    return refusal::malformed_request_line;
  const std::size_t second = line.find(' ', first + 1);
  if (second == line.npos) return refusal::malformed_request_line;
  const std::string_view method = line.substr(0, first), target = line.substr(first + 1, second - first - 1),
                         version = line.substr(second + 1);
  if (version.size() != version_length || !version.starts_with("HTTP/") || !is_digit(version[5]) || version[6] != '.' ||
      !is_digit(version[7]))
    return refusal::malformed_request_line;
  if (version != "HTTP/1.1" && version != "HTTP/1.0") return refusal::unsupported_version;
  if (target.size() > limits.target_bytes) return refusal::target_too_long;
  if (!all(target, visible) || target.find('#') != target.npos) return refusal::bad_target;
  if (!target.starts_with('/') && !(target == "*" && method == "OPTIONS")) return refusal::bad_target;
  return std::nullopt;
}

std::optional<refusal> check_field(std::string_view line) noexcept {
  if (line.front() == ' ' || line.front() == '\t') return refusal::obsolete_folding;
  const std::size_t colon = line.find(':');
  if (colon == line.npos || !is_token(line.substr(0, colon))) return refusal::malformed_header;
  return std::nullopt;
}

}  // namespace

bool is_token(std::string_view s) noexcept { return !s.empty() && all(s, token); }

std::expected<bool, refusal> head_scanner::scan(std::string_view received) noexcept {
  while (position_ < received.size()) {
    while (position_ < received.size() && is(received[position_], text)) ++position_;
    if (position_ == received.size()) break;
    const char c = received[position_];
    if (c == '\n') return std::unexpected(refusal::bare_line_ending);
    if (c != '\r') return std::unexpected(refusal::forbidden_character);
    if (position_ + 1 == received.size()) break;
    if (received[position_ + 1] != '\n') return std::unexpected(refusal::bare_line_ending);
    const auto complete = end_of_line(received);
    if (!complete || *complete) return complete;
  }
  return within_limits();
}

std::expected<bool, refusal> head_scanner::end_of_line(std::string_view received) noexcept {
  const std::string_view line = received.substr(line_, position_ - line_);
  position_ += 2;
  if (fields_begin_ == 0) {
    if (line.empty() && begin_ == 0) {
      begin_ = line_ = position_;
      return false;
    }
    if (const auto wrong = check_request_line(line, *limits_)) return std::unexpected(*wrong);
    line_ = fields_begin_ = position_;
    return false;
  }
  if (line.empty()) {
    const auto fits = within_limits();
    return fits ? true : fits;
  }
  if (const auto wrong = check_field(line)) return std::unexpected(*wrong);
  if (++fields_ > limits_->headers) return std::unexpected(refusal::too_many_headers);
  line_ = position_;
  return false;
}

std::expected<bool, refusal> head_scanner::within_limits() const noexcept {
  if (fields_begin_ == 0) {
    if (position_ - begin_ > longest_method + limits_->target_bytes + version_length + 2)
      return std::unexpected(refusal::target_too_long);
  } else if (position_ - fields_begin_ > limits_->header_bytes) {
    return std::unexpected(refusal::header_too_large);
  }
  return false;
}

}  // namespace switchboard::net
