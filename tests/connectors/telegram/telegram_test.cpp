#include <gmock/gmock.h>

#include "connectors/chat/telegram/update.hpp"
#include "schemas/codec.hpp"
#include "tests/connectors/support/request.hpp"

namespace switchboard::connectors::telegram {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using tests::configure;
using tests::request;

constexpr std::string_view plain =
    R"({"connector":"telegram","credentials":[{"secret_token":"t"}],"settings":{"bot_id":9}})";

decoded decode(std::string body) {
  static const auto source = configure(plain);
  request r;
  r.body = std::move(body);
  r.received_at = *schemas::timestamp_from_rfc3339("2026-05-05T10:00:00Z");
  return source.connector->decode(r.view(), *source.prepared, {"9", "secret-token"}, source.connector->limits);
}
const contact& first(const decoded& d) { return std::get<contact>(d.items.at(0)); }
contact told(std::string_view kind, std::string_view members) {
  return first(decode(R"({"update_id":5,")" + std::string(kind) + R"(":{)" + std::string(members) + "}}"));
}
std::string message(std::string_view kind, std::string_view chat, std::string_view more) {
  return R"({"update_id":5,")" + std::string(kind) + R"(":{"message_id":7,"date":1777975140,"chat":)" +
         std::string(chat) + "," + std::string(more) + "}}";
}
constexpr std::string_view ann = R"({"id":42,"type":"private"})";
constexpr std::string_view group = R"({"id":-1001,"type":"supergroup"})";

std::string errors(std::string_view json) {
  try {
    configure(json);
    return "none";
  } catch (const std::runtime_error& e) {
    return e.what();
  }
}

TEST(telegram_retry, has_one_key_and_one_fingerprint_whatever_number_the_update_has) {
  const std::string body = message("message", ann, R"("text":"hi")");
  std::string renumbered = body;
  renumbered.replace(renumbered.find(":5"), 2, ":6");
  const auto once = decode(body), again = decode(renumbered), other = decode(message("message", ann, R"("text":"ho")"));
  EXPECT_EQ(first(once).key, "9/42/7");
  EXPECT_EQ(first(once).key, first(again).key);
  EXPECT_EQ(first(once).fingerprint, first(again).fingerprint);
  EXPECT_NE(first(once).fingerprint, first(other).fingerprint);
}

TEST(telegram_edit, has_a_key_for_each_date_and_the_object_of_the_message) {
  const auto original = decode(message("message", ann, R"("text":"a")"));
  const auto edit = decode(message("edited_message", ann, R"("edit_date":1777975170,"text":"b")"));
  const auto later = decode(message("edited_message", ann, R"("edit_date":1777975171,"text":"c")"));
  const auto undated = decode(message("edited_message", ann, R"("text":"d")"));
  EXPECT_EQ(first(edit).key, "9/42/7/1777975170");
  EXPECT_EQ(first(later).key, "9/42/7/1777975171");
  EXPECT_EQ(first(undated).key, "9/42/7/edited/5");
  EXPECT_EQ(first(edit).event.object.external_id, first(original).event.object.external_id);
  EXPECT_EQ(first(edit).conversation, first(original).conversation);
}

TEST(telegram_conversation, is_the_account_and_the_user_in_private) {
  const std::vector<std::string> wanted{"9", "telegram:42"};
  const std::string from = R"("from":{"id":42})";
  EXPECT_EQ(first(decode(message("message", ann, from + R"(,"text":"a")"))).conversation, wanted);
  const std::string pressed = R"("id":"1",)" + from + R"(,"message":{"message_id":6,"chat":)" + std::string(ann) + "}";
  EXPECT_EQ(told("callback_query", pressed).conversation, wanted);
  EXPECT_EQ(told("inline_query", R"("id":"1",)" + from).conversation, wanted);
  EXPECT_EQ(told("shipping_query", R"("id":"1",)" + from).conversation, wanted);
  const std::string blocked =
      from + R"(,"chat":)" + std::string(ann) +
      R"(,"old_chat_member":{"status":"member"},"new_chat_member":{"status":"kicked","user":{"id":9}})";
  EXPECT_EQ(told("my_chat_member", blocked).conversation, wanted);
}

TEST(telegram_conversation, of_a_business_account_is_not_the_bots) {
  const std::string connection = R"("business_connection_id":"bc-1",)";
  const std::vector<std::string> wanted{"bc-1", "telegram:42"};
  const auto wrote = decode(message("business_message", ann, connection + R"("from":{"id":42},"text":"a")"));
  const auto answered = decode(message("business_message", ann, connection + R"("from":{"id":77},"text":"a")"));
  const auto gone = told("deleted_business_messages", connection + R"("message_ids":[7],"chat":)" + std::string(ann));
  for (const contact& each : {first(wrote), first(answered), gone}) {
    EXPECT_EQ(each.conversation, wanted);
    EXPECT_EQ(each.event.object.external_id, "9/bc-1/42/7");
  }
}

TEST(telegram_conversation, in_groups_is_the_group_or_its_topic) {
  EXPECT_THAT(first(decode(message("message", group, R"("text":"a")"))).conversation, ElementsAre("-1001"));
  EXPECT_THAT(first(decode(message("message", group, R"("message_thread_id":3,"text":"a")"))).conversation,
              ElementsAre("-1001"));
  EXPECT_THAT(first(decode(message("message", group, R"("message_thread_id":3,"is_topic_message":true,"text":"a")")))
                  .conversation,
              ElementsAre("-1001", "3"));
  EXPECT_THAT(first(decode(message("channel_post", R"({"id":-3,"type":"channel"})", R"("text":"a")"))).conversation,
              ElementsAre("-3", "post", "7"));
}

TEST(telegram_conversation, of_a_migrated_group_is_named_under_both_ids) {
  const auto to = decode(message("message", R"({"id":-5,"type":"group"})", R"("migrate_to_chat_id":-1001)"));
  const auto from = decode(message("message", group, R"("migrate_from_chat_id":-5)"));
  EXPECT_THAT(first(to).conversation, ElementsAre("-5"));
  EXPECT_THAT(first(to).conversation_aliases, ElementsAre(ElementsAre("-1001")));
  EXPECT_THAT(first(from).conversation, ElementsAre("-1001"));
  EXPECT_THAT(first(from).conversation_aliases, ElementsAre(ElementsAre("-5")));
}

TEST(telegram_attachments, are_bounded) {
  std::string media = R"({"type":"video","video":{"file_id":"f"}})";
  for (int i = 0; i < 250; ++i) media += R"(,{"type":"video","video":{"file_id":"f"}})";
  const std::string rich = R"("rich_message":{"blocks":[{"blocks":[)" + media + R"(]},{"blocks":[)" + media + "]}]}";
  const auto d = decode(message("message", ann, rich));
  EXPECT_EQ(first(d).event.attachments.size(), 200U);
  EXPECT_THAT(first(d).event.flags, testing::Contains(schemas::flag::truncated));
}

TEST(telegram_money, is_written_with_the_currencys_decimals) {
  const auto amount = [](std::int64_t total, std::string_view currency) { return money_of(total, currency)->amount; };
  EXPECT_EQ(amount(1995, "EUR"), "19.95");
  EXPECT_EQ(amount(5, "USD"), "0.05");
  EXPECT_EQ(amount(500, "JPY"), "500");
  EXPECT_EQ(amount(50, "XTR"), "50");
  EXPECT_EQ(amount(1234567, "KWD"), "1234.567");
  EXPECT_FALSE(money_of(1, "eur"));
  EXPECT_FALSE(money_of(1, "EURO"));
  EXPECT_FALSE(money_of(-1, "EUR"));
}

TEST(telegram_quarantine, tells_whose_bot_it_was) {
  for (const auto* body : {R"({"update_id":5,"message":7})", R"({"update_id":5,"message":{"date":1777975140}})"}) {
    const auto refused = std::get<item_rejected>(decode(body).items.at(0));
    EXPECT_EQ(refused.account.id, "9");
    EXPECT_EQ(refused.account.uri, "telegram:9");
  }
}

TEST(telegram_reply, is_empty) {
  const auto source = configure(plain);
  request r;
  const auto reply = source.connector->reply(r.view(), *source.prepared, {}, {});
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "") << "Telegram executes methods";
}

TEST(telegram_settings, report_what_is_wrong) {
  EXPECT_THAT(errors(R"({"connector":"telegram"})"),
              testing::AllOf(HasSubstr("/credentials: no secret token"), HasSubstr("'bot_id' is missing")));
  EXPECT_THAT(errors(R"({"connector":"telegram","credentials":[{"secret_token":""}],"settings":{"bot_id":9}})"),
              HasSubstr("'secret_token' is empty"));
  for (const std::string& token : {std::string("with space"), std::string(257, 'x'), std::string("ümlaut")})
    EXPECT_THAT(errors(R"({"connector":"telegram","credentials":[{"secret_token":")" + token +
                       R"("}],"settings":{"bot_id":9}})"),
                HasSubstr("none that Telegram takes"));
  EXPECT_THAT(errors(R"({"connector":"telegram","credentials":[{"secret_token":"t"}],"settings":{"bot_id":"@acme"}})"),
              HasSubstr("/settings/bot_id"));
}

}  // namespace
}  // namespace switchboard::connectors::telegram
