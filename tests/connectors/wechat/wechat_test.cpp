#include <gmock/gmock.h>

#include <thread>

#include "connectors/chat/wechat/cipher.hpp"
#include "schemas/codec.hpp"
#include "tests/connectors/support/request.hpp"

namespace switchboard::connectors::wechat {
namespace {

using testing::HasSubstr;
using tests::configure;
using tests::request;

constexpr std::string_view token = "123456", app = "wx49f0ab532d5d035a";
constexpr std::string_view key_text = "kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR";

tests::configured source(std::string_view settings = "{}", bool with_key = true) {
  std::string json = R"({"connector":"wechat","credentials":[{"token":"123456")";
  if (with_key) json += R"(,"app_id":"wx49f0ab532d5d035a","encoding_aes_key":")" + std::string(key_text) + '"';
  return configure(json + "}],\"settings\":" + std::string(settings) + "}");
}

std::string xml(std::string_view members, std::string_view time = "1777975140") {
  return "<xml><ToUserName>gh_1</ToUserName><FromUserName>oA</FromUserName><CreateTime>" + std::string(time) +
         "</CreateTime>" + std::string(members) + "</xml>";
}

request plain(std::string body) {
  request r;
  r.body = std::move(body);
  r.target = "/in/x?timestamp=1777975140&nonce=n&signature=" + signature_of({token, "1777975140", "n"});
  r.received_at = *schemas::timestamp_from_rfc3339("2026-05-05T10:00:00Z");
  return r;
}

request sealed(std::string_view body, std::string_view random = "0123456789abcdef", std::string_view clear = "") {
  const std::string base64 = message_key::from_text(key_text)->seal(random, body, app);
  request r = plain("<xml>" + std::string(clear) + "<Encrypt>" + base64 + "</Encrypt></xml>");
  r.target += "&encrypt_type=aes&msg_signature=" + signature_of({token, "1777975140", "n", base64});
  return r;
}

const contact& fact(const tests::outcome& o, std::size_t index = 0) {
  return std::get<contact>(o.decoded.items.at(index));
}

TEST(wechat_retry, sealed_anew_has_one_key_and_one_fingerprint) {
  const auto from = source();
  auto once = sealed(xml("<MsgType>text</MsgType><Content>hi</Content><MsgId>7</MsgId>"));
  auto again = sealed(xml("<MsgType>text</MsgType><MsgId>7</MsgId><Content>hi</Content>"), "fedcba9876543210");
  auto other = sealed(xml("<MsgType>text</MsgType><MsgId>7</MsgId><Content>ho</Content>"));
  const auto first = run(from, once), second = run(from, again), third = run(from, other);
  EXPECT_NE(once.body, again.body);
  EXPECT_EQ(fact(first).key, "7");
  EXPECT_EQ(fact(first).fingerprint, fact(second).fingerprint);
  EXPECT_NE(fact(first).fingerprint, fact(third).fingerprint);
}

TEST(wechat_events, of_one_second_differ_in_key_or_content) {
  const auto from = source();
  const auto of = [&](std::string_view members) {
    auto r = sealed(xml("<MsgType>event</MsgType>" + std::string(members)));
    return fact(run(from, r));
  };
  EXPECT_EQ(of("<Event>CLICK</Event><EventKey>a</EventKey>").key, "gh_1/oA/1777975140/click/a");
  EXPECT_NE(of("<Event>CLICK</Event><EventKey>a</EventKey>").key, of("<Event>CLICK</Event><EventKey>b</EventKey>").key);
  const auto here = of("<Event>LOCATION</Event><Latitude>1</Latitude><Longitude>2</Longitude>"),
             there = of("<Event>LOCATION</Event><Latitude>1</Latitude><Longitude>3</Longitude>");
  EXPECT_EQ(here.key, there.key);
  EXPECT_NE(here.fingerprint, there.fingerprint) << "intake tells them by it";
  EXPECT_EQ(of("<Event>templatesendjobfinish</Event><MsgID>9</MsgID><Status>failed: user block</Status>").key,
            of("<Event>TEMPLATESENDJOBFINISH</Event><MsgID>9</MsgID><Status>failed:user block</Status>").key);
}

TEST(wechat_secrets, of_the_open_platform_are_kept_nowhere) {
  const auto from = source();
  auto ticket = sealed(
      "<xml><AppId>wx1</AppId><InfoType>component_verify_ticket</InfoType><ComponentVerifyTicket>opens all"
      "</ComponentVerifyTicket></xml>");
  const auto answered = run(from, ticket);
  EXPECT_TRUE(answered.decoded.items.empty());
  EXPECT_EQ(answered.decoded.handshake->body, "success");
  auto code = sealed(
      "<xml><AppId>wx1</AppId><InfoType>authorized</InfoType><AuthorizationCode>opens one</AuthorizationCode>"
      "<PreAuthCode>opens one</PreAuthCode><AuthorizerAppid>wx2</AuthorizerAppid></xml>");
  const auto told = schemas::encode(fact(run(from, code)).event, {});
  EXPECT_THAT(told.body, HasSubstr("wx2"));
  EXPECT_THAT(told.body, testing::Not(HasSubstr("opens one")));
}

TEST(wechat_modes, with_a_key_nothing_plain_is_taken_unless_it_is_allowed) {
  const std::string hello = xml("<MsgType>text</MsgType><Content>clear</Content><MsgId>1</MsgId>");
  auto open = plain(hello);
  EXPECT_EQ(std::get<rejected>(run(source(), open).verdict).code, reject_code::missing_signature);
  EXPECT_TRUE(run(source(R"({"accept_plain":true})"), open).authentic());
  EXPECT_TRUE(run(source("{}", false), open).authentic());

  auto both = sealed(xml("<MsgType>text</MsgType><Content>hidden</Content><MsgId>1</MsgId>"), "0123456789abcdef",
                     hello.substr(5, hello.size() - 11));
  EXPECT_EQ(fact(run(source(), both)).event.text, "hidden");
  EXPECT_EQ(fact(run(source("{}", false), both)).event.text, "clear") << "the compatible mode without a key";
}

TEST(wechat_tolerance, refuses_what_is_old_or_has_no_time) {
  const auto from = source(R"({"tolerance":"2m"})", false);
  auto r = plain(xml("<MsgType>text</MsgType>"));
  EXPECT_TRUE(run(from, r).authentic());
  r.received_at += std::chrono::seconds(61);
  EXPECT_EQ(std::get<rejected>(run(from, r).verdict).code, reject_code::stale_timestamp);
  r.received_at -= std::chrono::hours(1);
  EXPECT_EQ(std::get<rejected>(run(from, r).verdict).code, reject_code::stale_timestamp);
  r.target = "/in/x?timestamp=soon&nonce=n&signature=" + signature_of({token, "soon", "n"});
  EXPECT_EQ(std::get<rejected>(run(from, r).verdict).code, reject_code::missing_timestamp);
  EXPECT_TRUE(run(source("{}", false), r).authentic());
}

TEST(wechat_reply, is_what_settings_say) {
  const auto answer = [](std::string_view settings, std::string_view members) {
    auto r = plain(xml(members));
    return run(source(settings, false), r).reply.body;
  };
  constexpr std::string_view text = "<MsgType>text</MsgType>", click = "<MsgType>event</MsgType><Event>CLICK</Event>";
  EXPECT_EQ(answer("{}", text), "success");
  EXPECT_THAT(answer(R"({"reply":"a<b"})", text), HasSubstr("<Content>a&lt;b</Content>"));
  EXPECT_THAT(answer(R"({"reply":"a"})", "<MsgType>hologram</MsgType>"), HasSubstr("<Content>a</Content>"));
  EXPECT_EQ(answer(R"({"reply":"a"})", click), "success");
  EXPECT_THAT(answer(R"({"replies":{"Click":"c"}})", click), HasSubstr("<Content>c</Content>"));
  EXPECT_EQ(answer(R"({"reply":"a","replies":{"text":""}})", text), "success");
  EXPECT_THAT(answer(R"({"to_staff":true})", text), HasSubstr("transfer_customer_service"));
  EXPECT_EQ(answer(R"({"to_staff":true})", click), "success");
  EXPECT_EQ(answer(R"({"replies":{"location":"x"}})",
                   "<MsgType>event</MsgType><Event>LOCATION</Event><Latitude>1</Latitude><Longitude>1</Longitude>"),
            "success");
}

TEST(wechat_cipher, opens_what_it_sealed_whatever_its_length) {
  const auto key = message_key::from_text(key_text);
  ASSERT_TRUE(key);
  for (std::size_t size = 0; size < 100; ++size) {
    const std::string content(size, '<');
    const auto opened = key->unseal(key->seal("0123456789abcdef", content, app));
    ASSERT_TRUE(opened) << size;
    EXPECT_EQ(opened->content(), content);
    EXPECT_EQ(opened->app_id(), app);
  }
}

TEST(wechat_cipher, refuses_what_is_no_plaintext) {
  const auto of = [](std::size_t length, std::size_t pad, std::size_t pads) {
    std::string bytes(16, 'r');
    bytes += std::string(3, '\0') + static_cast<char>(length) + "content" + "wx";
    return plaintext::parse(bytes + std::string(pads, static_cast<char>(pad)));
  };
  EXPECT_TRUE(of(7, 3, 3));
  EXPECT_EQ(of(9, 3, 3)->app_id(), "");
  EXPECT_FALSE(of(10, 3, 3)) << "longer than what is there";
  EXPECT_FALSE(of(7, 0, 1));
  EXPECT_FALSE(of(7, 33, 33));
  EXPECT_FALSE(of(7, 3, 2)) << "a byte of padding differs";
  EXPECT_FALSE(plaintext::parse("short"));
  EXPECT_FALSE(plaintext::parse(std::string(20, '\x14')));
  EXPECT_FALSE(message_key::from_text("short"));
  EXPECT_FALSE(message_key::from_text(std::string(42, 'a') + "="));
  EXPECT_FALSE(message_key::from_text(std::string(42, '=') + "a"));
}

TEST(wechat_cipher, serves_many_threads_with_one_key) {
  const auto key = message_key::from_text(key_text);
  std::vector<std::jthread> threads;
  for (char name = 'a'; name < 'e'; ++name)
    threads.emplace_back([&, name] {
      for (std::size_t size = 0; size < 500; ++size) {
        const std::string content(size, name);
        const auto opened = key->unseal(key->seal("0123456789abcdef", content, app));
        ASSERT_TRUE(opened);
        ASSERT_EQ(opened->content(), content);
      }
    });
}

TEST(wechat_settings, report_what_is_wrong) {
  const auto errors = [](std::string_view json) -> std::string {
    try {
      configure(json);
      return "none";
    } catch (const std::runtime_error& e) {
      return e.what();
    }
  };
  EXPECT_THAT(errors(R"({"connector":"wechat"})"), HasSubstr("/credentials: no token"));
  EXPECT_THAT(errors(R"({"connector":"wechat","credentials":[{"app_id":"wx1"}]})"), HasSubstr("/credentials/0/token"));
  EXPECT_THAT(errors(R"({"connector":"wechat","credentials":[{"token":"t","encoding_aes_key":"short"}]})"),
              testing::AllOf(HasSubstr("is no EncodingAESKey"), HasSubstr("needs 'app_id'")));
  EXPECT_EQ(errors(R"({"connector":"wechat","credentials":[{"token":"t"}]})"), "none");
}

}  // namespace
}  // namespace switchboard::connectors::wechat
