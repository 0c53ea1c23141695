#include "broker/intake/decode_line.hpp"

#include <gtest/gtest.h>

#include "connectors/common/json.hpp"
#include "tests/broker/intake/tiny_connector.hpp"

namespace switchboard::intake::test {
namespace {

namespace json = connectors::json;

std::string line_of(const request& r, environment env = fixed_environment()) {
  const auto s = tiny_source();
  std::string out;
  append_decoded(out, s, r.in(), process(s, r.in(), env), env);
  EXPECT_TRUE(out.ends_with("}\n"));
  EXPECT_EQ(std::ranges::count(out, '\n'), 1);
  return out;
}
std::string member(const std::string& line, std::string_view pointer) {
  const auto root = json::parse_copy(line, 64);
  if (!root) return "not JSON: " + line;
  const auto found = json::at(*root, pointer);
  return found ? json::scalar(*found).value_or(json::minified(*found)) : "absent";
}

TEST(decode_line, accepted) {
  const auto line = line_of(request("msg|m1|tel:+15550109999|hi\nbad\nmsg|m2||ho"));
  EXPECT_EQ(member(line, "/source"), "tiny-main");
  EXPECT_EQ(member(line, "/outcome"), "accepted");
  EXPECT_EQ(member(line, "/status"), "200");
  EXPECT_EQ(member(line, "/code"), "null");
  EXPECT_EQ(member(line, "/reply/content_type"), "text/plain");
  EXPECT_EQ(member(line, "/reply/body"), "aqa");
  EXPECT_EQ(member(line, "/events/0/specversion"), "1.0");
  EXPECT_EQ(member(line, "/events/0/recordedtime"), "2026-11-22T09:15:04.412Z");
  EXPECT_EQ(member(line, "/events/0/data/event/recorded_at"), "2026-11-22T09:15:04.412Z");
  EXPECT_EQ(member(line, "/events/0/sbseq"), "absent");
  EXPECT_EQ(member(line, "/events/1/data/text"), "ho");
  EXPECT_EQ(member(line, "/events/2"), "absent");
  EXPECT_EQ(member(line, "/quarantined"), R"([{"item":1,"code":"missing_field","pointer":"/text"}])");
  EXPECT_EQ(member(line, "/verification"), "absent");
}

TEST(decode_line, quarantined) {
  const auto line = line_of(request("broken"));
  EXPECT_EQ(member(line, "/outcome"), "quarantined");
  EXPECT_EQ(member(line, "/code"), "malformed_body");
  EXPECT_EQ(member(line, "/events"), "[]");
  EXPECT_EQ(member(line, "/quarantined"), R"([{"code":"malformed_body","pointer":"/"}])");
}

TEST(decode_line, control) {
  const auto line = line_of(request("hello"));
  EXPECT_EQ(member(line, "/outcome"), "control");
  EXPECT_EQ(member(line, "/reply/body"), "world");
  EXPECT_EQ(member(line, "/events"), "[]");
}

TEST(decode_line, rejected) {
  request r("msg|m1||hi");
  r.headers = {{"X-Sign", "bad"}};
  auto line = line_of(r);
  EXPECT_EQ(member(line, "/outcome"), "rejected");
  EXPECT_EQ(member(line, "/status"), "401");
  EXPECT_EQ(member(line, "/code"), "bad_signature");
  EXPECT_EQ(member(line, "/reply/content_type"), "application/json");

  r.headers = {{"X-Sign", "fetch"}};
  line = line_of(r);
  EXPECT_EQ(member(line, "/outcome"), "rejected");
  EXPECT_EQ(member(line, "/status"), "503");
  EXPECT_EQ(member(line, "/code"), "key_unavailable");
}

TEST(decode_line, skipped_verification_is_marked) {
  auto env = fixed_environment();
  env.skip_verify = true;
  const auto line = line_of(request("msg|m1||hi"), env);
  EXPECT_EQ(member(line, "/verification"), "skipped");
  EXPECT_EQ(member(line, "/events/0/data/authentication/result"), "skipped");
}

TEST(decode_line, what_is_no_request) {
  std::string line;
  append_undecoded(line, "gone", 404, "unknown_source", "the configuration has no \"such\" source");
  EXPECT_EQ(member(line, "/source"), "gone");
  EXPECT_EQ(member(line, "/outcome"), "rejected");
  EXPECT_EQ(member(line, "/status"), "404");
  EXPECT_EQ(member(line, "/code"), "unknown_source");
  EXPECT_EQ(member(line, "/message"), "the configuration has no \"such\" source");
  EXPECT_EQ(member(line, "/reply/body"), "");
  EXPECT_EQ(member(line, "/events"), "[]");
}

}  // namespace
}  // namespace switchboard::intake::test
