#include "connectors/common/identity.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <map>
#include <random>
#include <sstream>

#include "connectors/common/idn.hpp"

namespace switchboard::connectors {
namespace {

struct close_pipe {
  void operator()(FILE* pipe) const { pclose(pipe); }
};
std::string output_of(const std::string& command) {
  std::string out;
  std::unique_ptr<FILE, close_pipe> pipe(popen(command.c_str(), "r"));
  if (!pipe) return out;
  std::array<char, 65536> part;
  while (auto read = std::fread(part.data(), 1, part.size(), pipe.get())) out.append(part.data(), read);
  return out;
}

// The digits of a spelling, in ASCII.
std::string digits_of(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto c = next_code_point(text);
    for (char32_t zero : {U'0', char32_t{0x0660}, char32_t{0xFF10}})
      if (c >= zero && c < zero + 10) out += static_cast<char>('0' + (c - zero));
  }
  return out;
}

// True when the one is the other with a trunk prefix kept behind the calling code.
bool differ_by_trunk_prefix(std::string_view a, std::string_view b) {
  if (a.size() < b.size()) std::swap(a, b);
  const auto code = calling_code_of(a).size() + 1;
  for (std::string_view prefix : {"0", "1", "8", "06"})
    if (a.substr(code).starts_with(prefix) && a.substr(0, code) == b.substr(0, code) &&
        a.substr(code + prefix.size()) == b.substr(code))
      return true;
  return false;
}

// Valid numbers: the same, always. Where phonenumbers is stricter: it knows each region's lengths (class "impossible"),
// we only E.164's, 6 to 15 digits; outside of these it is laxer (German and Japanese extensions). Digits that lie in no
// range of their region keep what was written, up to a trunk prefix; phonenumbers may rewrite them (Madagascar's 20,
// Mexico's 1).
TEST(identity, agrees_with_phonenumbers_over_a_random_table) {
  const auto seed = std::random_device{}();
  const auto table =
      output_of(std::string(SWITCHBOARD_PYTHON) +
                " " SWITCHBOARD_SOURCE_DIR "/tests/broker/intake/phone_numbers.py " + std::to_string(seed) + " 4");
  std::istringstream lines(table);
  std::map<std::string, int> seen;
  for (std::string line; std::getline(lines, line);) {
    const auto first = line.find('\t'), second = line.rfind('\t');
    const auto kind = line.substr(0, first), text = line.substr(first + 1, second - first - 1);
    const auto expected = line.substr(second + 1);
    const auto got = e164(text);
    const bool within = digits_of(expected).size() >= 6 && digits_of(expected).size() <= 15;
    ++seen[kind];
    if (kind == "refused") {
      EXPECT_EQ(got, "") << text << " seed " << seed;
    } else if (kind == "valid") {
      EXPECT_EQ(got, within ? expected : "") << text << " seed " << seed;
    } else if (got != expected) {
      const auto digits = digits_of(text);
      EXPECT_TRUE(got.empty() ? digits.size() > 15 || digits_of(expected).size() < 6 || kind == "impossible"
                              : digits_of(got) == digits || differ_by_trunk_prefix(got, "+" + digits))
          << text << ": " << got << " or " << expected << " seed " << seed;
    }
  }
  EXPECT_GT(seen["valid"], 10000);
  EXPECT_GT(seen["possible"], 5000);
  EXPECT_GT(seen["impossible"] + seen["refused"], 300);
}

struct row {
  std::string_view raw, code, expected;
};

TEST(identity, e164_table) {
  const row rows[] = {
      {"+1 (555) 010-9999", "", "+15550109999"},
      {"tel:+44-20-7946-0958;ext=12", "", "+442079460958"},
      {"+44 (0)20 7946 0958", "", "+442079460958"},
      {"+39 06 1234 5678", "", "+390612345678"},
      {"+39 (06) 12345678", "", "+390612345678"},
      {"0901 234 567", "84", "+84901234567"},
      {"0084901234567", "84", "+84901234567"},
      {"0084901234567", "", ""},
      {"0901234567", "", ""},
      {"901234567", "84", "+84901234567"},
      {"5550109999", "1", "+15550109999"},
      {"1-555-010-9999", "1", "+15550109999"},
      {"011 84 901234567", "1", "+84901234567"},
      {"8 (912) 345-67-89", "7", "+79123456789"},
      {"06 1 234 5678", "36", "+3612345678"},
      {"12345", "1", ""},
      {"72345", "84", ""},
      {"729725", "44", ""},
      {"+1800FLOWERS", "", ""},
      {"ACME", "1", ""},
      {"+", "", ""},
      {"", "", ""},
      {"++15550109999", "", ""},
      {"1+5550109999", "", ""},
      {"+0123456789", "", ""},
      {"+2101234567", "", ""},
      {"+1234567890123456", "", ""},
      {"+1 555 010 9999 x5", "", ""},
      {"+99999999999", "", ""},
      {"5550109999", "999", ""},
      {"5550109999", "84x", ""},
  };
  for (const auto& [raw, code, expected] : rows) EXPECT_EQ(e164(raw, code), expected) << raw << " / " << code;
  EXPECT_EQ(e164(std::string(100, '1')), "");
  EXPECT_EQ(e164("+" + std::string(100, '1')), "");
}

TEST(identity, one_spelling_each) {
  EXPECT_EQ(tel_uri("+84 90 123 45 67"), "tel:+84901234567");
  EXPECT_EQ(tel_uri("hello"), "");
  EXPECT_EQ(whatsapp_uri("84901234567"), "whatsapp:+84901234567");
  EXPECT_EQ(whatsapp_uri("whatsapp:+84901234567"), "whatsapp:+84901234567");
  EXPECT_EQ(whatsapp_uri("WhatsApp:+1 555 078 3881"), "whatsapp:+15550783881");
  EXPECT_EQ(whatsapp_uri("abc"), "");
  EXPECT_EQ(whatsapp_uri("1029", "US.13491208655302741918"), "whatsapp:1029/US.13491208655302741918");
  EXPECT_EQ(whatsapp_uri("", "US.1"), "");
  EXPECT_EQ(provider_uri("slack", "T024/BE7", "U 1"), "slack:T024%2FBE7/U%201");
  EXPECT_EQ(provider_uri("line", "", "U4af49"), "line:U4af49");
  EXPECT_EQ(provider_uri("line", "x", ""), "");
  EXPECT_EQ(provider_uri("zalo", "oa", "Trần"), "zalo:oa/Tr%E1%BA%A7n");
  EXPECT_EQ(sender_uri("+15550109999", "twilio", "AC1"), "tel:+15550109999");
  EXPECT_EQ(sender_uri("72345", "twilio", "AC1", "1"), "twilio:AC1/72345");
  EXPECT_EQ(sender_uri("ACME Shop", "twilio", "AC1"), "twilio:AC1/ACME%20Shop");
  for (auto hidden : {"anonymous", "+266696687", "", " ", "Restricted"})
    EXPECT_EQ(sender_uri(hidden, "twilio", "AC1"), "");
}

TEST(identity, mail_addresses) {
  const row rows[] = {
      {"Jane.Doe@EXAMPLE.com", "", "mailto:jane.doe@example.com"},
      {"<Jane@Example.com.>", "", "mailto:jane@example.com"},
      {"mailto:Jane%2Bshop@example.com?subject=x", "", "mailto:jane+shop@example.com"},
      {"a@MÜNCHEN.de", "", "mailto:a@xn--mnchen-3ya.de"},
      {"a@xn--mnchen-3ya.DE", "", "mailto:a@xn--mnchen-3ya.de"},
      {"日本@例え.テスト", "", "mailto:%E6%97%A5%E6%9C%AC@xn--r8jz45g.xn--zckzah"},
      {"a@例え。テスト", "", "mailto:a@xn--r8jz45g.xn--zckzah"},
      {"ÄRGER@example.com", "", "mailto:%C3%A4rger@example.com"},
      {"a&b=c?d@example.com", "", "mailto:a%26b%3Dc%3Fd@example.com"},
      {"\"john doe\"@example.com", "", "mailto:%22john%20doe%22@example.com"},
      {"a@[192.0.2.1]", "", "mailto:a@%5B192.0.2.1%5D"},
      {"a@[IPv6:2001:DB8::1]", "", "mailto:a@%5Bipv6%3A2001%3Adb8%3A%3A1%5D"},
      {"", "", ""},
      {"@example.com", "", ""},
      {"jane@", "", ""},
      {"jane", "", ""},
      {"a b@example.com", "", ""},
      {"a@b@example.com", "", ""},
      {"a@exa mple.com", "", ""},
      {"a@b..c", "", ""},
      {"a@.b", "", ""},
      {"a@b\r\nBcc: c", "", ""},
      {"a\xFF@example.com", "", ""},
      {"a@b\xC0\x80.com", "", ""},
      {"mailto:a%4", "", ""},
  };
  for (const auto& [raw, code, expected] : rows) EXPECT_EQ(mailto_uri(raw), expected) << raw;
  EXPECT_EQ(mailto_uri(std::string(400, 'a') + "@example.com"), "");
  EXPECT_EQ(mailto_uri("a@" + std::string(64, 'b') + ".com"), "");
}

TEST(identity, sip_addresses) {
  EXPECT_EQ(sip_uri("sip:Alice@Example.COM;transport=tcp?x=y"), "sip:Alice@example.com");
  EXPECT_EQ(sip_uri("sips:alice:secret@example.com:5061"), "sip:alice@example.com:5061");
  EXPECT_EQ(sip_uri("SIP:+15550109999;phone-context=x@gw.example"), "sip:+15550109999@gw.example");
  EXPECT_EQ(sip_uri("sip:example.com"), "sip:example.com");
  EXPECT_EQ(sip_uri("sip:@example.com"), "");
  EXPECT_EQ(sip_uri("sip:a@exa mple"), "");
  EXPECT_EQ(sip_uri("alice@example.com"), "");
}

TEST(identity, normalising_twice_changes_nothing) {
  for (std::string_view uri :
       {"tel:+84 90 123 45 67", "mailto:Jane@Example.com", "sip:A@B.c", "whatsapp:+84901234567", "whatsapp:1/US.2",
        "slack:T1/U2", "mailto:%22john%20doe%22@example.com", "mailto:a@[192.0.2.1]", "sip:a%3Ab@c.d"}) {
    const auto once = normalised_uri(uri);
    EXPECT_NE(once, "") << uri;
    EXPECT_EQ(normalised_uri(once), once) << uri;
  }
  for (std::string_view uri : {"", "tel:", "tel:x", ":x", "plain", "slack:a b", "slack:\xC3\xA4", "mailto:x"})
    EXPECT_EQ(normalised_uri(uri), "") << uri;
  EXPECT_EQ(normalised_uri("tel:0901234567", "84"), "tel:+84901234567");
}

// Lower case over every code point that UTF-8 can hold, against Python's tables.
TEST(idn, lower_case_agrees_with_python) {
  const auto table = output_of(std::string(SWITCHBOARD_PYTHON) +
                               " -c \"import sys; sys.stdout.buffer.write(''.join(chr(c)+(chr(c).lower() if "
                               "len(chr(c).lower())==1 else chr(c)) for c in range(1,0x1F000) if not 0xD800<=c<0xE000)"
                               ".encode())\"");
  std::string_view rest = table;
  int compared = 0;
  while (!rest.empty()) {
    const auto upper = next_code_point(rest), expected = next_code_point(rest);
    std::string text;
    append_utf8(text, upper);
    std::string wanted;
    append_utf8(wanted, expected);
    EXPECT_EQ(lower_utf8(text), wanted) << std::hex << static_cast<std::uint32_t>(upper);
    ++compared;
  }
  EXPECT_GT(compared, 100000);
}

TEST(idn, domains_agree_with_python) {
  for (std::string_view label :
       {"bücher", "例え", "пример", "παράδειγμα", "ไทย", "العربية", "한국", "việtnam", "ü", "aüzü", "中国政府"}) {
    auto expected = output_of(std::string(SWITCHBOARD_PYTHON) + " -c \"print('xn--'+'" +
                              std::string(label) + "'.encode('punycode').decode(),end='')\"");
    EXPECT_EQ(domain_to_ascii(label), expected) << label;
  }
}

}  // namespace
}  // namespace switchboard::connectors
