#include <gmock/gmock.h>

#include "schemas/codec.hpp"
#include "tests/connectors/support/request.hpp"

namespace switchboard::connectors::meta_messenger {
namespace {

using testing::HasSubstr;
using tests::configure;
using tests::request;

constexpr std::string_view plain = R"({"connector":"meta-messenger","credentials":[{"app_secret":"s"}]})";

decoded decode_entry(std::string_view members, std::string_view entry_time = "1777975199500") {
  static const auto source = configure(plain);
  request r;
  r.body =
      R"({"object":"page","entry":[{"id":"108","time":)" + std::string(entry_time) + "," + std::string(members) + "}]}";
  r.received_at = *schemas::timestamp_from_rfc3339("2026-05-05T10:00:00Z");
  return source.connector->decode(r.view(), *source.prepared, {"meta", "hmac-sha256"}, source.connector->limits);
}
decoded decode_item(std::string_view what, std::string_view from = "9001", std::string_view to = "108") {
  return decode_entry(R"("messaging":[{"sender":{"id":")" + std::string(from) + R"("},"recipient":{"id":")" +
                      std::string(to) + R"("},"timestamp":1777975199000,)" + std::string(what) + "}]");
}
decoded decode_feed(std::string_view value) {
  return decode_entry(
      R"("changes":[{"field":"feed","value":{"post_id":"108_50","from":{"id":"7001"},"created_time":1777975199,)" +
      std::string(value) + "}}]");
}
const contact& only(const decoded& d) {
  EXPECT_EQ(d.items.size(), 1U);
  return std::get<contact>(d.items.at(0));
}

TEST(messenger_conversation, is_the_customers_whoever_writes_and_whatever_is_told) {
  const auto hello = decode_item(R"("message":{"mid":"m1","text":"Hello"})");
  EXPECT_THAT(only(hello).conversation, testing::ElementsAre("108", "messenger:108/9001"));
  for (const auto* told : {R"("read":{"watermark":1777975199000})", R"("delivery":{"mids":["m2"],"watermark":1})",
                           R"("pass_thread_control":{"new_owner_app_id":"1"})", R"("optin":{"ref":"x"})"})
    EXPECT_EQ(only(decode_item(told)).conversation, only(hello).conversation) << told;
  const auto answer = decode_item(R"("message":{"mid":"m2","text":"Hi","is_echo":true})", "108", "9001");
  EXPECT_EQ(only(answer).conversation, only(hello).conversation);
}

TEST(messenger_conversation, of_a_post_takes_in_its_comments_answers_and_reactions) {
  const auto comment =
      decode_feed(R"("item":"comment","verb":"add","comment_id":"50_60","parent_id":"108_50","message":"a")");
  EXPECT_THAT(only(comment).conversation, testing::ElementsAre("108", "post", "108_50"));
  for (const auto* below : {R"("item":"comment","verb":"add","comment_id":"50_61","parent_id":"50_60","message":"b")",
                            R"("item":"comment","verb":"remove","comment_id":"50_61","parent_id":"50_60")",
                            R"("item":"reaction","verb":"add","comment_id":"50_61","reaction_type":"wow")",
                            R"("item":"status","verb":"edited","message":"c")"})
    EXPECT_EQ(only(decode_feed(below)).conversation, only(comment).conversation) << below;
}

TEST(messenger_keys, tell_facts_apart_and_retries_together) {
  const auto once = decode_item(R"("message":{"mid":"m1","text":"Hello"})");
  EXPECT_EQ(only(once).key, "m1");
  EXPECT_EQ(only(once).fingerprint, only(decode_item(R"("message":{"mid":"m1","text":"Hello","nlp":{}})")).fingerprint);
  EXPECT_NE(only(once).fingerprint, only(decode_item(R"("message":{"mid":"m1","text":"Hello!"})")).fingerprint);
  EXPECT_EQ(only(decode_item(R"("delivery":{"mids":["m2"],"watermark":5})")).key, "m2/delivered");
  EXPECT_EQ(only(decode_item(R"("delivery":{"watermark":1777975198000})")).key,
            "delivered/messenger:108/9001/1777975198000");
  EXPECT_EQ(only(decode_item(R"("read":{"watermark":1777975198000})")).key, "read/messenger:108/9001/1777975198000");
  EXPECT_EQ(only(decode_item(R"("message_edit":{"mid":"m1","text":"x","num_edit":2})")).key, "m1/2");
  EXPECT_EQ(only(decode_item(R"("reaction":{"mid":"m1","action":"react"})")).key, "m1/108/reaction/9001/1777975199000");
  EXPECT_EQ(only(decode_item(R"("referral":{"ref":"x"})")).key, "108/referral/9001/1777975199000");
  EXPECT_EQ(only(decode_feed(R"("item":"comment","verb":"add","comment_id":"50_60")")).key, "50_60/add/1777975199");
  EXPECT_EQ(only(decode_feed(R"("item":"comment","verb":"edited","comment_id":"50_60","edited_time":1777975200)")).key,
            "50_60/edited/1777975200");
  EXPECT_EQ(only(decode_feed(R"("item":"reaction","verb":"add","reaction_type":"wow")")).key,
            "108_50/7001/wow/add/1777975199");
  EXPECT_EQ(only(decode_feed(R"("item":"video","verb":"add","video_id":"8")")).key, "108_50/add/1777975199/8");
}

TEST(messenger_times, are_read_in_every_unit_and_replaced_when_they_are_none) {
  const auto at = [](std::string_view entry_time, std::string_view written) {
    return schemas::to_string(
        only(decode_entry(R"("messaging":[{"sender":{"id":"9"},"recipient":{"id":"108"},"timestamp":)" +
                              std::string(written) + R"(,"message":{"mid":"m","text":"x"}}])",
                          entry_time))
            .event.time);
  };
  for (const auto* same : {"1777975199000", "1777975199", "\"1777975199000\"", "\"1777975199\"",
                           "\"2026-05-05T09:59:59+0000\"", "\"2026-05-05T11:59:59+02:00\""})
    EXPECT_EQ(at("1", same), "2026-05-05T09:59:59.000Z") << same;
  for (const auto* none : {"0", "-1", "1.5", "\"soon\"", "{}", "null", "\"1970-01-01T00:00:00Z\""})
    EXPECT_EQ(at("1777975199", none), "2026-05-05T09:59:59.000Z") << none;
}

TEST(messenger_attachments, are_no_more_than_a_hundred) {
  std::string list;
  for (int i = 0; i < 120; ++i)
    list +=
        (i ? "," : "") + std::string(R"({"type":"image","payload":{"url":"https://x/)") + std::to_string(i) + "\"}}";
  const auto many = decode_item(R"("message":{"mid":"m1","attachments":[)" + list + "]}");
  EXPECT_EQ(only(many).event.attachments.size(), 100U);
  EXPECT_THAT(only(many).event.flags, testing::Contains(schemas::flag::truncated));
}

TEST(messenger_settings, are_the_apps_credentials) {
  const auto errors = [](std::string_view json) -> std::string {
    try {
      configure(json);
      return "none";
    } catch (const std::runtime_error& e) {
      return e.what();
    }
  };
  EXPECT_EQ(errors(plain), "none");
  EXPECT_THAT(errors(R"({"connector":"meta-messenger"})"), HasSubstr("app_secret"));
  EXPECT_THAT(errors(R"({"connector":"meta-messenger","credentials":[{"app_secret":"s"}],"settings":{"page":"1"}})"),
              HasSubstr("/settings/page"));
}

}  // namespace
}  // namespace switchboard::connectors::meta_messenger
