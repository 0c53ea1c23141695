#include "schemas/text.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <random>

#include "schemas/codec.hpp"

namespace switchboard::schemas {
namespace {

using namespace std::chrono;

timestamp at(int y, unsigned m, unsigned d, int h = 0, int min = 0, int s = 0, int ms = 0) {
  return sys_days{year{y} / m / d} + hours{h} + minutes{min} + seconds{s} + milliseconds{ms};
}

struct good_time {
  const char* text;
  timestamp expected;
};
class GoodTimes : public testing::TestWithParam<good_time> {};
TEST_P(GoodTimes, AreRead) {
  const auto read = timestamp_from_rfc3339(GetParam().text);
  ASSERT_TRUE(read) << GetParam().text;
  EXPECT_EQ(to_string(*read), to_string(GetParam().expected)) << GetParam().text;
}
INSTANTIATE_TEST_SUITE_P(Rfc3339, GoodTimes,
                         testing::Values(good_time{"2026-11-22T09:15:04.412Z", at(2026, 11, 22, 9, 15, 4, 412)},
                                         good_time{"2026-11-22T09:15:04Z", at(2026, 11, 22, 9, 15, 4)},
                                         good_time{"2026-11-22t09:15:04z", at(2026, 11, 22, 9, 15, 4)},
                                         good_time{"2026-11-22 09:15:04Z", at(2026, 11, 22, 9, 15, 4)},
                                         good_time{"2026-11-22T09:15:04.4Z", at(2026, 11, 22, 9, 15, 4, 400)},
                                         good_time{"2026-11-22T09:15:04.41Z", at(2026, 11, 22, 9, 15, 4, 410)},
                                         good_time{"2026-11-22T09:15:04.4129Z", at(2026, 11, 22, 9, 15, 4, 412)},
                                         good_time{"2026-11-22T09:15:04.999999999Z", at(2026, 11, 22, 9, 15, 4, 999)},
                                         good_time{"2026-11-22T16:15:04+07:00", at(2026, 11, 22, 9, 15, 4)},
                                         good_time{"2026-11-22T00:00:00+05:45", at(2026, 11, 21, 18, 15)},
                                         good_time{"2026-11-21T23:30:00-03:30", at(2026, 11, 22, 3, 0)},
                                         good_time{"2026-11-22T09:15:04-00:00", at(2026, 11, 22, 9, 15, 4)},
                                         good_time{"2026-11-22T09:15:04+23:59", at(2026, 11, 21, 9, 16, 4)},
                                         good_time{"2024-02-29T12:00:00Z", at(2024, 2, 29, 12)},
                                         good_time{"2000-02-29T12:00:00Z", at(2000, 2, 29, 12)},
                                         good_time{"1969-12-31T23:59:59.999Z", at(1969, 12, 31, 23, 59, 59, 999)},
                                         good_time{"1969-12-31T23:59:59.9999Z", at(1969, 12, 31, 23, 59, 59, 999)},
                                         good_time{"0000-01-01T00:00:00Z", at(0, 1, 1)},
                                         good_time{"9999-12-31T23:59:59.999Z", at(9999, 12, 31, 23, 59, 59, 999)},
                                         good_time{"2016-12-31T23:59:60Z", at(2017, 1, 1)},
                                         good_time{"2017-01-01T08:59:60.5+09:00", at(2017, 1, 1, 0, 0, 0, 500)}));

class BadTimes : public testing::TestWithParam<const char*> {};
TEST_P(BadTimes, AreRefused) { EXPECT_FALSE(timestamp_from_rfc3339(GetParam())) << GetParam(); }
INSTANTIATE_TEST_SUITE_P(
    Rfc3339, BadTimes,
    testing::Values("", "2026", "2026-11-22", "2026-11-22T", "2026-11-22T09:15", "2026-11-22T09:15:04",
                    "2026-11-22T09:15:04.Z", "2026-11-22T09:15:04.1234567890Z", "2026-11-22T09:15:04.412",
                    "2026-11-22T09:15:04.412ZZ", "2026-11-22T09:15:04.412Z ", " 2026-11-22T09:15:04Z",
                    "2026-11-22X09:15:04Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-02-29T00:00:00Z",
                    "2100-02-29T00:00:00Z", "2026-04-31T00:00:00Z", "2026-11-00T00:00:00Z", "2026-11-22T24:00:00Z",
                    "2026-11-22T09:60:00Z", "2026-11-22T09:15:61Z", "2026-11-22T09:15:60Z", "2026-11-22T23:59:60+01:00",
                    "2026-11-22T09:15:04+7:00", "2026-11-22T09:15:04+0700", "2026-11-22T09:15:04+07",
                    "2026-11-22T09:15:04+24:00", "2026-11-22T09:15:04+07:60", "2026-11-22T09:15:04 +07:00",
                    "20261122T091504Z", "2026-1-2T09:15:04Z", "-026-11-22T09:15:04Z", "+2026-11-22T09:15:04Z",
                    "12026-11-22T09:15:04Z", "2026-11-22T09:15:0aZ", "2026-11-22T09:15:04,412Z", "2026-11-22T-9:15:04Z",
                    "0000-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01", "9999-12-31T23:59:60Z", "NaN",
                    "2026-11-22T09:15:04\xC2\xA0Z"));

TEST(Times, AreClampedToFourDigitYears) {
  EXPECT_EQ(to_string(timestamp{timestamp::duration::max()}), "9999-12-31T23:59:59.999Z");
  EXPECT_EQ(to_string(timestamp{timestamp::duration::min()}), "0000-01-01T00:00:00.000Z");
  EXPECT_EQ(to_string(at(10000, 1, 1)), "9999-12-31T23:59:59.999Z");
  EXPECT_EQ(to_string(at(-1, 12, 31, 23, 59, 59, 999)), "0000-01-01T00:00:00.000Z");
}

TEST(Times, SurviveTheWayOutAndBack) {
  std::mt19937_64 random(7);
  std::uniform_int_distribution<std::int64_t> any(at(0, 1, 1).time_since_epoch().count(),
                                                  at(9999, 12, 31, 23, 59, 59, 999).time_since_epoch().count());
  for (int i = 0; i < 20000; ++i) {
    const timestamp time{milliseconds{any(random)}};
    const std::string text = to_string(time);
    ASSERT_EQ(text.size(), 24u);
    ASSERT_EQ(timestamp_from_rfc3339(text), time) << text;
  }
}

TEST(Times, ReaderIsTotalOnMutations) {
  std::mt19937 random(11);
  for (int i = 0; i < 50000; ++i) {
    std::string text = "2026-11-22T09:15:04.412+07:00";
    for (unsigned changes = random() % 4; changes > 0; --changes)
      text[random() % text.size()] = static_cast<char>(random());
    text.resize(random() % (text.size() + 1));
    if (const auto time = timestamp_from_rfc3339(text))
      EXPECT_EQ(timestamp_from_rfc3339(to_string(*time)), time) << text;
  }
}

TEST(Uuids, AreReadInEitherCaseAndWrittenInLower) {
  const std::string text = "5b1f0d6c-3c55-8a41-9c0e-5f3a0a6f2a11";
  const auto id = uuid_from_string(text);
  ASSERT_TRUE(id);
  EXPECT_EQ(id->bytes[0], 0x5b);
  EXPECT_EQ(id->bytes[15], 0x11);
  EXPECT_EQ(to_string(*id), text);
  EXPECT_EQ(uuid_from_string("5B1F0D6C-3C55-8A41-9C0E-5F3A0A6F2A11"), id);
}

TEST(Uuids, WhichAreMalformedAreRefused) {
  for (const char* bad : {"", "5b1f0d6c3c558a419c0e5f3a0a6f2a11", "5b1f0d6c-3c55-8a41-9c0e-5f3a0a6f2a1",
                          "5b1f0d6c-3c55-8a41-9c0e-5f3a0a6f2a111", "5b1f0d6c-3c55-8a41-9c0e-5f3a0a6f2a1g",
                          "5b1f0d6-c3c55-8a41-9c0e-5f3a0a6f2a11", "{5b1f0d6c-3c55-8a41-9c0e-5f3a0a6f2a1}",
                          "5b1f0d6c-3c55-8a41-9c0e 5f3a0a6f2a11"})
    EXPECT_FALSE(uuid_from_string(bad)) << bad;
}

TEST(Uuids, SpreadOverAHashTable) {
  std::hash<uuid> hash;
  uuid a, b;
  a.bytes[15] = 1;
  b.bytes[3] = 1;
  EXPECT_NE(hash(a), hash(uuid{}));
  EXPECT_NE(hash(a), hash(b));
}

std::string json(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

struct string_case {
  std::string_view in, out;
};
class JsonStrings : public testing::TestWithParam<string_case> {};
TEST_P(JsonStrings, AreEscapedAndRepaired) { EXPECT_EQ(json(GetParam().in), GetParam().out); }
using namespace std::string_view_literals;
INSTANTIATE_TEST_SUITE_P(
    Table, JsonStrings,
    testing::Values(string_case{"", R"("")"},
                    string_case{"plain text, long enough for whole words",
                                R"("plain text, long enough for whole words")"},
                    string_case{"a\"b", R"("a\"b")"}, string_case{"a\\b", R"("a\\b")"},
                    string_case{"1234567\"", R"("1234567\"")"}, string_case{"12345678\\", R"("12345678\\")"},
                    string_case{"\b\f\n\r\t", R"("\b\f\n\r\t")"}, string_case{"\0\x1f\x7f"sv, "\"\\u0000\\u001f\x7f\""},
                    string_case{"/</script>", R"("/</script>")"}, string_case{"tiếng Việt", R"("tiếng Việt")"},
                    string_case{"日本語🙂", R"("日本語🙂")"},
                    string_case{"\xF4\x8F\xBF\xBF", "\"\xF4\x8F\xBF\xBF\""},                  // U+10FFFF
                    string_case{"\xED\x9F\xBF\xEE\x80\x80", "\"\xED\x9F\xBF\xEE\x80\x80\""},  // around the surrogates
                    string_case{"\x80", "\"\uFFFD\""}, string_case{"a\xC3", "\"a\uFFFD\""},
                    string_case{"\xC3(", "\"\uFFFD(\""}, string_case{"\xC0\xAF", "\"\uFFFD\uFFFD\""},  // overlong '/'
                    string_case{"\xE0\x80\xAF", "\"\uFFFD\uFFFD\uFFFD\""},                             // overlong
                    string_case{"\xED\xA0\x80", "\"\uFFFD\uFFFD\uFFFD\""},                             // a surrogate
                    string_case{"\xF4\x90\x80\x80", "\"\uFFFD\uFFFD\uFFFD\uFFFD\""},                   // past U+10FFFF
                    string_case{"\xF5", "\"\uFFFD\""}, string_case{"\xFE\xFF", "\"\uFFFD\uFFFD\""},
                    string_case{"\xE6\x97", "\"\uFFFD\""},  // cut: one mark for the maximal part
                    string_case{"\xF0\x9F\x99x", "\"\uFFFDx\""}, string_case{"\xE6\x97\xE6\x97\xA5", "\"\uFFFD日\""},
                    string_case{"\xFF\"\xFF", "\"\uFFFD\\\"\uFFFD\""}));

TEST(JsonStrings, AreReadBackByAnIndependentParser) {
  std::mt19937 random(3);
  for (int i = 0; i < 20000; ++i) {
    std::string bytes(random() % 40, '\0');
    for (char& c : bytes) c = static_cast<char>(random() % 3 ? random() % 128 : random());
    const std::string text = json(bytes);
    boost::system::error_code error;
    const auto value = boost::json::parse(text, error);
    ASSERT_FALSE(error) << error.message() << ": " << testing::PrintToString(bytes);
    const std::string_view read = value.as_string();
    if (read == bytes) continue;
    ASSERT_NE(read.find("\uFFFD"), std::string_view::npos) << testing::PrintToString(bytes);
  }
}

TEST(JsonStrings, KeepValidTextByteForByte) {
  std::mt19937 random(5);
  const std::string_view pieces[] = {"a",     "longer plain text", "é", "ờ", "日", "🙂", "\"", "\\", "\n", "\x01",
                                     "\u2028"};
  for (int i = 0; i < 5000; ++i) {
    std::string text;
    for (unsigned n = random() % 12; n > 0; --n) text += pieces[random() % std::size(pieces)];
    ASSERT_EQ(std::string_view(boost::json::parse(json(text)).as_string()), text);
  }
}

TEST(Base64, FollowsTheTestVectors) {
  const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"},
                                                         {"\xFF\xFE\xFD", "//79"}};
  for (const auto& [in, expected] : vectors) {
    std::string out = "before:";
    append_base64(out, in);
    EXPECT_EQ(out, std::string("before:") + expected);
  }
}

TEST(SequenceNumbers, HaveTwentyDigits) {
  std::string out;
  append_sequence_number(out, 18442);
  out += ' ';
  append_sequence_number(out, UINT64_MAX);
  out += ' ';
  append_sequence_number(out, 0);
  EXPECT_EQ(out, "00000000000000018442 18446744073709551615 00000000000000000000");
}

TEST(UriSegments, EscapeAllButTheUnreserved) {
  std::string out;
  append_uri_segment(out, "wa-main_1.~ /?#%é");
  EXPECT_EQ(out, "wa-main_1.~%20%2F%3F%23%25%C3%A9");
}

}  // namespace
}  // namespace switchboard::schemas
