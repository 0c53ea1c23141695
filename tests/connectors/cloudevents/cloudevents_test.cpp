// What the tables of cases cannot say: the headers of the handshake, and what is refused when a source is configured.
#include "connectors/generic/cloudevents/cloudevents.hpp"

#include <gmock/gmock.h>

#include <boost/json.hpp>

#include "connectors/generic/cloudevents/event.hpp"
#include "tests/connectors/support/request.hpp"

namespace switchboard::connectors::cloudevents {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::Field;
using testing::IsEmpty;
using testing::Pair;

tests::configured source(std::string_view settings, std::string_view credentials = R"([{"token": "t"}])") {
  return tests::configure(R"({"connector": "cloudevents", "public_url": "https://hooks.example.com", "settings": )" +
                          std::string(settings) + R"(, "credentials": )" + std::string(credentials) + "}");
}

std::optional<handshake> shaken(std::string_view settings,
                                std::vector<std::pair<std::string, std::string>> more_headers = {}) {
  tests::request request;
  request.method = "OPTIONS";
  request.target = "/in/x";
  request.headers = std::move(more_headers);
  request.headers.emplace_back("WebHook-Request-Origin", "sender.example");
  const auto became = tests::run(source(settings), request);
  if (!became.authentic()) return std::nullopt;
  EXPECT_THAT(became.decoded.items, IsEmpty());
  return became.decoded.handshake;
}

std::vector<settings_error> errors_of(std::string_view settings, std::string_view credentials) {
  std::vector<credential> list;
  for (const auto& each : boost::json::parse(credentials).as_array()) list.push_back(each.as_object());
  const auto made = definition.prepare(boost::json::parse(settings).as_object(), list);
  return made ? std::vector<settings_error>{} : made.error();
}
auto at(const char* pointer) { return Contains(Field(&settings_error::pointer, pointer)); }

TEST(handshake, grants_the_origin_that_asked_and_the_configured_rate) {
  const auto granted =
      shaken(R"({"handshake": {"origins": ["sender.example"], "rate": 120}})", {{"WebHook-Request-Rate", "1000"}});
  ASSERT_TRUE(granted);
  EXPECT_EQ(granted->status, 200);
  EXPECT_THAT(granted->headers,
              ElementsAre(Pair("Allow", "POST, OPTIONS"), Pair("WebHook-Allowed-Origin", "sender.example"),
                          Pair("WebHook-Allowed-Rate", "120")));
  EXPECT_THAT(shaken(R"({"handshake": {"origins": ["*"]}})")->headers, Contains(Pair("WebHook-Allowed-Rate", "*")));
}

TEST(handshake, is_off_without_origins) {
  EXPECT_FALSE(shaken("{}"));
  EXPECT_FALSE(shaken(R"({"handshake": {"origins": []}})"));
  EXPECT_FALSE(shaken(R"({"handshake": {"origins": ["other.example"]}})"));
}

TEST(handshake, calls_back_only_hosts_that_are_listed) {
  const auto called = [](std::string url) {
    return shaken(R"({"handshake": {"origins": ["*"], "callback_hosts": ["Callback.example"]}})",
                  {{"WebHook-Request-Callback", std::move(url)}})
        ->confirm_url;
  };
  EXPECT_EQ(called("https://callback.example/grant?id=1"), "https://callback.example/grant?id=1");
  EXPECT_EQ(called("https://CALLBACK.example:8443"), "https://CALLBACK.example:8443");
  for (const auto* other :
       {"http://callback.example/", "https://callback.example.evil.example/", "https://callback.example@evil.example/",
        "https://evil.example/callback.example", "https://evil.example#callback.example", "https:///callback.example",
        "callback.example", ""})
    EXPECT_EQ(called(other), "") << other;
  EXPECT_EQ(shaken(R"({"handshake": {"origins": ["*"]}})", {{"WebHook-Request-Callback", "https://callback.example/"}})
                ->confirm_url,
            "");
}

TEST(configuration, needs_a_credential_that_is_one) {
  EXPECT_THAT(errors_of("{}", "[]"), at("/credentials"));
  EXPECT_THAT(errors_of("{}", R"([{"token": ""}])"), at("/credentials/0/token"));
  EXPECT_THAT(errors_of("{}", R"([{"secret": ""}])"), at("/credentials/0/secret"));
  EXPECT_THAT(errors_of("{}", R"([{"user": "a", "password": ""}])"), at("/credentials/0/password"));
  EXPECT_THAT(errors_of("{}", R"([{"user": "", "password": "b"}])"), at("/credentials/0/user"));
  EXPECT_THAT(errors_of("{}", R"([{"user": "a:b", "password": "b"}])"), at("/credentials/0/user"));
  EXPECT_THAT(errors_of("{}", R"([{"user": "a"}])"), at("/credentials/0/password"));
  EXPECT_THAT(errors_of("{}", R"([{}])"), at("/credentials/0"));
  EXPECT_THAT(errors_of("{}", R"([{"token": "a", "secret": "b"}])"), at("/credentials/0"));
  EXPECT_THAT(errors_of("{}", R"([{"token": "a", "header": "X-A"}])"), at("/credentials/0/header"));
  EXPECT_THAT(errors_of("{}", R"([{"secret": "a", "header": "X A"}])"), at("/credentials/0/header"));
  EXPECT_THAT(errors_of("{}", R"([{"secret": "a", "encoding": "base32"}])"), at("/credentials/0/encoding"));
  EXPECT_THAT(errors_of("{}", R"([{"token": "a"}, {"secret": "b", "prefix": ""}, {"user": "c", "password": "d"}])"),
              IsEmpty());
}

TEST(configuration, refuses_a_handshake_that_says_nothing) {
  const std::string_view token = R"([{"token": "a"}])";
  EXPECT_THAT(errors_of(R"({"handshake": {"origins": "sender.example"}})", token), at("/settings/handshake/origins"));
  EXPECT_THAT(errors_of(R"({"handshake": {"origins": ["https://sender.example"]}})", token),
              at("/settings/handshake/origins"));
  EXPECT_THAT(errors_of(R"({"handshake": {"callback_hosts": ["*"]}})", token),
              at("/settings/handshake/callback_hosts"));
  EXPECT_THAT(errors_of(R"({"handshake": {"rate": 0}})", token), at("/settings/handshake/rate"));
  EXPECT_THAT(errors_of(R"({"handshake": {"rate": "many"}})", token), at("/settings/handshake/rate"));
  EXPECT_THAT(errors_of(R"({"event": "anything"})", token), at("/settings/event"));
}

TEST(header_text, undoes_quotes_and_one_round_of_percent) {
  EXPECT_EQ(header_text("plain"), "plain");
  EXPECT_EQ(header_text("Euro%20%E2%82%AC%20%F0%9F%98%80"), "Euro € 😀");
  EXPECT_EQ(header_text("%2541"), "%41");
  EXPECT_EQ(header_text("100%"), "100%");
  EXPECT_EQ(header_text("%4"), "%4");
  EXPECT_EQ(header_text("%zz"), "%zz");
  EXPECT_EQ(header_text("a+b"), "a+b");
  EXPECT_EQ(header_text(R"("a \"b\" \\ %41")"), R"(a "b" \ A)");
  EXPECT_EQ(header_text(R"(")"), R"(")");
  EXPECT_EQ(header_text(R"("")"), "");
  EXPECT_EQ(header_text(R"("a\")"), R"(a\)");
}

// Each kind of credential signs a sample that it then verifies.
TEST(samples, are_signed_with_whatever_is_configured) {
  for (const auto* credentials :
       {R"([{"token": "t"}])", R"([{"user": "a", "password": "b:c"}])", R"([{"secret": "s"}])",
        R"([{"secret": "s", "header": "X-Sig", "prefix": "v1 ", "encoding": "base64"}])"}) {
    const auto configured = source("{}", credentials);
    for (const sample& each : definition.samples) {
      const freshness fresh{.now = timestamp(std::chrono::milliseconds(1'777'975'200'000)), .random = 1, .counter = 2};
      auto request = tests::request::from_outbound(
          definition.sign(each, *configured.prepared, "https://hooks.example.com/in/x", fresh),
          "https://hooks.example.com", fresh.now);
      const auto became = tests::run(configured, request);
      ASSERT_TRUE(became.authentic()) << credentials;
      for (const item& i : became.decoded.items) EXPECT_TRUE(std::holds_alternative<contact>(i)) << each.name;
    }
  }
}

}  // namespace
}  // namespace switchboard::connectors::cloudevents
