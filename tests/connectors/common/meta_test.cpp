#include "connectors/common/meta.hpp"

#include <gmock/gmock.h>

#include <boost/json.hpp>

#include "connectors/common/crypto.hpp"
#include "connectors/common/encoding.hpp"
#include "tests/connectors/support/request.hpp"

namespace switchboard::connectors::meta {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using tests::request;

const access two_apps{{"appsecret", "second"}, {"word", "other word"}};

reject_code code_of(const verdict& v) { return std::get<rejected>(v).code; }

verdict verify_post(std::string body, std::string signature) {
  request r;
  r.body = std::move(body);
  if (!signature.empty()) r.headers = {{"x-hub-signature-256", std::move(signature)}};
  return verify(r.view(), two_apps);
}
verdict verify_get(std::string query) {
  request r;
  r.method = "GET";
  r.target = "/in/meta?" + std::move(query);
  return verify(r.view(), two_apps);
}

TEST(meta_signature, covers_the_raw_bytes_with_their_escapes) {
  const std::string body =
      R"({"object":"page","entry":[{"id":"1","time":1,"messaging":[{"message":{"mid":"m1","text":"\u00e4\u00f6\u00e5"}}]}]})";
  const std::string signature = "sha256=18a8800949f03d6db40358f59dfd88abf68b006d9f0715f127a6edb5766c1d46";
  EXPECT_EQ(std::get<authentic>(verify_post(body, signature)).method, "hmac-sha256");
  EXPECT_EQ(code_of(verify_post(body + " ", signature)), reject_code::bad_signature);
  EXPECT_EQ(code_of(verify_post(body, {})), reject_code::missing_signature);
  for (const std::string wrong : {"18a8", "sha256=18a8", "sha1=18a8800949f03d6db40358f59dfd88abf68b006d9f0715f1"})
    EXPECT_EQ(code_of(verify_post(body, wrong)), reject_code::malformed_signature) << wrong;
}

TEST(meta_signature, may_be_made_with_any_configured_secret) {
  const std::string by_second = "sha256=" + to_hex(mac(digest::sha256, "second", {"{}"}).bytes());
  const std::string by_nobody = "sha256=" + to_hex(mac(digest::sha256, "third", {"{}"}).bytes());
  EXPECT_TRUE(std::holds_alternative<authentic>(verify_post("{}", by_second)));
  EXPECT_EQ(code_of(verify_post("{}", by_nobody)), reject_code::bad_signature);
}

TEST(meta_challenge, is_answered_for_any_configured_token_and_no_other) {
  EXPECT_EQ(std::get<authentic>(verify_get("hub.mode=subscribe&hub.verify_token=word&hub.challenge=1158201444")).method,
            "verify-token");
  EXPECT_TRUE(std::holds_alternative<authentic>(
      verify_get("hub.challenge=1&hub.verify_token=other%20word&hub.mode=subscribe")));
  EXPECT_EQ(code_of(verify_get("hub.mode=subscribe&hub.verify_token=guess&hub.challenge=1")),
            reject_code::unknown_credential);
  EXPECT_EQ(code_of(verify_get("hub.mode=subscribe&hub.verify_token=&hub.challenge=1")),
            reject_code::unknown_credential);
  EXPECT_EQ(code_of(verify_get("hub.mode=unsubscribe&hub.verify_token=word")), reject_code::missing_signature);
  EXPECT_EQ(code_of(verify_get("")), reject_code::missing_signature);

  request r;
  r.method = "GET";
  r.target = "/in/meta?hub.mode=subscribe&hub.challenge=a%2Bb%3Cc&hub.verify_token=word";
  const auto answer = answer_challenge(r.view());
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "a+b<c");
  EXPECT_EQ(answer->content_type, "text/plain");
  r.method = "POST";
  EXPECT_FALSE(answer_challenge(r.view()));
  r.method = "PUT";
  EXPECT_EQ(code_of(verify(r.view(), two_apps)), reject_code::method_not_allowed);
}

struct walked {
  decoded out;
  std::vector<std::string> seen;  // entry, field, pointer
};
walked walk_through(std::string body, std::size_t items = 1000) {
  constexpr std::string_view objects[] = {"page"};
  request r;
  r.body = std::move(body);
  r.received_at = timestamp(std::chrono::seconds(1));
  walked w;
  limits most;
  most.items = items;
  w.out = walk(r.view(), most, objects, [&](const update& u, std::vector<item>& out) {
    w.seen.push_back(std::string(u.entry_id) + " " + std::string(u.field) + " " + u.pointer);
    out.emplace_back(contact{});
  });
  return w;
}

