#include "schemas/text.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>

#include "schemas/append.hpp"

namespace switchboard::schemas {

namespace {

using namespace std::chrono;

constexpr char hex_digits[] = "0123456789abcdef";

int hex_value(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

constexpr bool hyphen_before(std::size_t byte) { return byte == 4 || byte == 6 || byte == 8 || byte == 10; }

constexpr timestamp first_time = sys_days{year{0} / January / 1};
constexpr timestamp last_time = sys_days{year{9999} / December / 31} + days{1} - milliseconds{1};

template <std::size_t Digits>
void put_number(char* to, unsigned value) noexcept {
  for (std::size_t i = Digits; i-- > 0; value /= 10) to[i] = static_cast<char>('0' + value % 10);
}

// Reads exactly `digits` decimal digits at the front of `text`; -1 when they are not there.
int take_number(std::string_view& text, std::size_t digits) noexcept {
  if (text.size() < digits) return -1;
  int value = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    if (text[i] < '0' || text[i] > '9') return -1;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(digits);
  return value;
}

bool take(std::string_view& text, std::string_view any_of) noexcept {
  if (text.empty() || any_of.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

// Length of the well-formed UTF-8 sequence at the front (Unicode, table 3-7), or of its maximal bad prefix with `valid`
// false.
struct sequence_length {
  std::size_t length;
  bool valid;
};
sequence_length utf8_sequence(const unsigned char* at, std::size_t left) noexcept {
  const unsigned char lead = at[0];
  std::size_t length = 0;
  unsigned char low = 0x80, high = 0xBF;
  if (lead >= 0xC2 && lead <= 0xDF) {
    length = 2;
  } else if (lead >= 0xE0 && lead <= 0xEF) {
    length = 3;
    if (lead == 0xE0) low = 0xA0;
    if (lead == 0xED) high = 0x9F;
  } else if (lead >= 0xF0 && lead <= 0xF4) {
    length = 4;
    if (lead == 0xF0) low = 0x90;
    if (lead == 0xF4) high = 0x8F;
  } else {
    return {1, false};
  }
  for (std::size_t i = 1; i < length; ++i) {
    if (i >= left || at[i] < low || at[i] > high) return {i, false};
    low = 0x80;
    high = 0xBF;
  }
  return {length, true};
}

constexpr bool plain(unsigned char c) { return c >= 0x20 && c < 0x80 && c != '"' && c != '\\'; }

// How many bytes at the front need neither an escape nor a look at their encoding.
std::size_t plain_run(const unsigned char* at, std::size_t left) noexcept {
  constexpr std::uint64_t ones = 0x0101010101010101, tops = 0x8080808080808080;
  std::size_t n = 0;
  for (; n + 8 <= left; n += 8) {
    std::uint64_t word;
    std::memcpy(&word, at + n, 8);
    const auto zero_byte = [](std::uint64_t w) { return (w - ones) & ~w & tops; };
    const std::uint64_t control = (word - ones * 0x20) & ~word & tops;
    if ((word & tops) | control | zero_byte(word ^ (ones * '"')) | zero_byte(word ^ (ones * '\\'))) break;
  }
  while (n < left && plain(at[n])) ++n;
  return n;
}

void append_escape(std::string& out, unsigned char c) {
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default: {
      const char text[] = {'\\', 'u', '0', '0', hex_digits[c >> 4], hex_digits[c & 15]};
      out.append(text, sizeof text);
    }
  }
}

}  // namespace

void append_uuid(std::string& out, const uuid& id) {
  append_in_place(out, 36, [&](char* to) {
    for (std::size_t i = 0; i < id.bytes.size(); ++i) {
      if (hyphen_before(i)) *to++ = '-';
      *to++ = hex_digits[id.bytes[i] >> 4];
      *to++ = hex_digits[id.bytes[i] & 15];
    }
  });
}

std::string to_string(const uuid& id) {
  std::string out;
  out.reserve(36);
  append_uuid(out, id);
  return out;
}

std::optional<uuid> uuid_from_string(std::string_view text) noexcept {
  if (text.size() != 36) return std::nullopt;
  uuid id;
  std::size_t at = 0;
  for (std::size_t i = 0; i < id.bytes.size(); ++i) {
    if (hyphen_before(i) && text[at++] != '-') return std::nullopt;
    const int high = hex_value(text[at]), low = hex_value(text[at + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    id.bytes[i] = static_cast<std::uint8_t>(high << 4 | low);
    at += 2;
  }
  return id;
}

void append_timestamp(std::string& out, timestamp time) {
  time = std::clamp(time, first_time, last_time);
  const auto day = floor<days>(time);
  const year_month_day date{day};
  const auto of_day = static_cast<unsigned>((time - day).count());
  append_in_place(out, 24, [&](char* text) {
    text[4] = text[7] = '-';
    text[10] = 'T';
    text[13] = text[16] = ':';
    text[19] = '.';
    text[23] = 'Z';
    put_number<4>(text, static_cast<unsigned>(static_cast<int>(date.year())));
    put_number<2>(text + 5, static_cast<unsigned>(date.month()));
    put_number<2>(text + 8, static_cast<unsigned>(date.day()));
    put_number<2>(text + 11, of_day / 3'600'000);
    put_number<2>(text + 14, of_day / 60'000 % 60);
    put_number<2>(text + 17, of_day / 1000 % 60);
    put_number<3>(text + 20, of_day % 1000);
  });
}

std::string to_string(timestamp time) {
  std::string out;
  out.reserve(24);
  append_timestamp(out, time);
  return out;
}

std::optional<timestamp> timestamp_from_rfc3339(std::string_view text) noexcept {
  const int y = take_number(text, 4);
  if (y < 0 || !take(text, "-")) return std::nullopt;
  const int m = take_number(text, 2);
  if (m < 0 || !take(text, "-")) return std::nullopt;
  const int d = take_number(text, 2);
  if (d < 0 || !take(text, "Tt ")) return std::nullopt;
  const year_month_day date{year{y}, month{static_cast<unsigned>(m)}, day{static_cast<unsigned>(d)}};
  if (!date.ok()) return std::nullopt;

  const int hour = take_number(text, 2);
  if (hour < 0 || hour > 23 || !take(text, ":")) return std::nullopt;
  const int minute = take_number(text, 2);
  if (minute < 0 || minute > 59 || !take(text, ":")) return std::nullopt;
  const int second = take_number(text, 2);
  if (second < 0 || second > 60) return std::nullopt;

  int fraction = 0;
  if (take(text, ".")) {
    std::size_t count = 0;
    for (; count < text.size() && text[count] >= '0' && text[count] <= '9'; ++count)
      if (count < 3) fraction = fraction * 10 + (text[count] - '0');
    if (count == 0 || count > 9) return std::nullopt;
    for (std::size_t i = count; i < 3; ++i) fraction *= 10;
    text.remove_prefix(count);
  }

  minutes offset{0};
  if (!take(text, "Zz")) {
    if (text.empty()) return std::nullopt;
    const bool west = text.front() == '-';
    if (!take(text, "+-")) return std::nullopt;
    const int offset_hours = take_number(text, 2);
    if (offset_hours < 0 || offset_hours > 23 || !take(text, ":")) return std::nullopt;
    const int offset_minutes = take_number(text, 2);
    if (offset_minutes < 0 || offset_minutes > 59) return std::nullopt;
    offset = hours{offset_hours} + minutes{offset_minutes};
    if (west) offset = -offset;
  }
  if (!text.empty()) return std::nullopt;

  const timestamp whole_minute = sys_days{date} + hours{hour} + minutes{minute} - offset;
  if (second == 60 && floor<days>(whole_minute) + days{1} - whole_minute != minutes{1}) return std::nullopt;
  const timestamp time = whole_minute + seconds{second} + milliseconds{fraction};
  if (time < first_time || time > last_time) return std::nullopt;
  return time;
}

void append_json_string(std::string& out, std::string_view utf8) {
  const auto* at = reinterpret_cast<const unsigned char*>(utf8.data());
  std::size_t left = utf8.size();
  if (plain_run(at, left) == left) {
    append_in_place(out, left + 2, [&](char* to) {
      *to++ = '"';
      *std::copy_n(utf8.data(), left, to) = '"';
    });
    return;
  }
  out += '"';
  while (left > 0) {
    // One run of what is copied as it is: plain bytes and whole sequences.
    std::size_t run = 0;
    sequence_length bad{0, true};
    for (;;) {
      run += plain_run(at + run, left - run);
      if (run == left || at[run] < 0x80) break;
      const auto next = utf8_sequence(at + run, left - run);
      if (!next.valid) {
        bad = next;
        break;
      }
      run += next.length;
    }
    out.append(reinterpret_cast<const char*>(at), run);
    at += run;
    left -= run;
    if (left == 0) break;
    if (bad.length > 0) {
      out += "\xEF\xBF\xBD";
      at += bad.length;
      left -= bad.length;
    } else {
      append_escape(out, *at);
      ++at;
      --left;
    }
  }
  out += '"';
}

void append_base64(std::string& out, std::string_view bytes) {
  constexpr char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const auto* at = reinterpret_cast<const unsigned char*>(bytes.data());
  std::size_t left = bytes.size();
  const std::size_t start = out.size();
  out.resize(start + (left + 2) / 3 * 4);
  char* to = out.data() + start;
  for (; left >= 3; left -= 3, at += 3) {
    const unsigned group = static_cast<unsigned>(at[0]) << 16 | static_cast<unsigned>(at[1]) << 8 | at[2];
    *to++ = alphabet[group >> 18];
    *to++ = alphabet[group >> 12 & 63];
    *to++ = alphabet[group >> 6 & 63];
    *to++ = alphabet[group & 63];
  }
  if (left == 0) return;
  const unsigned group = static_cast<unsigned>(at[0]) << 16 | (left == 2 ? static_cast<unsigned>(at[1]) << 8 : 0u);
  *to++ = alphabet[group >> 18];
  *to++ = alphabet[group >> 12 & 63];
  *to++ = left == 2 ? alphabet[group >> 6 & 63] : '=';
  *to = '=';
}

void append_sequence_number(std::string& out, std::uint64_t value) {
  std::array<char, 20> text;
  for (std::size_t i = text.size(); i-- > 0; value /= 10) text[i] = static_cast<char>('0' + value % 10);
  out.append(text.data(), text.size());
}

void append_uri_segment(std::string& out, std::string_view segment) {
  constexpr char upper_hex[] = "0123456789ABCDEF";
  for (const char c : segment) {
    const auto byte = static_cast<unsigned char>(c);
    const bool unreserved = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                            c == '.' || c == '_' || c == '~';
    if (unreserved) {
      out += c;
    } else {
      const char text[] = {'%', upper_hex[byte >> 4], upper_hex[byte & 15]};
      out.append(text, sizeof text);
    }
  }
}

}  // namespace switchboard::schemas
