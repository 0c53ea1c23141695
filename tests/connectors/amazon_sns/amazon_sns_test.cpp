#include <gmock/gmock.h>

#include <map>

#include "connectors/common/certificate.hpp"
#include "schemas/codec.hpp"
#include "tests/connectors/support/request.hpp"

namespace switchboard::connectors::amazon_sns {
namespace {

using testing::HasSubstr;
using tests::configure;
using tests::request;

const std::string folder = SWITCHBOARD_SOURCE_DIR "/tests/connectors/amazon_sns/";

request case_of(const std::string& name) {
  return request::from_line(tests::read_file(folder + "cases/" + name + ".request.json"), "https://hooks.example.com");
}

struct keys final : fetched_keys {
  std::map<std::string, std::string, std::less<>> map;
  std::optional<std::string> find(std::string_view url) const override {
    const auto found = map.find(url);
    return found == map.end() ? std::nullopt : std::optional(found->second);
  }
};

constexpr std::string_view topic = R"("topics":"arn:aws:sns:eu-central-1:111122223333:fb")";

tests::configured source_with(const std::string& more) {
  return configure(R"({"connector":"amazon-sns","public_url":"https://hooks.example.com","settings":{)" +
                   std::string(topic) + more + "}}");
}

decoded decode(const tests::configured& source, request r) {
  return source.connector->decode(r.view(), *source.prepared, {"arn", "rsa-sha256"}, source.connector->limits);
}

TEST(amazon_sns, asks_for_the_certificate_and_takes_it_when_it_is_there) {
  const auto source = source_with("");
  request r = case_of("text");
  keys fetched;
  const auto verify = [&] { return source.connector->verify(r.view(), *source.prepared, fetched); };
  const verdict first = verify();
  const std::string url = std::get<needs_key>(first).url;
  EXPECT_EQ(url, "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-one.pem");
  for (const std::string body : {"", "<html>", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"}) {
    fetched.map[url] = body;
    EXPECT_EQ(std::get<rejected>(verify()).code, reject_code::bad_signature) << body;
  }
}

TEST(amazon_sns, confirms_by_a_url_of_its_own_making) {
  const auto source = source_with("");
  for (const std::string name : {"subscription", "subscription-url-elsewhere"}) {
    const decoded d = decode(source, case_of(name));
    ASSERT_TRUE(d.handshake) << name;
    EXPECT_TRUE(d.items.empty());
    EXPECT_EQ(d.handshake->confirm_url,
              "https://sns.eu-central-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn="
              "arn%3Aaws%3Asns%3Aeu-central-1%3A111122223333%3Afb&Token=2336412f37fb687f5d51e6e2425e");
  }
  request odd = case_of("subscription");
  const std::string token = "2336412f37fb687f5d51e6e2425e";
  odd.body.replace(odd.body.find(token), token.size(), "a&TopicArn=b#c d");
  EXPECT_THAT(decode(source, odd).handshake->confirm_url, testing::EndsWith("&Token=a%26TopicArn%3Db%23c%20d"));
  const decoded foreign = decode(source, case_of("foreign-subscription"));
  EXPECT_FALSE(foreign.handshake);
  EXPECT_EQ(foreign.whole->code, reject_code::unmapped_account);
  EXPECT_FALSE(decode(source, case_of("unsubscription")).handshake);
}

TEST(amazon_sns, carries_what_nobody_wants_to_read_as_it_came) {
  const auto source = source_with("");
  const decoded broken = decode(source, case_of("json-truncated"));
  const auto& fact = std::get<contact>(broken.items.at(0));
  EXPECT_EQ(fact.event.payload->content_type, "text/plain");
  EXPECT_EQ(fact.event.payload->text, R"({"type":"review.cre)");
}

TEST(amazon_sns, reads_a_text_under_the_empty_pointer) {
  const auto source = source_with(R"(,"event":"message","channel":"chat","fields":{"text":""})");
  const decoded d = decode(source, case_of("text"));
  const schemas::event& event = std::get<contact>(d.items.at(0)).event;
  EXPECT_EQ(event.type, schemas::event_type::message_received);
  EXPECT_EQ(event.text, "Please call me back.\nAnn");
  EXPECT_EQ(event.message->subject, "Callback wanted");
  EXPECT_EQ(event.channel, schemas::channel::chat);
}

TEST(amazon_sns, makes_an_event_of_each_element_of_a_list) {
  const auto source = source_with(R"(,"event":"message","items":"","fields":{"text":"/t"})");
  request r = case_of("json-list");
  const std::string list = "[1, 2, 3]";
  r.body.replace(r.body.find(list), list.size(), R"([{\"t\":\"a\"},{\"t\":\"b\"}])");
  const decoded d = decode(source, r);
  ASSERT_EQ(d.items.size(), 2U);
  EXPECT_EQ(std::get<contact>(d.items[1]).event.text, "b");
  EXPECT_EQ(std::get<contact>(d.items[1]).ordinal, 1U);
}

std::string errors(const std::string& settings, const std::string& credentials = "[]") {
  try {
    configure(R"({"connector":"amazon-sns","settings":)" + settings + R"(,"credentials":)" + credentials + "}");
    return "none";
  } catch (const std::runtime_error& e) {
    return e.what();
  }
}

TEST(amazon_sns_settings, say_what_is_wrong) {
  const std::string good = "{" + std::string(topic) + "}";
  EXPECT_EQ(errors(good), "none");
  EXPECT_THAT(errors("{}"), HasSubstr("'topics' is missing"));
  EXPECT_THAT(errors(R"({"topics":[]})"), HasSubstr("'topics' is empty"));
  EXPECT_THAT(errors(R"({"topics":[{"a":1}]})"), HasSubstr("must be a list of texts"));
  for (const std::string wrong :
       {"", "arn:aws:sns:eu-central-1:111122223333", "arn:aws:sqs:eu-central-1:111122223333:fb",
        "arn:aws:sns:eu-central-1:11112222333:fb", "arn:aws:sns:eu-central-1.evil:111122223333:fb",
        "arn:aws:sns:eu-central-1:111122223333:fb.fifo", "arn:aws:sns:eu-central-1:111122223333:fb:sub",
        "arn:other:sns:eu-central-1:111122223333:fb", "https://sns.eu-central-1.amazonaws.com/fb"})
    EXPECT_THAT(errors(R"({"topics":[")" + wrong + R"("]})"), HasSubstr("no ARN of a standard topic")) << wrong;
  EXPECT_THAT(errors("{" + std::string(topic) + R"(,"certificates":{"https://x/y.pem":"none"}})"),
              HasSubstr("no certificate with an RSA key"));
  EXPECT_THAT(errors("{" + std::string(topic) + R"(,"max_age":"0s"})"), HasSubstr("must be more than nothing"));
  EXPECT_THAT(errors(good, R"([{"user":"a"}])"), HasSubstr("go together"));
  EXPECT_THAT(errors(good, R"([{"user":"a:b","password":"c"}])"), HasSubstr("must not contain a colon"));
  EXPECT_THAT(errors(good, R"([{"url_key":""}])"), HasSubstr("'url_key' is empty"));
  EXPECT_THAT(errors(good, R"([{"signing_key":"none"}])"), HasSubstr("is no RSA key"));
}

TEST(certificates, of_this_thread_are_parsed_once) {
  const std::string line = tests::read_file(folder + "source.json");
  const auto begin = line.find("-----BEGIN CERTIFICATE-----"), end = line.find("-----END CERTIFICATE-----");
  std::string pem = line.substr(begin, end - begin) + "-----END CERTIFICATE-----\\n";
  for (std::size_t at; (at = pem.find("\\n")) != std::string::npos;) pem.replace(at, 2, "\n");
  certificate* const first = parsed_certificate(pem);
  ASSERT_TRUE(first);
  EXPECT_EQ(parsed_certificate(pem), first);
  EXPECT_THAT(first->names(), testing::Contains("sns.amazonaws.com"));
  EXPECT_TRUE(first->valid_at(*schemas::timestamp_from_rfc3339("2026-05-05T10:00:00Z")));
  EXPECT_FALSE(first->valid_at(*schemas::timestamp_from_rfc3339("2025-12-31T23:59:59Z")));
  EXPECT_FALSE(first->verify(digest::sha256, "", "x"));
  for (int i = 0; i < 20; ++i) EXPECT_FALSE(parsed_certificate("none " + std::to_string(i)));
  EXPECT_TRUE(parsed_certificate(pem)) << "parsed anew";
}

}  // namespace
}  // namespace switchboard::connectors::amazon_sns
