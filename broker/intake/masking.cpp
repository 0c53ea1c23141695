#include "broker/intake/masking.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <optional>
#include <vector>

#include "connectors/common/idn.hpp"
#include "connectors/common/json.hpp"
#include "schemas/text.hpp"

namespace switchboard::intake {
namespace {

constexpr std::size_t least_digits = 13, most_digits = 19, digits_shown = 4;

// Prefixes by the digits they have, the lengths that cards under them have.
struct issuer {
  std::uint32_t first, last;
  std::uint8_t prefix_digits;
  std::uint32_t lengths;  // bit n: n digits
};
constexpr std::uint32_t lengths(std::initializer_list<int> all) {
  std::uint32_t set = 0;
  for (int n : all) set |= 1u << n;
  return set;
}
constexpr std::uint32_t from_to(int first, int last) {
  std::uint32_t set = 0;
  for (int n = first; n <= last; ++n) set |= 1u << n;
  return set;
}
constexpr issuer issuers[] = {
    {4, 4, 1, lengths({13, 16, 19})},    // Visa
    {51, 55, 2, lengths({16})},          // Mastercard
    {2221, 2720, 4, lengths({16})},      // Mastercard
    {34, 34, 2, lengths({15})},          // American Express
    {37, 37, 2, lengths({15})},          // American Express
    {300, 305, 3, from_to(14, 19)},      // Diners Club
    {3095, 3095, 4, from_to(14, 19)},    // Diners Club
    {36, 36, 2, from_to(14, 19)},        // Diners Club
    {38, 39, 2, from_to(14, 19)},        // Diners Club
    {3528, 3589, 4, from_to(16, 19)},    // JCB
    {6011, 6011, 4, from_to(16, 19)},    // Discover
    {644, 649, 3, from_to(16, 19)},      // Discover
    {65, 65, 2, from_to(16, 19)},        // Discover, RuPay
    {62, 62, 2, from_to(16, 19)},        // UnionPay
    {81, 82, 2, from_to(16, 19)},        // UnionPay, RuPay
    {60, 60, 2, lengths({16})},          // RuPay
    {508, 508, 3, lengths({16})},        // RuPay
    {2200, 2204, 4, from_to(16, 19)},    // Mir
    {9704, 9704, 4, lengths({16, 19})},  // NAPAS
    {9792, 9792, 4, lengths({16})},      // Troy
    {5018, 5018, 4, from_to(13, 19)},    // Maestro
    {5020, 5020, 4, from_to(13, 19)},    // Maestro
    {5038, 5038, 4, from_to(13, 19)},    // Maestro
    {5893, 5893, 4, from_to(13, 19)},    // Maestro
    {6304, 6304, 4, from_to(13, 19)},    // Maestro
    {6759, 6759, 4, from_to(13, 19)},    // Maestro
    {6761, 6763, 4, from_to(13, 19)},    // Maestro
};

// A digit of the text: where its bytes are, what it is worth, whether a new group starts with it.
struct digit {
  std::uint32_t at;
  std::uint8_t bytes, value;
  bool starts_group;
  bool hidden = false;
};

enum class before_run : std::uint8_t { nothing, plus, letter };

struct run {
  std::vector<digit> digits;
  before_run before = before_run::nothing;
  bool dashed = false, followed_by_letter = false;
};

bool issued(const digit* first, std::size_t count) noexcept {
  std::uint32_t prefix = 0;
  std::array<std::uint32_t, 5> prefixes{};
  for (std::size_t i = 0; i < 4; ++i) prefixes[i + 1] = prefix = prefix * 10 + first[i].value;
  return std::ranges::any_of(issuers, [&](const issuer& known) {
    const auto mine = prefixes[known.prefix_digits];
    return mine >= known.first && mine <= known.last && (known.lengths >> count & 1) != 0;
  });
}

bool passes_luhn(const digit* first, std::size_t count) noexcept {
  unsigned sum = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const unsigned value = first[count - 1 - i].value;
    sum += i % 2 == 0 ? value : value < 5 ? 2 * value : 2 * value - 9;
  }
  return sum % 10 == 0;
}

bool all_the_same(const digit* first, std::size_t count) noexcept {
  return std::all_of(first, first + count, [first](const digit& d) { return d.value == first->value; });
}

constexpr std::size_t longest_telephone_number = 15;

// Where in the run a card may begin: not in a telephone number that begins the run.
std::size_t first_start(const run& r) noexcept {
  if (r.before != before_run::plus) return 0;
  if (r.digits.size() <= longest_telephone_number) return r.digits.size();
  std::size_t group = 1;
  while (group < r.digits.size() && !r.digits[group].starts_group) ++group;
  return group > longest_telephone_number ? 0 : group;
}

// Cards in a run: from the start of a group to the end of a group. Numbers that overlap are all hidden: which one is
// the card, nobody knows. At most seven tries a group.
bool hide_cards(run& r) {
  auto& d = r.digits;
  if (r.dashed && (r.before == before_run::letter || r.followed_by_letter)) return false;
  bool found = false;
  for (auto i = first_start(r); i + least_digits <= d.size(); ++i) {
    if (!d[i].starts_group) continue;
    for (auto count = std::min(most_digits, d.size() - i); count >= least_digits; --count) {
      const bool ends_group = i + count == d.size() || d[i + count].starts_group;
      if (!ends_group || !issued(&d[i], count) || !passes_luhn(&d[i], count) || all_the_same(&d[i], count)) continue;
      for (std::size_t k = 0; k + digits_shown < count; ++k) d[i + k].hidden = true;
      found = true;
    }
  }
  return found;
}

bool is_letter(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

int digit_value(char32_t c) noexcept {
  if (c >= '0' && c <= '9') return static_cast<int>(c - '0');
  for (char32_t zero : {0x0660, 0x06F0, 0x0966, 0x09E6, 0x0E50, 0xFF10})
    if (c >= zero && c < zero + 10) return static_cast<int>(c - zero);
  return -1;
}

enum class separator : std::uint8_t { none, plain, dash };
separator separator_of(char32_t c) noexcept {
  if (c == ' ' || c == '.' || c == 0xA0 || c == 0x202F || c == 0x3000) return separator::plain;
  if (c == '-' || (c >= 0x2010 && c <= 0x2013) || c == 0x2212 || c == 0xFF0D) return separator::dash;
  return separator::none;
}

// What a byte can be within a card number: a digit, or the first byte of one of another script; something between
// digits; neither.
enum class part : std::uint8_t { none, between, digit };
constexpr std::array<part, 256> parts = [] {
  std::array<part, 256> table{};
  for (std::size_t byte = 0x80; byte < 256; ++byte) table[byte] = part::between;
  for (int byte : {0xD9, 0xDB, 0xE0, 0xEF}) table[static_cast<std::size_t>(byte)] = part::digit;
  for (char c : std::string_view(" -.")) table[static_cast<std::size_t>(c)] = part::between;
  for (char c = '0'; c <= '9'; ++c) table[static_cast<std::size_t>(c)] = part::digit;
  return table;
}();

// Whether some stretch of the text holds enough digits for a card. Looks at the last byte of each window of thirteen
// first, so most bytes of ordinary words are never read.
bool worth_reading(std::string_view text) noexcept {
  const auto what = [text](std::size_t i) { return parts[static_cast<unsigned char>(text[i])]; };
  for (std::size_t start = 0; start + least_digits <= text.size();) {
    std::size_t last = start + least_digits;
    while (last > start && what(last - 1) != part::none) --last;
    if (last > start) {
      start = last;
      continue;
    }
    std::size_t digits = 0, end = start;
    for (; end < text.size() && what(end) != part::none; ++end) digits += what(end) == part::digit;
    if (digits >= least_digits) return true;
    start = end;
  }
  return false;
}

bool mask(std::string& text, char with) {
  if (!worth_reading(text)) return false;
  std::vector<digit> hidden;
  run current;
  before_run previous = before_run::nothing;
  bool pending_separator = false, pending_dash = false;

  const auto finish = [&](bool letter_follows) {
    if (current.digits.size() >= least_digits) {
      current.followed_by_letter = letter_follows && !pending_separator;
      if (hide_cards(current)) std::ranges::copy_if(current.digits, std::back_inserter(hidden), &digit::hidden);
    }
    current.digits.clear();
    current.dashed = false;
    pending_separator = pending_dash = false;
  };

  std::string_view rest = text;
  while (!rest.empty()) {
    const auto at = text.size() - rest.size();
    const char first = rest.front();
    const char32_t c = connectors::next_code_point(rest);
    const int value = digit_value(c);
    if (value >= 0) {
      if (current.digits.empty()) current.before = previous;
      current.dashed = current.dashed || (pending_dash && !current.digits.empty());
      current.digits.push_back({static_cast<std::uint32_t>(at),
                                static_cast<std::uint8_t>(text.size() - rest.size() - at),
                                static_cast<std::uint8_t>(value), current.digits.empty() || pending_separator});
      pending_separator = pending_dash = false;
      continue;
    }
    const auto kind = separator_of(c);
    if (kind != separator::none && !current.digits.empty() && !pending_separator) {
      pending_separator = true;
      pending_dash = kind == separator::dash;
      continue;
    }
    const bool letter = c < 0x80 && is_letter(first);
    if (!current.digits.empty()) finish(letter);
    previous = c == '+' || c == 0xFF0B                                                 ? before_run::plus
               : letter || (kind == separator::dash && previous == before_run::letter) ? before_run::letter
                                                                                       : before_run::nothing;
  }
  if (!current.digits.empty()) finish(false);
  if (hidden.empty()) return false;

  std::string out;
  out.reserve(text.size());
  std::size_t copied = 0;
  for (const auto& d : hidden) {
    out.append(text, copied, d.at - copied);
    out += with;
    copied = d.at + d.bytes;
  }
  out.append(text, copied);
  text = std::move(out);
  return true;
}

// Applies one thing to every text of the event that a person may have typed a card number into.
template <class Mask>
void each_free_text(schemas::event& e, Mask&& mask) {
  const auto fields = [&](std::vector<schemas::field>& all) {
    for (auto& field : all) {
      mask(field.value);
      for (auto& value : field.values) mask(value);
    }
  };
  const auto referral = [&](schemas::referral_info& from) {
    mask(from.headline);
    mask(from.text);
    mask(from.ref);
  };
  const auto party = [&](schemas::party& who) { mask(who.display_name); };
  if (e.actor) party(*e.actor);
  if (e.recorded_by) party(*e.recorded_by);
  for (auto& recipient : e.recipients) party(recipient.who);
  mask(e.text);
  mask(e.text_unquoted);
  mask(e.conversation.subject);
  for (auto& attachment : e.attachments) {
    mask(attachment.name);
    if (attachment.transcript) mask(attachment.transcript->text);
  }
  if (e.message) {
    auto& m = *e.message;
    mask(m.subject);
    if (m.interaction) {
      mask(m.interaction->payload);
      mask(m.interaction->title);
      fields(m.interaction->fields);
    }
    if (m.location) {
      mask(m.location->name);
      mask(m.location->address);
    }
    for (auto& card : m.contact_cards) {
      mask(card.name);
      for (auto& phone : card.phones) mask(phone);
      mask(card.organization);
      for (auto& address : card.addresses) mask(address);
    }
    if (m.referral) referral(*m.referral);
    if (m.forwarded) mask(m.forwarded->from);
    if (m.poll)
      for (auto& choice : m.poll->choices) mask(choice.label);
  }
  if (e.receipt) {
    if (e.receipt->error) mask(e.receipt->error->title);
    for (auto& value : e.receipt->metadata) mask(value.value);
  }
  if (e.call)
    for (auto& value : e.call->metadata) mask(value.value);
  if (e.input) mask(e.input->digits);
  if (e.transcript)
    for (auto& segment : e.transcript->segments) mask(segment.text);
  if (e.feedback)
    for (auto& answer : e.feedback->answers) {
      mask(answer.text);
      for (auto& choice : answer.choices) mask(choice.label);
    }
  if (e.form) fields(e.form->fields);
  if (e.visit) mask(e.visit->purpose);
  if (e.callback) mask(e.callback->topic);
  if (e.consent) mask(e.consent->evidence);
  if (e.session) mask(e.session->reason);
  if (e.origin)
    for (auto& extension : e.origin->extensions) mask(extension.value);
  if (e.referral) referral(*e.referral);
}

// A number with cards hidden is a number: no zero leads it.
bool mask_number(std::string& number) {
  const std::string before = number;
  if (!mask(number, '0')) return false;
  const std::size_t first = before.starts_with('-') ? 1 : 0;
  number[first] = before[first];
  return number != before;
}

// A string with its quotes.
bool mask_string(std::string& quoted) {
  if (!quoted.contains('\\')) {
    std::string words = quoted.substr(1, quoted.size() - 2);
    if (!mask(words, '*')) return false;
    quoted.replace(1, quoted.size() - 2, words);
    return true;
  }
  const auto parsed = connectors::json::parse_copy(quoted, 64);
  const auto text = parsed ? connectors::json::text(*parsed) : std::nullopt;
  if (!text) return mask(quoted, '*');
  std::string words(*text);
  if (!mask(words, '*')) return false;
  quoted.clear();
  schemas::append_json_string(quoted, words);
  return true;
}

// The length of the scalar with which the text begins; 0 when that is none.
std::size_t scalar_length(std::string_view text) noexcept {
  if (!text.starts_with('"')) {
    const std::size_t end = std::min(text.find_first_of(" \t\r\n,:{}[]\""), text.size());
    const std::string_view word = text.substr(0, end);
    const bool number = word.find_first_not_of("0123456789+-.eE") == std::string_view::npos;
    return number || word == "true" || word == "false" || word == "null" ? end : 0;
  }
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '"') return i + 1;
    if (text[i] == '\\') ++i;
  }
  return 0;
}

