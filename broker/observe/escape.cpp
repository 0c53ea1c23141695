#include "broker/observe/escape.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <iterator>

namespace switchboard::observe {
namespace {

struct character {
  char32_t code = 0;
  std::size_t size = 1;
  bool valid = false;
};

character next_character(std::string_view text) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t first = byte(0);
  if (first < 0x80) return {first, 1, true};
  const std::size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < size) return {};
  char32_t code = first & (0x7f >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {};
    code = code << 6 | (byte(i) & 0x3f);
  }
  constexpr char32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  if (code < least[size] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return {};
  return {code, size, true};
}

bool is_unsafe(char32_t c) noexcept {
  return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0x61c || (c >= 0x200b && c <= 0x200f) ||
         (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff || (c >= 0xfff9 && c <= 0xfffb);
}

enum class style : std::uint8_t { json, logfmt, terminal };

void append_escaped(std::string& line, std::string_view text, style as) {
  const bool cut = text.size() > longest_logged_value;
  if (cut) text = text.substr(0, longest_logged_value);
  while (!text.empty()) {
    const character c = next_character(text);
    const std::string_view bytes = text.substr(0, c.size);
    if (!c.valid && as == style::json)
      line += "\\ufffd";
    else if (!c.valid)
      fmt::format_to(std::back_inserter(line), "\\x{:02x}", static_cast<std::uint8_t>(text[0]));
    else if ((c.code == '"' || c.code == '\\') && as != style::terminal)
      (line += '\\') += bytes;
    else if (c.code == '\n')
      line += "\\n";
    else if (c.code == '\r')
      line += "\\r";
    else if (c.code == '\t')
      line += "\\t";
    else if (is_unsafe(c.code))
      fmt::format_to(std::back_inserter(line), "\\u{:04x}", static_cast<std::uint32_t>(c.code));
    else
      line += bytes;
    text.remove_prefix(c.size);
  }
  if (cut) line += "…";
}

bool is_plain(std::string_view text) noexcept {
  if (text.empty() || text.size() > longest_logged_value) return false;
  for (const char c : text)
    if (c <= ' ' || c > '~' || c == '"' || c == '\\' || c == '=') return false;
  return true;
}

}  // namespace

void append_json(std::string& line, std::string_view text) {
  line += '"';
  append_escaped(line, text, style::json);
  line += '"';
}

void append_logfmt(std::string& line, std::string_view text) {
  if (is_plain(text)) {
    line += text;
    return;
  }
  line += '"';
  append_escaped(line, text, style::logfmt);
  line += '"';
}

void append_harmless(std::string& line, std::string_view text) { append_escaped(line, text, style::terminal); }

}  // namespace switchboard::observe
