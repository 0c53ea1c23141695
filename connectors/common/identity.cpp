#include "connectors/common/identity.hpp"

#include <algorithm>
#include <array>
#include <bitset>
#include <cstdint>
#include <span>

#include "connectors/common/idn.hpp"

namespace switchboard::connectors {
namespace {

constexpr std::size_t min_digits = 6, max_digits = 15;
constexpr std::size_t max_number_text = 64, max_address = 320;

// Assigned country calling codes, non-geographic ones included.
constexpr std::uint16_t assigned[] = {
    1,   7,   20,  27,  30,  31,  32,  33,  34,  36,  39,  40,  41,  43,  44,  45,  46,  47,  48,  49,  51,  52,
    53,  54,  55,  56,  57,  58,  60,  61,  62,  63,  64,  65,  66,  81,  82,  84,  86,  90,  91,  92,  93,  94,
    95,  98,  211, 212, 213, 216, 218, 220, 221, 222, 223, 224, 225, 226, 227, 228, 229, 230, 231, 232, 233, 234,
    235, 236, 237, 238, 239, 240, 241, 242, 243, 244, 245, 246, 247, 248, 249, 250, 251, 252, 253, 254, 255, 256,
    257, 258, 260, 261, 262, 263, 264, 265, 266, 267, 268, 269, 290, 291, 297, 298, 299, 350, 351, 352, 353, 354,
    355, 356, 357, 358, 359, 370, 371, 372, 373, 374, 375, 376, 377, 378, 380, 381, 382, 383, 385, 386, 387, 389,
    420, 421, 423, 500, 501, 502, 503, 504, 505, 506, 507, 508, 509, 590, 591, 592, 593, 594, 595, 596, 597, 598,
    599, 670, 672, 673, 674, 675, 676, 677, 678, 679, 680, 681, 682, 683, 685, 686, 687, 688, 689, 690, 691, 692,
    800, 808, 850, 852, 853, 855, 856, 870, 878, 880, 881, 882, 883, 886, 888, 960, 961, 962, 963, 964, 965, 966,
    967, 968, 970, 971, 972, 973, 974, 975, 976, 977, 979, 992, 993, 994, 995, 996, 998};

// Codes whose national numbers are written with a leading 0 that is no part of the number.
constexpr std::uint16_t trunk_zero[] = {
    20,  27,  31,  32,  33,  40,  41,  43,  44,  46,  49,  51,  53,  54,  55,  57,  58,  60,  61,  62,  63,
    64,  66,  81,  82,  84,  86,  90,  91,  92,  93,  94,  95,  98,  211, 212, 213, 218, 231, 232, 233, 234,
    243, 249, 250, 251, 252, 254, 255, 256, 260, 261, 262, 263, 264, 265, 291, 353, 355, 358, 359, 370, 373,
    374, 377, 380, 381, 382, 383, 385, 386, 387, 389, 421, 423, 508, 590, 591, 593, 594, 595, 596, 598, 686,
    850, 855, 856, 880, 886, 961, 962, 963, 964, 966, 967, 970, 971, 972, 976, 977, 994, 995, 996};

using code_set = std::bitset<1000>;
code_set set_of(std::span<const std::uint16_t> codes) {
  code_set set;
  for (auto code : codes) set.set(code);
  return set;
}
bool is_assigned(unsigned code) noexcept {
  static const code_set set = set_of(assigned);
  return set[code];
}
bool has_trunk_zero(std::string_view code) noexcept {
  static const code_set set = set_of(trunk_zero);
  unsigned number = 0;
  for (char c : code) number = number * 10 + static_cast<unsigned>(c - '0');
  return set[number];
}

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
bool equals_ignoring_case(std::string_view a, std::string_view b) noexcept {
  return std::ranges::equal(a, b, {}, lower, lower);
}
bool drop_prefix(std::string_view& text, std::string_view prefix) noexcept {
  if (text.size() < prefix.size() || !equals_ignoring_case(text.substr(0, prefix.size()), prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}
std::string_view trimmed(std::string_view text) noexcept {
  while (!text.empty() && static_cast<unsigned char>(text.front()) <= ' ') text.remove_prefix(1);
  while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ') text.remove_suffix(1);
  return text;
}

bool is_separator(char32_t c) noexcept {
  if (c < 0x80) return c == ' ' || c == '-' || c == '.' || c == '(' || c == ')' || c == '/' || c == '\t' || c == '~';
  return c == 0xA0 || c == 0xAD || (c >= 0x2000 && c <= 0x2015) || (c >= 0x2028 && c <= 0x202F) || c == 0x2060 ||
         (c >= 0x2066 && c <= 0x2069) || c == 0x2212 || c == 0x3000 || c == 0x30FC || c == 0xFEFF || c == 0xFF08 ||
         c == 0xFF09 || c == 0xFF0D || c == 0xFF0E || c == 0xFF0F;
}
int digit_value(char32_t c) noexcept {
  if (c >= '0' && c <= '9') return static_cast<int>(c - '0');
  if (c < 0x80) return -1;
  // The zeros of the scripts whose digits people type into telephone fields.
  for (char32_t zero : {0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66, 0x0CE6, 0x0D66,
                        0x0E50, 0x0ED0, 0x0F20, 0x1040, 0x17E0, 0xFF10})
    if (c >= zero && c < zero + 10) return static_cast<int>(c - zero);
  return -1;
}

struct number_text {
  std::array<char, max_number_text> digits{};
  std::size_t size = 0;
  bool plus = false, valid = false;
  std::string_view view() const { return {digits.data(), size}; }
};

number_text read_number(std::string_view raw) noexcept {
  number_text out;
  raw = trimmed(raw);
  drop_prefix(raw, "tel:");
  if (auto parameters = raw.find(';'); parameters != std::string_view::npos) raw = raw.substr(0, parameters);
  while (!raw.empty()) {
    const char32_t c = next_code_point(raw);
    if (int value = digit_value(c); value >= 0) {
      if (out.size == out.digits.size()) return out;
      out.digits[out.size++] = static_cast<char>('0' + value);
    } else if (c == '+' || c == 0xFF0B) {
      if (out.plus || out.size != 0) return out;
      out.plus = true;
    } else if (!is_separator(c)) {
      return out;
    }
  }
  out.valid = out.size != 0;
  return out;
}

// What people write before the national number though it is no part of it: mostly one 0, else by calling code and full
// length.
std::string_view without_trunk_prefix(std::string_view code, std::string_view national) {
  struct prefix {
    std::string_view code, digits;
    std::size_t length;
  };
  static constexpr prefix prefixes[] = {{"1", "1", 11},  {"7", "8", 11},  {"36", "06", 10}, {"36", "06", 11},
                                        {"52", "1", 11}, {"370", "8", 9}, {"993", "8", 9},  {"998", "8", 10}};
  for (const auto& known : prefixes)
    if (code == known.code && national.starts_with(known.digits) && national.size() == known.length)
      return national.substr(known.digits.size());
  constexpr std::size_t least_with_trunk = 8;
  if (national.size() < 2 || national[0] != '0' || code.size() + national.size() < least_with_trunk) return national;
  const bool significant = national[1] == '0' || (code == "250" && national[1] == '6');
  return significant || !has_trunk_zero(code) ? national : national.substr(1);
}

std::string international(std::string_view digits) {
  const auto code = calling_code_of(digits);
  if (code.empty()) return {};
  const auto national = without_trunk_prefix(code, digits.substr(code.size()));
  const auto total = code.size() + national.size();
  if (total < min_digits || total > max_digits) return {};
  std::string out;
  out.reserve(total + 1);
  return out.append("+").append(code).append(national);
}

std::string from_national(std::string_view digits, std::string_view code) {
  const std::string_view abroad = code == "1" ? "011" : "00";
  if (digits.starts_with(abroad)) return international(digits.substr(abroad.size()));
  digits = without_trunk_prefix(code, digits);
  constexpr std::size_t in_america_and_russia = 10;
  if ((code == "1" || code == "7") && digits.size() != in_america_and_russia) return {};
  constexpr std::size_t longer_than_short_codes = 7;
  if (digits.size() < longer_than_short_codes) return {};
  return international(std::string(code).append(digits));
}

}  // namespace

void append_escaped(std::string& out, std::string_view segment, std::string_view also) {
  constexpr char hex[] = "0123456789ABCDEF";
  for (char c : segment) {
    const bool plain =
        is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z') || c == '-' || c == '.' || c == '_' || c == '~';
    if (plain || also.contains(c)) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += '%';
      out += hex[byte >> 4];
      out += hex[byte & 15];
    }
  }
}

std::string_view calling_code_of(std::string_view number) noexcept {
  if (number.starts_with('+')) number.remove_prefix(1);
  unsigned code = 0;
  for (std::size_t length = 1; length <= 3 && length <= number.size(); ++length) {
    const char c = number[length - 1];
    if (!is_digit(c) || number[0] == '0') return {};
    code = code * 10 + static_cast<unsigned>(c - '0');
    if (is_assigned(code)) return number.substr(0, length);
  }
  return {};
}

std::string e164(std::string_view raw, std::string_view calling_code) {
  const auto number = read_number(raw);
  if (!number.valid) return {};
  if (number.plus) return international(number.view());
  if (calling_code.empty() || calling_code_of(calling_code) != calling_code) return {};
  return from_national(number.view(), calling_code);
}

std::string tel_uri(std::string_view raw, std::string_view calling_code) {
  auto number = e164(raw, calling_code);
  return number.empty() ? number : "tel:" + number;
}

std::string whatsapp_uri(std::string_view raw) {
  raw = trimmed(raw);
  drop_prefix(raw, "whatsapp:");
  const auto number = read_number(raw);
  if (!number.valid) return {};
  auto written = international(number.view());
  return written.empty() ? written : "whatsapp:" + written;
}

std::string whatsapp_uri(std::string_view business, std::string_view scoped_id) {
  return business.empty() ? std::string() : provider_uri("whatsapp", business, scoped_id);
}

std::string mailto_uri(std::string_view address) {
  address = trimmed(address);
  if (address.size() > 2 && address.front() == '<' && address.back() == '>')
    address = address.substr(1, address.size() - 2);
  std::string unescaped;
  if (drop_prefix(address, "mailto:")) {
    address = address.substr(0, address.find('?'));
    if (!unescape(address, unescaped)) return {};
    address = unescaped;
  }
  const auto at = address.rfind('@');
  if (at == std::string_view::npos || at == 0 || address.size() > max_address) return {};
  const auto local = lower_utf8(address.substr(0, at));
  const auto domain = domain_to_ascii(address.substr(at + 1));
  if (!local || !domain) return {};
  for (char c : *local)
    if (static_cast<unsigned char>(c) <= ' ' || c == 0x7F) {
      if (c != ' ' || local->front() != '"') return {};
    }
  if (local->contains('@') && local->front() != '"') return {};
  std::string out = "mailto:";
  append_escaped(out, *local, "!$'*+");
  out += '@';
  append_escaped(out, *domain);
  return out;
}

std::string sip_uri(std::string_view raw) {
  raw = trimmed(raw);
  if (!drop_prefix(raw, "sip:") && !drop_prefix(raw, "sips:")) return {};
  raw = raw.substr(0, raw.find('?'));
  std::string_view user;
  if (auto at = raw.rfind('@'); at != std::string_view::npos) {
    user = raw.substr(0, at);
    raw = raw.substr(at + 1);
    user = user.substr(0, std::min(user.find(':'), user.find(';')));
    if (user.empty()) return {};
  }
  raw = raw.substr(0, raw.find(';'));
  if (raw.empty() || raw.size() > max_address || user.size() > max_address) return {};
  std::string decoded_user;
  if (!unescape(user, decoded_user)) return {};
  std::string out = "sip:";
  if (!user.empty()) {
    append_escaped(out, decoded_user, "!*'()&=+$,?/");
    out += '@';
  }
  for (char c : raw) {
    const char small = lower(c);
    if (!is_digit(small) && !(small >= 'a' && small <= 'z') && !std::string_view("-._:[]").contains(small)) return {};
    out += small;
  }
  return out;
}

std::string provider_uri(std::string_view provider, std::string_view scope, std::string_view id) {
  if (provider.empty() || id.empty()) return {};
  std::string out;
  out.reserve(provider.size() + scope.size() + id.size() + 8);
  append_escaped(out, provider);
  out += ':';
  if (!scope.empty()) {
    append_escaped(out, scope);
    out += '/';
  }
  append_escaped(out, id);
  return out;
}

bool hidden_caller(std::string_view raw) noexcept {
  raw = trimmed(raw);
  // Words, and the same words spelt on a keypad, which is how they arrive over the telephone network.
  for (std::string_view word :
       {"anonymous", "restricted", "unavailable", "unknown", "private", "blocked", "+266696687", "+7378742833",
        "+2562533", "+8656696", "+86282452253", "+464", "266696687", "7378742833"})
    if (equals_ignoring_case(raw, word)) return true;
  return raw.empty();
}

std::string sender_uri(std::string_view raw, std::string_view provider, std::string_view account,
                       std::string_view calling_code) {
  if (hidden_caller(raw)) return {};
  auto uri = tel_uri(raw, calling_code);
  return uri.empty() ? provider_uri(provider, account, trimmed(raw)) : uri;
}

std::string normalised_uri(std::string_view uri, std::string_view calling_code) {
  uri = trimmed(uri);
  const auto colon = uri.find(':');
  if (colon == 0 || colon == std::string_view::npos || colon + 1 == uri.size()) return {};
  const auto scheme = uri.substr(0, colon);
  if (equals_ignoring_case(scheme, "tel")) return tel_uri(uri, calling_code);
  if (equals_ignoring_case(scheme, "mailto")) return mailto_uri(uri);
  if (equals_ignoring_case(scheme, "sip") || equals_ignoring_case(scheme, "sips")) return sip_uri(uri);
  if (equals_ignoring_case(scheme, "whatsapp") && !uri.contains('/')) return whatsapp_uri(uri);
  for (char c : uri)
    if (static_cast<unsigned char>(c) <= ' ' || static_cast<unsigned char>(c) >= 0x7F) return {};
  return std::string(uri);
}

}  // namespace switchboard::connectors
