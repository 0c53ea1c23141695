#include "broker/intake/masking.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <random>

#include "connectors/common/idn.hpp"
#include "connectors/common/json.hpp"
#include "connectors/common/text.hpp"

namespace switchboard::intake {
namespace {

std::string masked(std::string text) {
  mask_cards(text);
  return text;
}

bool is_json(std::string_view text) { return connectors::json::parse_copy(text, 64).has_value(); }

struct row {
  std::string_view text, expected;
};

TEST(masking, cards_are_hidden_but_their_last_four_digits) {
  const row rows[] = {
      {"4111111111111111", "************1111"},
      {"card 4111 1111 1111 1111, thanks", "card **** **** **** 1111, thanks"},
      {"4111-1111-1111-1111", "****-****-****-1111"},
      {"4111.1111.1111.1111", "****.****.****.1111"},
      {"4111\u00a01111\u00a01111\u00a01111", "****\u00a0****\u00a0****\u00a01111"},
      {"4111\u20111111\u20111111\u20111111", "****\u2011****\u2011****\u20111111"},
      {"4222222222222", "*********2222"},              // Visa, 13 digits
      {"5555555555554444", "************4444"},        // Mastercard
      {"2223003122003222", "************3222"},        // Mastercard, 2-series
      {"3782 822463 10005", "**** ****** *0005"},      // American Express
      {"30569309025904", "**********5904"},            // Diners
      {"6011111111111117", "************1117"},        // Discover
      {"3530111333300000", "************0000"},        // JCB
      {"6240008631401148", "************1148"},        // UnionPay
      {"9704198526191432198", "***************2198"},  // NAPAS, 19 digits
      {"2200 0000 0000 0004", "**** **** **** 0004"},  // Mir
      {"４１１１　１１１１　１１１１　１１１１", "****　****　****　１１１１"},
      {"٤١١١ ١١١١ ١١١١ ١١١١", "**** **** **** ١١١١"},
      {"4111 1111 1111 1111 12/27 123", "**** **** **** 1111 12/27 123"},
      {"4111 1111 1111 1111 1227 123", "**** **** **** 1111 1227 123"},
      {"order 77 4111111111111111", "order 77 ************1111"},
      {"4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1", "* * * * * * * * * * * * 1 1 1 1"},
      {"4111111111111111 and 5555 5555 5555 4444", "************1111 and **** **** **** 4444"},
      {"4111111111111111 5555555555554444", "************1111 ************4444"},
      {"Visa4111111111111111", "Visa************1111"},
      {"(4111111111111111)", "(************1111)"},
      {"+84 901 234 567 4111 1111 1111 1111", "+84 901 234 567 **** **** **** 1111"},
      {"Thẻ của tôi: 4111 1111 1111 1111 ạ", "Thẻ của tôi: **** **** **** 1111 ạ"},
      {"\xFF\xFE 4111111111111111 \x80", "\xFF\xFE ************1111 \x80"},
  };
  for (const auto& [text, expected] : rows) {
    EXPECT_EQ(masked(std::string(text)), expected);
    auto copy = std::string(text);
    EXPECT_TRUE(mask_cards(copy)) << text;
    EXPECT_FALSE(mask_cards(copy)) << "masked once is masked: " << copy;
  }
}

TEST(masking, other_numbers_stay) {
  for (std::string_view text : {
           "",
           "4111111111111112",                         // Luhn fails
           "4111 1111 1111 111",                       // 15 digits are no Visa
           "+4111111111111",                           // a Swiss telephone number
           "call +84 901 234 567 or +1 555 010 9999",  // telephone numbers
           "+41 11 111 11 11 1 11",                    // 15 digits at most behind a plus
           "41111111111111111111",                     // 20 digits in one piece
           "0000000000000000",
           "4444444444444444",                      // nobody's
           "order 1234567890123456",                // no issuer
           "1Z9999999999999999",                    // a parcel
           "550e8400-4111-1111-1111-111111111111",  // a UUID
           "a4111-1111-1111-1111",                  // a reference
           "4111-1111-1111-1111b",                  // a reference
           "4111  1111  1111  1111",                // two separators
           "4111,1111,1111,1111",                   // a list
           "978-3-16-148410-0",                     // an ISBN
           "2026-11-22 09:15:04.412 2026-11-22",    // times
           "10.0.0.1 192.168.100.200",              // addresses
           "3.14159265358979323846",                // a number
       })
    EXPECT_EQ(masked(std::string(text)), text);
}

TEST(masking, in_json_numbers_stay_numbers) {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {R"({"card":4111111111111111,"note":"4111 1111 1111 1111"})",
       R"({"card":4000000000001111,"note":"**** **** **** 1111"})"},
      {R"([-4111111111111111, 4111111111111111.5e3])", R"([-4000000000001111, 4000000000001111.5e3])"},
      {"41111111.11111111", "40000000.00001111"},
      {"0.4111111111111111", "0.0000000000001111"},
      {R"({"4111111111111111":true})", R"({"************1111":true})"},
      {R"(["a\n4111\u00201111 1111 1111 \"b\\"])", R"(["a\n**** **** **** 1111 \"b\\"])"},
      {R"(["\u0034111111111111111"])", R"(["************1111"])"},
      {R"([1,"4111111111111111)", R"([1,"************1111)"},            // cut off: words
      {R"([4111 1111 1111 1111])", R"([**** **** **** 1111])"},          // no JSON: words
      {R"({"a":4111-1111-1111-1111})", R"({"a":4000-0000-0000-1111})"},  // no number, masked all the same
      {R"({"a":x4111111111111111})", R"({"a":x************1111})"},
  };
  for (const auto& [text, expected] : rows) {
    std::string json(text);
    EXPECT_TRUE(mask_cards_in_json(json)) << text;
    EXPECT_EQ(json, expected);
    EXPECT_EQ(is_json(json), is_json(text)) << text << " became " << json;
  }
  for (std::string_view text : {"", "[]", R"({"a":[1,2.5,"x\u00e4",null,true]})", R"(["+4111111111111"])",
                                "4111,1111,1111,1111", R"(["4111","1111","1111","1111"])"}) {
    std::string json(text);
    EXPECT_FALSE(mask_cards_in_json(json)) << text;
    EXPECT_EQ(json, text);
  }
}

TEST(masking, keeps_every_random_document_json) {
  std::mt19937_64 random(5);
  const auto any = [&](std::initializer_list<std::string_view> all) {
    return std::string(*(all.begin() + static_cast<std::ptrdiff_t>(random() % all.size())));
  };
  const std::function<std::string(int)> document = [&](int depth) -> std::string {
    if (depth == 0 || random() % 3 == 0)
      return any({"4111111111111111", "-5555555555554444", "378282246310005.25", "1e9", "0", "true", "null",
                  R"("4111 1111 1111 1111")", R"("\u0034111111111111111\n")", R"("\ud83d\ude00 5555555555554444")",
                  R"("")"});
    std::string out = random() % 2 ? "[" : "{";
    const bool list = out == "[";
    for (auto left = random() % 5; left > 0; --left) {
      if (out.size() > 1) out += any({",", " , ", ",\n"});
      if (!list) out += any({R"("a")", R"("4111111111111111")", R"("\"")"}) + any({":", " : "});
      out += document(depth - 1);
    }
    return out + (list ? "]" : "}");
  };
  for (int i = 0; i < 2000; ++i) {
    const std::string before = document(4);
    std::string after = before;
    ASSERT_TRUE(is_json(before)) << before;
    mask_cards_in_json(after);
    ASSERT_TRUE(is_json(after)) << before << "\nbecame\n" << after;
    EXPECT_FALSE(after.contains("4111111111111111") || after.contains("5555555555554444")) << after;
    EXPECT_FALSE(mask_cards_in_json(after)) << "masked once is masked: " << after;
  }
}

std::string random_card(std::mt19937_64& random, std::string prefix, std::size_t length) {
  while (prefix.size() + 1 < length) prefix += static_cast<char>('0' + random() % 10);
  for (char check = '0'; check <= '9'; ++check) {
    unsigned sum = 0;
    const auto number = prefix + check;
    for (std::size_t i = 0; i < number.size(); ++i) {
      const auto digit = static_cast<unsigned>(number[number.size() - 1 - i] - '0');
      sum += i % 2 == 0 ? digit : digit * 2 / 10 + digit * 2 % 10;
    }
    if (sum % 10 == 0) return number;
  }
  return {};
}

TEST(masking, random_cards_in_random_words) {
  std::mt19937_64 random(11);
  const std::pair<const char*, std::size_t> kinds[] = {{"4", 16},    {"4", 13},  {"4", 19},    {"51", 16},
                                                       {"2221", 16}, {"34", 15}, {"36", 14},   {"6011", 16},
                                                       {"3528", 16}, {"62", 17}, {"9704", 16}, {"2204", 16}};
  const char* words[] = {"xin chào ", "số: ", "my card is ", "é", "😀 ", "\n", "no. ", "\u202e"};
  for (int round = 0; round < 4000; ++round) {
    const auto& [prefix, length] = kinds[random() % std::size(kinds)];
    const auto card = random_card(random, prefix, length);
    const char32_t zeros[] = {U'0', U'0', U'0', 0x0660, 0x06F0, 0x0966, 0x0E50, 0xFF10};
    const auto zero = zeros[random() % std::size(zeros)];
    std::string spelt;
    const char* separators[] = {"", " ", "-", "\u00a0"};
    const std::string separator = separators[random() % 4];
    for (std::size_t i = 0; i < card.size(); ++i) {
      if (i != 0 && i % 4 == 0) spelt += separator;
      connectors::append_utf8(spelt, zero + static_cast<char32_t>(card[i] - '0'));
    }
    const auto hidden = spelt.substr(0, spelt.size() / 2);
    std::string text = words[random() % 8] + spelt + " " + words[random() % 8];
    ASSERT_TRUE(mask_cards(text)) << spelt;
    ASSERT_TRUE(connectors::valid_utf8(text));
    ASSERT_FALSE(text.contains(hidden)) << text;
    ASSERT_EQ(static_cast<std::size_t>(std::ranges::count(text, '*')), card.size() - 4) << text;
  }
}

TEST(masking, random_bytes_keep_their_shape) {
  std::mt19937_64 random(5);
  const std::string_view alphabet =
      "0123456789012345678901234567890123456789 -.+ab\xC2\xA0\xE2\x80\x91\xEF\xBC\x94\xFF";
  for (int round = 0; round < 20000; ++round) {
    std::string text(random() % 60, '\0');
    for (char& c : text) c = alphabet[random() % alphabet.size()];
    const bool was_utf8 = connectors::valid_utf8(text);
    auto copy = text;
    const bool changed = mask_cards(copy);
    ASSERT_EQ(changed, copy != text);
    ASSERT_LE(copy.size(), text.size());
    if (was_utf8) ASSERT_TRUE(connectors::valid_utf8(copy));
  }
}

TEST(masking, time_is_linear) {
  // A megabyte of what makes the most tries: groups of one digit. Quadratic work would not end within the test's time.
  std::string digits;
  while (digits.size() < (1u << 20)) digits += "4 ";
  mask_cards(digits);
  std::string packed(1u << 20, '4');
  EXPECT_FALSE(mask_cards(packed));
}

TEST(masking, every_free_text_of_an_event) {
  const std::string card = "4111111111111111", hidden = "************1111";
  schemas::event e;
  e.text = e.text_unquoted = e.conversation.subject = card;
  e.customer_uri = "twilio:AC1/" + card;
  e.object.external_id = card;
  e.actor.emplace().display_name = card;
  e.attachments.resize(1);
  e.attachments[0].name = card;
  e.attachments[0].transcript.emplace().text = card;
  e.attachments[0].url = "https://example.com/" + card;
  auto& m = e.message.emplace();
  m.subject = card;
  m.interaction.emplace().payload = card;
  m.interaction->fields.push_back({"card", "Card", "text", card, {card}});
  m.location.emplace().name = card;
  m.contact_cards.push_back({card, {card}, {}});
  auto& f = e.feedback.emplace();
  f.answers.resize(1);
  f.answers[0].text = card;
  e.form.emplace().fields.push_back({"pay", {}, "text", card, {"x", card}});
  e.transcript.emplace().segments.push_back({{}, {}, "caller", card});
  e.callback.emplace().topic = card;
  e.visit.emplace().purpose = card;
  e.payload = schemas::payload{"application/json", "{\"n\":" + card + "}", {}};
  mask_event(e);
  for (const auto& text :
       {e.text, e.text_unquoted, e.conversation.subject, e.actor->display_name, e.attachments[0].name,
        e.attachments[0].transcript->text, m.subject, m.interaction->payload, m.interaction->fields[0].value,
        m.interaction->fields[0].values[0], m.location->name, m.contact_cards[0].name, m.contact_cards[0].phones[0],
        f.answers[0].text, e.form->fields[0].value, e.form->fields[0].values[1], e.transcript->segments[0].text,
        e.callback->topic, e.visit->purpose})
    EXPECT_EQ(text, hidden);
  EXPECT_EQ(e.payload->text, "{\"n\":4000000000001111}");
  EXPECT_EQ(e.customer_uri, "twilio:AC1/" + card) << "an identity is none of what people wrote";
  EXPECT_EQ(e.object.external_id, card);
  EXPECT_EQ(e.attachments[0].url, "https://example.com/" + card);
  EXPECT_EQ(e.flags, std::vector{schemas::flag::masked});

  schemas::event clean;
  clean.text = "nothing to hide";
  mask_event(clean);
  EXPECT_TRUE(clean.flags.empty());
}

TEST(masking, keyed_in_digits_after_the_sixth) {
  const auto digits = [](std::string keyed, std::size_t already) {
    schemas::event e;
    e.input.emplace().digits = std::move(keyed);
    const auto sum = mask_call_digits(e, already);
    return std::tuple(e.input->digits, sum, !e.flags.empty());
  };
  EXPECT_EQ(digits("123456", 0), std::tuple("123456", 6u, false));
  EXPECT_EQ(digits("1234567#", 0), std::tuple("123456*#", 7u, true));
  EXPECT_EQ(digits("12", 5), std::tuple("1*", 7u, true));
  EXPECT_EQ(digits("12", 6), std::tuple("**", 8u, true));
  EXPECT_EQ(digits("#*", 9), std::tuple("#*", 9u, false));
  schemas::event none;
  EXPECT_EQ(mask_call_digits(none, 3), 3u);
}

}  // namespace
}  // namespace switchboard::intake
