#include <gmock/gmock.h>

#include "connectors/sms/twilio_messaging/address.hpp"
#include "schemas/codec.hpp"
#include "tests/connectors/support/request.hpp"

namespace switchboard::connectors::twilio_messaging {
namespace {

using testing::HasSubstr;
using twilio::parse_address;
using tests::configure;
using tests::request;

decoded decode(const tests::configured& source, std::string body) {
  request r;
  r.body = std::move(body);
  r.headers = {{"content-type", "application/x-www-form-urlencoded"}};
  r.received_at = *schemas::timestamp_from_rfc3339("2026-05-05T10:00:00Z");
  return source.connector->decode(r.view(), *source.prepared, {"AC1", "hmac-sha1"}, source.connector->limits);
}
const contact& first(const decoded& d) { return std::get<contact>(d.items.at(0)); }

std::string errors(std::string_view json) {
  try {
    configure(json);
    return "none";
  } catch (const std::runtime_error& e) {
    return e.what();
  }
}

constexpr std::string_view plain =
    R"({"connector":"twilio-messaging","credentials":[{"auth_token":"t"}],"settings":{"keywords":false}})";

TEST(twilio_retry, has_one_key_and_one_fingerprint) {
  const auto source = configure(plain);
  const std::string body = "MessageSid=SM1&SmsStatus=received&From=%2B14155550100&To=%2B14155550199&Body=hi";
  const auto once = decode(source, body), again = decode(source, body + "&ErrorCode=11200&ErrorUrl=x&AddOns=%7B%7D");
  const auto other = decode(source, body + "!");
  EXPECT_EQ(first(once).key, "SM1");
  EXPECT_EQ(first(once).fingerprint, first(again).fingerprint);
  EXPECT_NE(first(once).fingerprint, first(other).fingerprint);
  const auto sent = decode(source, "MessageSid=SM1&MessageStatus=sent&From=%2B14155550199&To=%2B14155550100");
  EXPECT_EQ(first(sent).key, "SM1/sent");
  EXPECT_EQ(first(sent).conversation, first(once).conversation) << "an answer and its receipt are one conversation";
}

TEST(twilio_conversation, of_a_scoped_user_names_the_number_as_an_alias) {
  const auto source = configure(plain);
  const auto both =
      decode(source,
             "MessageSid=SM1&SmsStatus=received&From=whatsapp%3A%2B14155550100&To=whatsapp%3A%2B14155550199&Body=hi"
             "&WaId=14155550100&ExternalUserId=US.1");
  EXPECT_THAT(first(both).conversation, testing::ElementsAre("whatsapp:+14155550199", "whatsapp:%2B14155550199/US.1"));
  EXPECT_THAT(first(both).conversation_aliases,
              testing::ElementsAre(testing::ElementsAre("whatsapp:+14155550199", "whatsapp:+14155550100")));
}

TEST(twilio_keywords, can_be_switched_off) {
  const auto d =
      decode(configure(plain), "MessageSid=SM1&SmsStatus=received&From=%2B14155550100&To=%2B14155550199&Body=STOP");
  EXPECT_EQ(d.items.size(), 1U);
}

TEST(twilio_addresses, are_read_by_their_prefix) {
  EXPECT_EQ(parse_address("whatsapp:+1").prefix, "whatsapp");
  for (const auto* none : {"+1", "+1:2", ":2", "What:2", "w%:2"}) EXPECT_EQ(parse_address(none).prefix, "") << none;
  EXPECT_EQ(channel_of("rcs"), schemas::channel::sms);
  EXPECT_EQ(channel_of("viber"), schemas::channel::chat);
  EXPECT_EQ(product_of("", true), "mms");
  EXPECT_EQ(product_of("pigeon", false), "messaging");
  EXPECT_EQ(uri_of(parse_address("pigeon:7"), "108", ""), "pigeon:108/7");
  EXPECT_EQ(uri_of(parse_address("whatsapp:"), "108", ""), "");
}

TEST(twilio_settings, report_what_is_wrong) {
  EXPECT_THAT(errors(R"({"connector":"twilio-messaging"})"), HasSubstr("/credentials: no token"));
  EXPECT_THAT(errors(R"({"connector":"twilio-messaging","credentials":[{"account_sid":"SK1","auth_token":""}]})"),
              testing::AllOf(HasSubstr("/credentials/0/account_sid"),
                             HasSubstr("/credentials/0/auth_token: 'auth_token' is empty")));
  EXPECT_THAT(errors(R"({"connector":"twilio-messaging","credentials":[{"account_sid":"AC1"}]})"),
              HasSubstr("'auth_token' is missing"));
  EXPECT_THAT(errors(R"({"connector":"twilio-messaging","credentials":[{"shared_key":"x"}]})"),
              HasSubstr("needs both"));
}

}  // namespace
}  // namespace switchboard::connectors::twilio_messaging
