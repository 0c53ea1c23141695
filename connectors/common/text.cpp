#include "connectors/common/text.hpp"

#include <simdjson.h>

#include <algorithm>

namespace switchboard::connectors {

namespace {

constexpr char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

constexpr std::string_view replacement = "\xEF\xBF\xBD";

constexpr bool continues(unsigned char c) noexcept { return (c & 0xC0) == 0x80; }

struct step {
  std::size_t length;
  bool valid;
};

// The code point or the longest ill-formed start of one at the front (Unicode's "maximal subpart").
step next(std::string_view s) noexcept {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(s[i]); };
  const unsigned char lead = at(0);
  if (lead < 0x80) return {1, true};
  if (lead < 0xC2 || lead > 0xF4) return {1, false};
  const std::size_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  const unsigned char least = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  const unsigned char most = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  for (std::size_t i = 1; i < length; ++i) {
    if (i >= s.size()) return {i, false};
    if (i == 1 ? at(i) < least || at(i) > most : !continues(at(i))) return {i, false};
  }
  return {length, true};
}

}  // namespace

bool equal_without_case(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); });
}

std::string lower(std::string_view s) {
  std::string out(s);
  std::ranges::transform(out, out.begin(), [](char c) { return lower(c); });
  return out;
}

std::string_view trimmed(std::string_view s) noexcept {
  while (!s.empty() && (s.front() == ' ' || s.front() == '\t')) s.remove_prefix(1);
  while (!s.empty() && (s.back() == ' ' || s.back() == '\t')) s.remove_suffix(1);
  return s;
}

bool valid_utf8(std::string_view s) noexcept { return simdjson::validate_utf8(s.data(), s.size()); }

std::string repaired(std::string_view s) {
  if (valid_utf8(s)) return std::string(s);
  std::string out;
  out.reserve(s.size() + 16);
  while (!s.empty()) {
    const auto [length, valid] = next(s);
    out += valid ? s.substr(0, length) : replacement;
    s.remove_prefix(length);
  }
  return out;
}

std::string_view cut(std::string_view s, std::size_t bytes) noexcept {
  if (s.size() <= bytes) return s;
  while (bytes > 0 && continues(static_cast<unsigned char>(s[bytes]))) --bytes;
  return s.substr(0, bytes);
}

std::string words(std::string_view s, std::size_t bytes, schemas::event& event) {
  std::string whole = repaired(s);
  if (whole.size() <= bytes) return whole;
  event.add(schemas::flag::truncated);
  return std::string(cut(whole, bytes));
}

bool identifier(std::string_view s, std::size_t bytes) noexcept {
  return !s.empty() && s.size() <= bytes &&
         std::ranges::none_of(s, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }) &&
         valid_utf8(s);
}

std::string_view language_tag(std::string_view tag) noexcept {
  std::size_t length = 0;
  bool first = true;
  for (const char c : tag) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (c == '-' && length > 0) {
      length = 0;
      first = false;
    } else if ((letter || (!first && c >= '0' && c <= '9')) && length < 8) {
      ++length;
    } else {
      return {};
    }
  }
  return length > 0 ? tag : std::string_view{};
}

std::string media_type(std::string_view content_type) {
  return lower(trimmed(content_type.substr(0, content_type.find(';'))));
}

schemas::attachment_kind attachment_kind_of(std::string_view type) noexcept {
  using enum schemas::attachment_kind;
  if (type.starts_with("image/")) return image;
  if (type.starts_with("video/")) return video;
  if (type.starts_with("audio/")) return audio;
  if (type == "text/vcard" || type == "text/x-vcard" || type == "text/directory") return contact;
  if (type == "text/calendar") return calendar;
  if (type.starts_with("text/") || type.starts_with("application/")) return document;
  return other;
}

std::optional<schemas::money> money_of(std::string amount, std::string_view currency) {
  const auto digits = [](std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
  };
  std::string_view whole = amount;
  if (whole.starts_with('-')) whole.remove_prefix(1);
  const std::size_t point = std::min(whole.find('.'), whole.size());
  const bool decimal = digits(whole.substr(0, point)) && (point == whole.size() || digits(whole.substr(point + 1)));
  const bool named = currency.size() == 3 && std::ranges::all_of(currency, [](char c) { return c >= 'A' && c <= 'Z'; });
  if (!decimal || !named) return std::nullopt;
  return schemas::money{std::move(amount), std::string(currency)};
}

void append_xml(std::string& out, std::string_view utf8) {
  for (const char c : utf8) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&apos;";
        break;
      default:
        if (static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\t') out += c;
    }
  }
}

}  // namespace switchboard::connectors