TEST(meta_walk, visits_every_list_of_every_entry) {
  const auto w = walk_through(R"({"object":"page","entry":[
    {"id":"1","time":1777975200,"changes":[{"field":"feed","value":{}},{"field":"mention","value":{}}],"messaging":[{}]},
    {"id":"2","time":"1777975200123","standby":[{}]},
    {"id":"3","field":"messages","value":{}}]})");
  EXPECT_THAT(w.seen, ElementsAre("1 feed /entry/0/changes/0/value", "1 mention /entry/0/changes/1/value",
                                  "1  /entry/0/messaging/0", "2  /entry/1/standby/0", "3 messages /entry/2/value"));
  EXPECT_FALSE(w.out.whole);
}

TEST(meta_walk, keeps_what_is_wrong_apart_from_the_rest) {
  const auto w = walk_through(R"({"object":"page","entry":[7,{"id":"1"},{"id":"2","changes":{}},
    {"id":"3","changes":[1,{},{"field":7,"value":{}},{"field":"feed"},{"field":"feed","value":{}}]}]})");
  EXPECT_THAT(w.seen, ElementsAre("3 feed /entry/3/changes/4/value"));
  std::vector<std::string> wrong;
  for (const item& each : w.out.items)
    if (const auto* r = std::get_if<item_rejected>(&each))
      wrong.push_back(std::string(to_string(r->code)) + " " + r->pointer + " " + r->account.id);
  EXPECT_THAT(wrong,
              ElementsAre("wrong_type /entry/0 ", "missing_field /entry/1/changes 1", "wrong_type /entry/2/changes 2",
                          "wrong_type /entry/3/changes/0 3", "missing_field /entry/3/changes/1/field 3",
                          "wrong_type /entry/3/changes/2/field 3", "missing_field /entry/3/changes/3/value 3"));
}

TEST(meta_walk, keeps_the_whole_where_nothing_can_be_read) {
  for (const auto* body : {"", "[]", "{", R"({"entry":[]})", R"({"object":"page"})", R"({"object":"page","entry":{}})",
                           R"({"object":"page","entry":[]})"}) {
    const auto w = walk_through(body);
    ASSERT_TRUE(w.out.whole) << body;
    EXPECT_EQ(w.out.whole->raw, body);
    EXPECT_TRUE(w.out.items.empty());
  }
  const auto many = walk_through(R"({"object":"page","entry":[{"id":"1","messaging":[{},{},{}]}]})", 2);
  ASSERT_TRUE(many.out.whole);
  EXPECT_EQ(many.out.whole->code, reject_code::too_many_items);

  const auto other = walk_through(R"({"object":"user","entry":[{"id":"1"}]})");
  EXPECT_EQ(std::get<unsupported>(other.out.items.at(0)).kind, "object/user");
}

TEST(meta_credentials, report_what_is_wrong) {
  std::vector<settings_error> errors;
  const auto list = [](std::string_view text) {
    std::vector<credential> out;
    for (const auto& each : boost::json::parse(text).as_array()) out.push_back(each.as_object());
    return out;
  };
  const auto both = read_access(list(R"([{"app_secret":"a","verify_token":"v"},{"app_secret":"b"}])"), errors);
  EXPECT_TRUE(errors.empty());
  EXPECT_THAT(both.app_secrets, ElementsAre("a", "b"));
  EXPECT_THAT(both.verify_tokens, ElementsAre("v"));
  read_access(list(R"([{"verify_token":"v"}])"), errors);
  ASSERT_EQ(errors.size(), 1U);
  EXPECT_THAT(errors[0].message, HasSubstr("no app_secret"));
  read_access(list(R"([{}])"), errors);
  EXPECT_THAT(errors.at(1).message, HasSubstr("'app_secret' is missing"));
}

TEST(meta_times, are_seconds_or_milliseconds) {
  const auto time = [](std::string_view text) { return time_of(*json::parse_copy(text, 4)); };
  EXPECT_EQ(time("1777975200")->time_since_epoch().count(), 1777975200000);
  EXPECT_EQ(time("\"1777975200\"")->time_since_epoch().count(), 1777975200000);
  EXPECT_EQ(time("1777975200123")->time_since_epoch().count(), 1777975200123);
  for (const auto* none : {"-1", "\"\"", "\"x\"", "1.5", "null", "99999999999999999"}) EXPECT_FALSE(time(none)) << none;
}

}  // namespace
}  // namespace switchboard::connectors::meta