// nullopt when the text is no JSON, as far as the order of values and punctuation shows.
std::optional<bool> mask_scalars(std::string& json) {
  std::string out;
  bool masked = false, after_value = false;
  for (std::size_t at = 0; at < json.size();) {
    const char c = json[at];
    const bool space = c == ' ' || c == '\t' || c == '\r' || c == '\n', opens = c == '{' || c == '[',
               closes = c == '}' || c == ']', divides = c == ',' || c == ':';
    if (after_value && !space && !closes && !divides) return std::nullopt;
    if (space || opens || closes || divides) {
      if (!space) after_value = closes;
      out += c;
      ++at;
      continue;
    }
    const std::size_t length = scalar_length(std::string_view(json).substr(at));
    if (length == 0) return std::nullopt;
    std::string scalar = json.substr(at, length);
    const bool digits = c == '-' || (c >= '0' && c <= '9');
    if (c == '"' ? mask_string(scalar) : digits && mask_number(scalar)) masked = true;
    out += scalar;
    at += length;
    after_value = true;
  }
  if (masked) json = std::move(out);
  return masked;
}

bool is_json(std::string_view content_type) noexcept {
  return content_type.contains("json") || content_type.contains("JSON");
}

// An answer with members of its own comes as JSON in a text.
bool mask_text(std::string& text) {
  return text.starts_with('{') || text.starts_with('[') ? mask_cards_in_json(text) : mask_cards(text);
}

}  // namespace

bool mask_cards(std::string& utf8) { return mask(utf8, '*'); }
bool mask_cards_in_json(std::string& json) {
  if (const auto masked = mask_scalars(json)) return *masked;
  return mask(json, '*');
}

void mask_event(schemas::event& e) {
  bool masked = false;
  each_free_text(e, [&](std::string& text) { masked = mask_text(text) || masked; });
  if (e.payload)
    masked =
        (is_json(e.payload->content_type) ? mask_cards_in_json(e.payload->text) : mask_text(e.payload->text)) || masked;
  if (masked) e.add(schemas::flag::masked);
}

std::size_t mask_call_digits(schemas::event& e, std::size_t already, std::size_t kept) {
  if (!e.input) return already;
  for (char& c : e.input->digits) {
    if (c < '0' || c > '9') continue;
    if (++already <= kept) continue;
    c = '*';
    e.add(schemas::flag::masked);
  }
  return already;
}

}  // namespace switchboard::intake
