#include <gmock/gmock.h>

#include "schemas/codec.hpp"
#include "tests/connectors/support/request.hpp"

namespace switchboard::connectors::webhook {
namespace {

using testing::HasSubstr;
using tests::configure;
using tests::request;

constexpr std::string_view pair =
    R"("credentials":[{"public_key":"whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=","private_key":"whsk_nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A="}])";

decoded decode(const tests::configured& source, std::string body) {
  request r;
  r.body = std::move(body);
  r.headers = {{"content-type", "application/json"}, {"webhook-id", "msg_1"}};
  r.received_at = *schemas::timestamp_from_rfc3339("2026-05-05T10:00:00Z");
  return source.connector->decode(r.view(), *source.prepared, {"webhook", "hmac-sha256"}, source.connector->limits);
}

std::string errors(std::string_view json) {
  try {
    configure(json);
    return "none";
  } catch (const std::runtime_error& e) {
    return e.what();
  }
}

TEST(webhook_list, makes_an_event_of_each_element) {
  const auto source = configure(
      R"({"connector":"webhook",)" + std::string(pair) +
      R"(,"settings":{"items":"/events","event":"message","fields":{"text":"/t","object":"/id","time":"/at"}}})");
  const auto d = decode(
      source, R"({"events":[{"t":"one","id":"a","at":1777975100},{"t":{}},{"t":"three","at":"soon"},{"t":"four"},5]})");
  ASSERT_EQ(d.items.size(), 5U);
  const auto& one = std::get<contact>(d.items[0]);
  EXPECT_EQ(one.key, "msg_1");
  EXPECT_EQ(one.ordinal, 0U);
  EXPECT_EQ(one.event.object.external_id, "a");
  EXPECT_EQ(schemas::to_string(one.event.time), "2026-05-05T09:58:20.000Z");
  EXPECT_EQ(std::get<item_rejected>(d.items[1]).code, reject_code::wrong_type);
  EXPECT_EQ(std::get<item_rejected>(d.items[1]).raw, R"({"t":{}})");
  EXPECT_EQ(std::get<item_rejected>(d.items[2]).pointer, "/at") << "a mapped time must be one";
  const auto& four = std::get<contact>(d.items[3]);
  EXPECT_EQ(four.ordinal, 3U);
  EXPECT_EQ(four.event.object.external_id, "msg_1/3");
  EXPECT_NE(four.fingerprint, one.fingerprint);
  EXPECT_TRUE(std::holds_alternative<contact>(d.items[4]));

  EXPECT_EQ(decode(source, R"({"other":1})").whole->code, reject_code::missing_field);
  EXPECT_EQ(decode(source, R"({"events":{}})").whole->code, reject_code::wrong_type);
  std::string many = R"({"events":[1)";
  for (int i = 0; i < 1000; ++i) many += ",1";
  EXPECT_EQ(decode(source, many + "]}").whole->code, reject_code::too_many_items);
}

TEST(webhook_defaults, keep_any_body) {
  const auto source = configure(R"({"connector":"webhook",)" + std::string(pair) + "}");
  const auto d = decode(source, R"({"hello":{"wor.ld":[true,1]}})");
  const auto& event = std::get<contact>(d.items.at(0)).event;
  ASSERT_TRUE(event.form);
  EXPECT_EQ(event.form->fields.at(0).name, "hello.wor.ld");
  EXPECT_THAT(event.form->fields.at(0).values, testing::ElementsAre("true", "1"));
}

TEST(webhook_signing, works_with_an_ed25519_key) {
  const auto source = configure(R"({"connector":"webhook",)" + std::string(pair) + "}");
  const freshness fresh{.now = *schemas::timestamp_from_rfc3339("2026-05-05T10:00:00Z"), .random = 1, .counter = 1};
  const auto out =
      source.connector->sign(source.connector->samples[0], *source.prepared, "https://a.example/in/x", fresh);
  auto r = request::from_outbound(out, "https://a.example", fresh.now);
  const auto became = tests::run(source, r);
  ASSERT_TRUE(became.authentic());
  EXPECT_EQ(std::get<authentic>(became.verdict).method, "ed25519");
}

TEST(webhook_settings, report_what_is_wrong) {
  EXPECT_THAT(errors(R"({"connector":"webhook"})"), HasSubstr("/credentials: no key"));
  EXPECT_THAT(errors(R"({"connector":"webhook","credentials":[{}]})"), HasSubstr("/credentials/0/secret: neither"));
  EXPECT_THAT(errors(R"({"connector":"webhook","credentials":[{"secret":"whsec_"}]})"), HasSubstr("is no key"));
  EXPECT_THAT(errors(R"({"connector":"webhook","credentials":[{"secret":"whsec_not base64"}]})"),
              HasSubstr("is no key"));
  EXPECT_THAT(errors(R"({"connector":"webhook","credentials":[{"public_key":"whpk_AAAA","private_key":"whsk_AAAA"}]})"),
              testing::AllOf(HasSubstr("/credentials/0/public_key"), HasSubstr("/credentials/0/private_key")));
  const std::string all =
      errors(R"({"connector":"webhook","credentials":[{"secret":"whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}],
    "settings":{"channel":"pigeon","event":"poem","events":{"a":"verse"},"items":"=x","event_pointer":"=y","tolerance":"0s",
                "fields":{"text":"data.text","colour":"/c"}}})");
  for (const auto* pointer :
       {"/settings/channel", "/settings/event:", "/settings/events:", "/settings/items", "/settings/event_pointer",
        "/settings/tolerance", "/settings/fields/text", "/settings/fields/colour"})
    EXPECT_THAT(all, HasSubstr(pointer));
}

}  // namespace
}  // namespace switchboard::connectors::webhook
