#include "broker/observe/log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <sstream>
#include <thread>

#include "broker/observe/escape.hpp"

namespace switchboard::observe {
namespace {

using testing::internal::CaptureStderr;
using testing::internal::GetCapturedStderr;

template <class F>
std::string captured(F&& body) {
  CaptureStderr();
  body();
  return GetCapturedStderr();
}

TEST(log, writes_logfmt) {
  set_up_log(log_format::logfmt, level::info);
  const std::string line = captured([] {
    log(level::warning, "journal is nearly full",
        {{"bytes", 12}, {"path", "/var/lib/a b"}, {"source", "kiosk-1"}, {"ok", false}, {"none", ""}});
  });
  EXPECT_THAT(line, testing::MatchesRegex(
                        "ts=[0-9-]+T[0-9:]+\\.[0-9][0-9][0-9]Z level=warning msg=\"journal is nearly full\" bytes=12 "
                        "path=\"/var/lib/a b\" source=kiosk-1 ok=false none=\"\"\n"));
}

TEST(log, writes_json_that_a_parser_reads) {
  set_up_log(log_format::json, level::info);
  const std::string hostile = "quote \" backslash \\ line\n escape \x1b[31m bad \xff\xc0\x80 bidi \u202e end";
  const std::string line =
      captured([&] { log(level::error, "refused", {{"count", -3}, {"yes", true}, {"hint", hostile}}); });
  EXPECT_EQ(std::ranges::count(line, '\n'), 1);
  const auto object = boost::json::parse(line).as_object();
  EXPECT_EQ(object.at("level"), "error");
  EXPECT_EQ(object.at("msg"), "refused");
  EXPECT_EQ(object.at("count"), -3);
  EXPECT_EQ(object.at("yes"), true);
  EXPECT_EQ(object.at("hint").as_string(),
            "quote \" backslash \\ line\n escape \x1b[31m bad \ufffd\ufffd\ufffd bidi \u202e end");
  EXPECT_THAT(line, testing::Not(testing::HasSubstr("\u202e")));
}

TEST(log_budget, leaves_out_what_is_too_much_and_says_how_much_that_was) {
  using namespace std::chrono_literals;
  const std::chrono::steady_clock::time_point start{100s};
  log_budget budget(2);
  EXPECT_EQ(budget.take(start), 0);
  EXPECT_EQ(budget.take(start + 100ms), 0);
  EXPECT_EQ(budget.take(start + 200ms), std::nullopt);
  EXPECT_EQ(budget.take(start + 999ms), std::nullopt);
  EXPECT_EQ(budget.take(start + 1s), 2);
  EXPECT_EQ(budget.take(start + 1s), 0);
  EXPECT_EQ(budget.take(start + 1s), std::nullopt);
  EXPECT_EQ(budget.take(start + 5s), 1);
}

TEST(escape, keeps_json_readable_for_a_person) {
  std::string shown;
  append_harmless(shown, "{\"code\":\"a\\b\"}\n\x1b[31m\xff \u202e");
  EXPECT_EQ(shown, R"({"code":"a\b"}\n\u001b[31m\xff \u202e)");
}

TEST(log, drops_what_is_below_the_level) {
  set_up_log(log_format::logfmt, level::error);
  EXPECT_EQ(captured([] {
              log(level::debug, "a");
              log(level::info, "b");
              log(level::warning, "c");
            }),
            "");
  EXPECT_THAT(captured([] { log(level::critical, "d"); }), testing::HasSubstr("level=critical msg=d\n"));
}

TEST(log, lines_of_threads_do_not_mix) {
  set_up_log(log_format::logfmt, level::info);
  constexpr int threads = 4, lines = 50;
  const std::string text = captured([] {
    std::vector<std::jthread> writers;
    for (int t = 0; t < threads; ++t)
      writers.emplace_back([] {
        for (int i = 0; i < lines; ++i) log(level::info, "a line of some length", {{"value", std::string(300, 'x')}});
      });
  });
  std::istringstream in(text);
  int count = 0;
  for (std::string line; std::getline(in, line); ++count)
    EXPECT_THAT(line, testing::EndsWith("Z level=info msg=\"a line of some length\" value=" + std::string(300, 'x')));
  EXPECT_EQ(count, threads * lines);
}

struct escape_case {
  std::string_view in, logfmt, json;
};

TEST(escape, leaves_nothing_that_forges_or_hides) {
  const escape_case cases[] = {
      {"plain-1.2/x:y", "plain-1.2/x:y", "\"plain-1.2/x:y\""},
      {"", "\"\"", "\"\""},
      {"two words", "\"two words\"", "\"two words\""},
      {"a=b", "\"a=b\"", "\"a=b\""},
      {"say \"hi\"", "\"say \\\"hi\\\"\"", "\"say \\\"hi\\\"\""},
      {"back\\slash", "\"back\\\\slash\"", "\"back\\\\slash\""},
      {"a\r\n\tb", "\"a\\r\\n\\tb\"", "\"a\\r\\n\\tb\""},
      {std::string_view("nul\0!", 5), "\"nul\\u0000!\"", "\"nul\\u0000!\""},
      {"\x1b[2J", "\"\\u001b[2J\"", "\"\\u001b[2J\""},
      {"\x7f\u0085", "\"\\u007f\\u0085\"", "\"\\u007f\\u0085\""},
      {"\u202eevil\u2066\u200f\u061c", "\"\\u202eevil\\u2066\\u200f\\u061c\"", "\"\\u202eevil\\u2066\\u200f\\u061c\""},
      {"\u2028\u2029\ufeff\u200b", "\"\\u2028\\u2029\\ufeff\\u200b\"", "\"\\u2028\\u2029\\ufeff\\u200b\""},
      {"Hà Nội 🙂", "\"Hà Nội 🙂\"", "\"Hà Nội 🙂\""},
      {"\xff", "\"\\xff\"", "\"\\ufffd\""},
      {"\xed\xa0\x80", "\"\\xed\\xa0\\x80\"", "\"\\ufffd\\ufffd\\ufffd\""},
      {"cut \xe2\x82", "\"cut \\xe2\\x82\"", "\"cut \\ufffd\\ufffd\""},
      {"\xf4\x90\x80\x80", "\"\\xf4\\x90\\x80\\x80\"", "\"\\ufffd\\ufffd\\ufffd\\ufffd\""},
  };
  for (const auto& c : cases) {
    std::string logfmt, json;
    append_logfmt(logfmt, c.in);
    append_json(json, c.in);
    EXPECT_EQ(logfmt, c.logfmt);
    EXPECT_EQ(json, c.json);
  }
}

TEST(escape, cuts_long_values) {
  std::string line;
  append_logfmt(line, std::string(longest_logged_value + 1, 'a'));
  EXPECT_EQ(line, "\"" + std::string(longest_logged_value, 'a') + "…\"");
  line.clear();
  append_logfmt(line, std::string(longest_logged_value, 'a'));
  EXPECT_EQ(line, std::string(longest_logged_value, 'a'));
}

}  // namespace
}  // namespace switchboard::observe
