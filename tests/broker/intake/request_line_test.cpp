#include "broker/intake/request_line.hpp"

#include <gtest/gtest.h>

#include <random>

#include "schemas/text.hpp"

namespace switchboard::intake {
namespace {

std::string refused(std::string_view line, const request_line_limits& limits = {}) {
  const auto read = request_line::parse(line, limits);
  return read ? "was read" : to_string(read.error());
}

TEST(request_line, reads_every_member) {
  const auto line = request_line::parse(
      R"({"source":"kiosks","method":"PUT","target":"/in/kiosks?a=%20b","headers":[["Host","example.com"],["X-A","1"],["X-A","2"]],)"
      R"("body":"{\"a\":\"ü\"}\n","received_at":"2026-11-22T10:15:04.412+01:00","peer":"192.0.2.7","mark":{"added":[1]}})");
  ASSERT_TRUE(line) << to_string(line.error());
  const auto& in = line->inbound();
  EXPECT_EQ(line->source(), "kiosks");
  EXPECT_EQ(in.method, "PUT");
  EXPECT_EQ(in.target, "/in/kiosks?a=%20b");
  EXPECT_EQ(line->host(), "example.com");
  ASSERT_EQ(in.headers.size(), 3u);
  EXPECT_EQ(in.headers[2].name, "X-A");
  EXPECT_EQ(in.headers[2].value, "2");
  EXPECT_EQ(in.body, "{\"a\":\"ü\"}\n");
  EXPECT_EQ(schemas::to_string(in.received_at), "2026-11-22T09:15:04.412Z");
  EXPECT_TRUE(line->has_time());
  EXPECT_EQ(in.peer, "192.0.2.7");
  for (std::size_t i = 0; i < connectors::inbound::body_padding; ++i)
    EXPECT_EQ(in.body.data()[in.body.size() + i], '\0');
}

TEST(request_line, what_may_be_left_out) {
  auto line = request_line::parse(R"({"source":"s","target":"/"})");
  ASSERT_TRUE(line);
  EXPECT_EQ(line->inbound().method, "POST");
  EXPECT_EQ(line->inbound().body, "");
  EXPECT_FALSE(line->has_time());
  EXPECT_EQ(line->host(), "");
  line->public_url("https://example.com/");
  EXPECT_EQ(line->inbound().public_url, "https://example.com/");
  EXPECT_TRUE(request_line::parse(R"({"source":"s","target":"/","body":null,"body_base64":"AA=="})"));
}

TEST(request_line, moving_keeps_the_views) {
  std::vector<request_line> lines;
  for (int i = 0; i < 40; ++i) {
    auto line = request_line::parse(R"({"source":"s","target":"/)" + std::to_string(i) +
                                    R"(","headers":[["A","b"]],"body":"x"})");
    ASSERT_TRUE(line);
    line->public_url("u");
    lines.push_back(std::move(*line));
  }
  for (std::size_t i = 0; i < lines.size(); ++i) {
    EXPECT_EQ(lines[i].source(), "s");
    EXPECT_EQ(lines[i].inbound().target, "/" + std::to_string(i));
    EXPECT_EQ(lines[i].inbound().find("a"), "b");
    EXPECT_EQ(lines[i].inbound().body, "x");
    EXPECT_EQ(lines[i].inbound().public_url, "u");
  }
}

TEST(request_line, errors_name_the_member) {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"", "is not a JSON object"},
      {"[]", "is not a JSON object"},
      {"{\"source\":", "is not a JSON object"},
      {"{} x", "is not a JSON object"},
      {"{\"source\":\"\xFF\"}", "is not a JSON object"},
      {R"({"target":"/"})", "source: is missing"},
      {R"({"source":"","target":"/"})", "source: is missing"},
      {R"({"source":7,"target":"/"})", "source: is not a string"},
      {R"({"source":"a\nb","target":"/"})", "source: is too long or has control characters"},
      {R"({"source":"s"})", "target: is missing"},
      {R"({"source":"s","target":"x"})", "target: does not begin with /"},
      {R"({"source":"s","target":"/\u0000"})", "target: is too long or has control characters"},
      {R"({"source":"s","source":"t","target":"/"})", "source: stands twice"},
      {R"({"source":"s","target":"/","method":"PO ST"})", "method: is no HTTP method"},
      {R"({"source":"s","target":"/","method":""})", "method: is no HTTP method"},
      {R"({"source":"s","target":"/","headers":{}})", "headers: is not a list of [name, value]"},
      {R"({"source":"s","target":"/","headers":[["a","b"],["c"]]})", "headers[1]: is not [name, value]"},
      {R"({"source":"s","target":"/","headers":[["a",1]]})", "headers[0]: is not [name, value]"},
      {R"({"source":"s","target":"/","headers":[["a","b","c"]]})", "headers[0]: is not [name, value]"},
      {R"({"source":"s","target":"/","headers":["a"]})", "headers[0]: is not [name, value]"},
      {R"({"source":"s","target":"/","headers":[["a b","c"]]})", "headers[0]: has no name that a header may have"},
      {R"({"source":"s","target":"/","headers":[["a","b\r\nc"]]})",
       "headers[0]: is too long or has control characters"},
      {R"({"source":"s","target":"/","body":"x","body_base64":"eA=="})", "body_base64: stands beside body"},
      {R"({"source":"s","target":"/","body_base64":"x"})", "body_base64: is not base64"},
      {R"({"source":"s","target":"/","body":{}})", "body: is not a string"},
      {R"({"source":"s","target":"/","received_at":"yesterday"})", "received_at: is not an RFC 3339 time"},
      {R"({"source":"s","target":"/","received_at":0})", "received_at: is not a string"},
      {R"({"source":"s","target":"/","peer":["x"]})", "peer: is not a string"},
  };
  for (const auto& [line, message] : rows) EXPECT_EQ(refused(line), message) << line;
}

