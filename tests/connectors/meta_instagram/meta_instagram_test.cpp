#include <gmock/gmock.h>

#include "schemas/codec.hpp"
#include "tests/connectors/support/request.hpp"

namespace switchboard::connectors::meta_instagram {
namespace {

using tests::configure;
using tests::request;

decoded decode_entry(std::string_view members) {
  static const auto source = configure(R"({"connector":"meta-instagram","credentials":[{"app_secret":"s"}]})");
  request r;
  r.body = R"({"object":"instagram","entry":[{"id":"17","time":1777975199,)" + std::string(members) + "}]}";
  r.received_at = *schemas::timestamp_from_rfc3339("2026-05-05T10:00:00Z");
  return source.connector->decode(r.view(), *source.prepared, {"meta", "hmac-sha256"}, source.connector->limits);
}
decoded decode_change(std::string_view field, std::string_view value) {
  return decode_entry(R"("changes":[{"field":")" + std::string(field) + R"(","value":)" + std::string(value) + "}]");
}
const contact& only(const decoded& d) {
  EXPECT_EQ(d.items.size(), 1U);
  return std::get<contact>(d.items.at(0));
}

TEST(instagram_conversation, of_a_comment_is_that_of_its_root) {
  const auto root = decode_change("comments", R"({"id":"1","text":"a","media":{"id":"9"}})");
  const auto answer = decode_change("comments", R"({"id":"2","text":"b","parent_id":"1","from":{"id":"17"}})");
  const auto other = decode_change("comments", R"({"id":"3","text":"c","media":{"id":"9"}})");
  EXPECT_THAT(only(root).conversation, testing::ElementsAre("17", "comment", "1"));
  EXPECT_EQ(only(root).conversation, only(answer).conversation);
  EXPECT_NE(only(root).conversation, only(other).conversation);
}

TEST(instagram_comment, that_is_delivered_again_with_other_media_is_the_same) {
  const auto once = decode_change("comments", R"({"id":"1","text":"a","from":{"id":"5"},"media":{"id":"9"}})");
  const auto boosted =
      decode_change("live_comments", R"({"id":"1","text":"a","from":{"id":"5"},"media":{"id":"9","ad_id":"6"}})");
  const auto changed = decode_change("comments", R"({"id":"1","text":"b","from":{"id":"5"}})");
  EXPECT_EQ(only(once).key, only(boosted).key);
  EXPECT_EQ(only(once).fingerprint, only(boosted).fingerprint);
  EXPECT_NE(only(once).fingerprint, only(changed).fingerprint);
}

TEST(instagram_messages, have_one_fact_in_every_shape) {
  constexpr std::string_view item =
      R"({"sender":{"id":"5"},"recipient":{"id":"17"},"timestamp":"1777975199","message":{"mid":"m1","text":"a"}})";
  const auto listed = decode_entry(R"("messaging":[)" + std::string(item) + "]");
  const auto changed = decode_change("messages", item);
  const auto direct = decode_entry(R"("field":"messages","value":)" + std::string(item));
  for (const decoded* same : {&changed, &direct}) {
    EXPECT_EQ(only(*same).key, only(listed).key);
    EXPECT_EQ(only(*same).fingerprint, only(listed).fingerprint);
    EXPECT_EQ(only(*same).conversation, only(listed).conversation);
  }
}

}  // namespace
}  // namespace switchboard::connectors::meta_instagram
