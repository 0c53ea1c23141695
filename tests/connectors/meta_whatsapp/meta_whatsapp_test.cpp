#include <gmock/gmock.h>

#include "schemas/codec.hpp"
#include "tests/connectors/support/request.hpp"

namespace switchboard::connectors::meta_whatsapp {
namespace {

using testing::ElementsAre;
using tests::configured;
using tests::request;

const configured& source() {
  static const configured made = tests::configure(
      R"({"connector":"meta-whatsapp","credentials":[{"app_secret":"secret","verify_token":"word"}]})");
  return made;
}

decoded decode(std::string_view field, std::string_view members, std::string_view number = "1") {
  request r;
  r.body = R"({"object":"whatsapp_business_account","entry":[{"id":"9","changes":[{"field":")" + std::string(field) +
           R"(","value":{"metadata":{"display_phone_number":"15550783881","phone_number_id":")" + std::string(number) +
           R"("},)" + std::string(members) + "}}]}]}";
  r.received_at = *schemas::timestamp_from_rfc3339("2026-05-05T10:00:00Z");
  return source().connector->decode(r.view(), *source().prepared, {"meta", "hmac-sha256"}, source().connector->limits);
}
const contact& first(const decoded& d) { return std::get<contact>(d.items.at(0)); }

constexpr std::string_view hello =
    R"("messages":[{"id":"m","from":"84901234567","timestamp":"1777975199","type":"text")";

TEST(whatsapp_retry, has_one_key_and_one_fingerprint_though_media_urls_are_fresh) {
  const auto with_url = [](std::string_view url, std::string_view caption) {
    return decode(
        "messages",
        R"("messages":[{"id":"m","from":"84901234567","timestamp":"1","type":"image","image":{"id":"7","url":")" +
            std::string(url) + R"(","caption":")" + std::string(caption) + "\"}}]");
  };
  const auto once = with_url("https://a/1", "hi"), again = with_url("https://a/2", "hi");
  EXPECT_EQ(first(once).key, "m");
  EXPECT_EQ(first(once).fingerprint, first(again).fingerprint);
  EXPECT_NE(first(once).fingerprint, first(with_url("https://a/1", "ho")).fingerprint);
}

TEST(whatsapp_conversation, is_one_for_a_message_its_answer_its_receipt_and_a_call) {
  const auto parts = first(decode("messages", std::string(hello) + R"(,"text":{"body":"hi"}}])")).conversation;
  EXPECT_THAT(parts, ElementsAre("1", "whatsapp:+84901234567"));
  EXPECT_EQ(
      first(decode("messages", R"("statuses":[{"id":"s","status":"read","recipient_id":"84901234567"}])")).conversation,
      parts);
  EXPECT_EQ(
      first(
          decode(
              "smb_message_echoes",
              R"("message_echoes":[{"id":"e","from":"15550783881","to":"84901234567","type":"text","text":{"body":"x"}}])"))
          .conversation,
      parts);
  EXPECT_EQ(first(decode("calls", R"("calls":[{"id":"c","from":"84901234567","event":"connect"}])")).conversation,
            parts);
}

TEST(whatsapp_quarantine, tells_whose_number_it_was) {
  for (const auto& [field, members] :
       {std::pair{"messages", R"("messages":[{"type":"text"}])"}, std::pair{"messages", R"("statuses":7)"}}) {
    const auto refused = std::get<item_rejected>(decode(field, members, "77").items.at(0));
    EXPECT_EQ(refused.account.id, "77");
    EXPECT_EQ(refused.account.uri, "whatsapp:+15550783881");
  }
}

TEST(whatsapp_conversation, is_by_the_scoped_id_with_the_number_as_an_alias) {
  const auto d =
      decode("messages", R"("contacts":[{"wa_id":"84901234567","user_id":"VN.1","parent_user_id":"VN.ENT.1"}],)" +
                             std::string(hello) + R"(,"text":{"body":"hi"}}])");
  EXPECT_THAT(first(d).conversation, ElementsAre("1", "whatsapp:9/VN.1"));
  EXPECT_THAT(first(d).conversation_aliases,
              ElementsAre(ElementsAre("1", "whatsapp:9/VN.ENT.1"), ElementsAre("1", "whatsapp:+84901234567")));
}

TEST(whatsapp_conversation, of_a_group_is_the_groups_and_of_another_number_another) {
  const auto d = decode("messages", std::string(hello) + R"(,"group_id":"g","text":{"body":"hi"}}])");
  EXPECT_THAT(first(d).conversation, ElementsAre("1", "group", "g"));
  EXPECT_NE(first(decode("messages", std::string(hello) + R"(,"text":{"body":"hi"}}])", "2")).conversation,
            first(decode("messages", std::string(hello) + R"(,"text":{"body":"hi"}}])", "1")).conversation);
}

TEST(whatsapp_changed_number, keeps_the_old_conversation_and_names_the_new_one) {
  const auto d = decode("messages", R"("messages":[{"id":"m","from":"84900000001","type":"system","system":)"
                                    R"({"type":"user_changed_number","wa_id":"84909999999"}}])");
  EXPECT_THAT(first(d).conversation, ElementsAre("1", "whatsapp:+84900000001"));
  EXPECT_THAT(first(d).conversation_aliases, ElementsAre(ElementsAre("1", "whatsapp:+84909999999")));
}

TEST(whatsapp_account_changes, have_a_key_of_account_time_and_content) {
  const auto kept = [](std::string_view time, std::string_view event) {
    request r;
    r.body = R"({"object":"whatsapp_business_account","entry":[{"id":"9","time":)" + std::string(time) +
             R"(,"changes":[{"field":"account_update","value":{"event":")" + std::string(event) + "\"}}]}]}";
    return std::get<unsupported>(
               source()
                   .connector->decode(r.view(), *source().prepared, {"meta", ""}, source().connector->limits)
                   .items.at(0))
        .fact.key;
  };
  EXPECT_EQ(kept("1777975199", "A"), kept("1777975199", "A"));
  EXPECT_NE(kept("1777975199", "A"), kept("1777975199", "B"));
  EXPECT_NE(kept("1777975199", "A"), kept("1777975198", "A"));
  EXPECT_TRUE(kept("1777975199", "A").starts_with("9/account_update/1777975199000/"));
}

TEST(whatsapp_settings, are_none) {
  EXPECT_THROW(
      tests::configure(R"({"connector":"meta-whatsapp","credentials":[{"app_secret":"s"}],"settings":{"x":1}})"),
      std::runtime_error);
  EXPECT_THROW(tests::configure(R"({"connector":"meta-whatsapp"})"), std::runtime_error);
}

}  // namespace
}  // namespace switchboard::connectors::meta_whatsapp