TEST(request_line, has_a_limit_on_everything) {
  const request_line_limits tight{.line_bytes = 200, .body_bytes = 10, .headers = 2, .text_bytes = 20};
  const std::string head = R"({"source":"s","target":"/")";
  EXPECT_EQ(refused(head + "}" + std::string(300, ' '), tight), "the line is longer than a request may be");
  EXPECT_EQ(refused(head + R"(,"body":"12345678901"})", tight), "body: is larger than a body may be");
  EXPECT_EQ(refused(head + R"(,"body_base64":"MTIzNDU2Nzg5MDE="})", tight),
            "body_base64: is larger than a body may be");
  EXPECT_EQ(refused(head + R"(,"headers":[["a","b"],["a","b"],["a","b"]]})", tight),
            "headers[2]: there are more headers than a request may have");
  EXPECT_EQ(refused(head + R"(,"headers":[["a","123456789012345678901"]]})", tight),
            "headers[0]: is too long or has control characters");
  EXPECT_EQ(refused(head + R"(,"peer":"123456789012345678901"})", tight),
            "peer: is too long or has control characters");
  EXPECT_EQ(refused(std::string(5000, '[')), "is not a JSON object") << "nesting";
}

TEST(request_line, what_is_written_reads_the_same) {
  std::mt19937_64 random(23);
  for (int round = 0; round < 2000; ++round) {
    std::string body(random() % 200, '\0');
    const bool text = random() % 2 == 0;
    for (char& c : body) c = static_cast<char>(text ? "abc\"\\\n\t{}[]:, \x7F"[random() % 16] : random());
    if (random() % 3 == 0) body += "日本語 😀";
    const std::string value = "v\t\"" + std::to_string(random());
    const connectors::header headers[] = {{"Content-Type", "a/b"}, {"X-Value", value}};
    const connectors::inbound in{"POST",
                                 "/in/x?q=\"%00\"",
                                 "ignored",
                                 headers,
                                 body,
                                 "2001:db8::1",
                                 schemas::timestamp(std::chrono::milliseconds(random() % 4'000'000'000'000))};
    std::string line;
    append_request_line(line, "source", in, redaction::as_it_came);
    ASSERT_FALSE(line.contains('\n'));
    const auto again = request_line::parse(line);
    ASSERT_TRUE(again) << to_string(again.error()) << line;
    ASSERT_EQ(again->source(), "source");
    ASSERT_EQ(again->inbound().method, in.method);
    ASSERT_EQ(again->inbound().target, in.target);
    ASSERT_EQ(again->inbound().body, in.body);
    ASSERT_EQ(again->inbound().received_at, in.received_at);
    ASSERT_EQ(again->inbound().peer, in.peer);
    ASSERT_EQ(again->inbound().headers.size(), 2u);
    ASSERT_EQ(again->inbound().headers[1].value, value);
    std::string second;
    append_request_line(second, "source", again->inbound(), redaction::as_it_came);
    ASSERT_EQ(second, line);
  }
}

TEST(request_line, redaction_hides_what_opens_doors_and_keeps_what_proves) {
  const connectors::header headers[] = {
      {"Authorization", "Bearer planted"}, {"cookie", "planted"},           {"X-Api-Key", "planted"},
      {"X-Gitlab-Token", "planted"},       {"X-Twilio-Signature", "kept1"}, {"I-Twilio-Idempotency-Token", "kept2"},
      {"webhook-signature", "kept3"},      {"X-Hub-Signature-256", "kept4"}};
  const connectors::inbound in{"POST", "/", {}, headers, "body", {}, {}};
  std::string line;
  append_request_line(line, "s", in, redaction::without_secrets);
  EXPECT_FALSE(line.contains("planted")) << line;
  for (auto kept : {"kept1", "kept2", "kept3", "kept4"}) EXPECT_TRUE(line.contains(kept)) << kept;
  std::string whole;
  append_request_line(whole, "s", in, redaction::as_it_came);
  EXPECT_TRUE(whole.contains("Bearer planted"));
}

TEST(request_line, bytes_that_are_no_text_go_as_base64) {
  const auto written = [](std::string_view body) {
    const connectors::inbound in{"POST", "/", {}, {}, body, {}, {}};
    std::string line;
    append_request_line(line, "s", in, redaction::as_it_came);
    return line;
  };
  EXPECT_TRUE(written("\xFF").contains(R"("body_base64":"/w==")"));
  EXPECT_TRUE(written(std::string_view("a\0b", 3)).contains(R"("body_base64":"YQBi")"));
  EXPECT_TRUE(written("ü").contains(R"("body":"ü")"));
}

}  // namespace
}  // namespace switchboard::intake
