#include <gmock/gmock.h>

#include "connectors/common/encoding.hpp"
#include "schemas/codec.hpp"
#include "tests/connectors/support/request.hpp"

namespace switchboard::connectors::postmark {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using tests::configure;
using tests::request;

constexpr std::string_view plain =
    R"({"connector":"postmark","credentials":[{"username":"u","password":"p"}],"settings":{"allowed_peers":["192.0.2.0/24"]}})";

decoded decode(const tests::configured& source, std::string body) {
  request r;
  r.body = std::move(body);
  r.headers = {{"content-type", "application/json"}};
  r.received_at = *schemas::timestamp_from_rfc3339("2026-05-05T10:00:00Z");
  return source.connector->decode(r.view(), *source.prepared, {"postmark", "basic"}, source.connector->limits);
}
const contact& first(const decoded& d) { return std::get<contact>(d.items.at(0)); }

std::string mail(std::string_view id, std::string_view more) {
  return R"({"FromFull":{"Email":"ann@x.org"},"OriginalRecipient":"in@y.io","MessageID":")" + std::string(id) + R"(")" +
         std::string(more) + "}";
}
std::string with_headers(std::string_view headers) {
  return mail("m1", R"(,"Headers":[)" + std::string(headers) + "]");
}

std::string errors(std::string_view json) {
  try {
    configure(json);
    return "none";
  } catch (const std::runtime_error& e) {
    return e.what();
  }
}

TEST(postmark_peers, are_a_second_lock) {
  const auto source = configure(plain);
  request r;
  r.headers = {{"authorization", "Basic " + to_base64("u:p")}};
  const auto verified = [&](std::string peer) {
    r.peer = std::move(peer);
    return source.connector->verify(r.view(), *source.prepared, tests::no_keys{});
  };
  EXPECT_TRUE(std::holds_alternative<authentic>(verified("192.0.2.10")));
  EXPECT_TRUE(std::holds_alternative<authentic>(verified("::ffff:192.0.2.10")));
  const auto other = verified("198.51.100.1");
  ASSERT_TRUE(std::holds_alternative<rejected>(other));
  EXPECT_EQ(std::get<rejected>(other).code, reject_code::unknown_credential);
}

TEST(postmark_retry, has_one_key_and_one_fingerprint) {
  const auto source = configure(plain);
  const auto once = decode(source, mail("m1", R"(,"TextBody":"hi")")),
             again = decode(source, mail("m1", R"(, "TextBody": "hi")"));
  const auto other = decode(source, mail("m1", R"(,"TextBody":"ho")"));
  EXPECT_EQ(first(once).key, "m1");
  EXPECT_EQ(first(once).fingerprint, first(again).fingerprint);
  EXPECT_NE(first(once).fingerprint, first(other).fingerprint);
}

TEST(postmark_keys, tell_the_many_events_of_one_mail_apart) {
  const auto source = configure(plain);
  const auto key = [&](std::string_view type, std::string_view more) {
    return first(decode(source, R"({"RecordType":")" + std::string(type) +
                                    R"(","ServerID":23,"MessageStream":"s","MessageID":"m1",)" + std::string(more) +
                                    "}"))
        .key;
  };
  EXPECT_EQ(key("Delivery", R"("Recipient":"a@x.org","DeliveredAt":"2026-05-05T10:00:00Z")"), "m1/a@x.org/Delivery");
  EXPECT_EQ(key("Open", R"("Recipient":"a@x.org","ReceivedAt":"T1")"), "m1/a@x.org/Open/T1");
  EXPECT_EQ(key("Click", R"("Recipient":"a@x.org","ReceivedAt":"T1","OriginalLink":"https://y.io")"),
            "m1/a@x.org/Click/T1/https://y.io");
  EXPECT_EQ(key("SubscriptionChange", R"("Recipient":"a@x.org","ChangedAt":"T1","SuppressSending":true)"),
            "23/s/a@x.org/T1");
  EXPECT_EQ(key("Bounce", R"("ID":7,"Type":"HardBounce","Email":"a@x.org")"), "Bounce/7");
}

TEST(postmark_conversation, is_the_token_then_references_then_the_parent_then_the_mail_itself) {
  const auto source = configure(plain);
  const std::string own = R"({"Name":"Message-ID","Value":"<own@x>"})",
                    parent = R"({"Name":"in-reply-to","Value":"<parent@x>"})",
                    references = R"({"Name":"References","Value":"<root@x> <middle@x> <parent@x>"})";
  const auto alone = decode(source, with_headers(own)), reply = decode(source, with_headers(own + "," + parent)),
             thread = decode(source, with_headers(own + "," + parent + "," + references));
  EXPECT_THAT(first(alone).conversation, ElementsAre("mail", "<own@x>"));
  EXPECT_THAT(first(reply).conversation, ElementsAre("mail", "<parent@x>"));
  EXPECT_THAT(first(thread).conversation, ElementsAre("mail", "<root@x>"));
  EXPECT_THAT(first(thread).conversation_aliases,
              ElementsAre(ElementsAre("mail", "<parent@x>"), ElementsAre("mail", "<parent@x>"),
                          ElementsAre("mail", "<own@x>")));
  const auto none = decode(source, mail("m1", R"(,"Subject":"Re: the same")"));
  EXPECT_THAT(first(none).conversation, ElementsAre("mail", "m1")) << "never the subject";
  const auto token = decode(source, mail("m1", R"(,"MailboxHash":"c.mfzxg5dfojuw4z3tmvzxg2lpny")"));
  EXPECT_EQ(first(token).conversation_id, "mfzxg5dfojuw4z3tmvzxg2lpny");
  const auto sent = decode(source, R"({"RecordType":"Delivery","ServerID":23,"MessageID":"m9","Recipient":"a@x.org"})");
  const auto answer = decode(source, with_headers(own + R"(,{"Name":"References","Value":"<m9@mtasv.net>"})"));
  EXPECT_EQ(first(sent).conversation, first(answer).conversation)
      << "a receipt and the answers to the mail are one conversation";
}

TEST(postmark_attachments, come_byte_by_byte) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
  const auto source = configure(plain);
  const auto d = decode(source, mail("m1", R"(,"HtmlBody":"<b>x</b>","RawEmail":"raw","Attachments":[{"Content":")" +
                                               to_base64(bytes) + R"("}])"));
  ASSERT_EQ(first(d).blobs.size(), 3U);
  EXPECT_EQ(first(d).blobs[0].bytes, bytes);
  EXPECT_EQ(first(d).blobs[1].bytes, "<b>x</b>");
  EXPECT_EQ(first(d).blobs[2].bytes, "raw");
  EXPECT_EQ(first(d).event.attachments[2].id, "original");
}

TEST(postmark_attachments, of_the_largest_mail_come_whole) {
  const std::string bytes(35'000'000, '\xA5');
  const auto d = decode(configure(plain), mail("m1", R"(,"Attachments":[{"Content":")" + to_base64(bytes) + R"("}])"));
  ASSERT_EQ(first(d).blobs.size(), 1U);
  EXPECT_TRUE(first(d).blobs[0].bytes == bytes);
  EXPECT_EQ(first(d).event.attachments[0].state, schemas::attachment_state::stored);
  EXPECT_THAT(first(d).event.flags, ElementsAre(schemas::flag::time_from_receipt)) << "the mail has no date";
}

TEST(postmark_parties, are_the_companys_by_its_domains) {
  const auto source = configure(
      R"({"connector":"postmark","credentials":[{"username":"u","password":"p"}],"settings":{"domains":["Bücher.example"],"account":"support"}})");
  const auto d = decode(source, mail("m1", R"(,"ToFull":[{"Email":"a@x.org"},{"Email":"b@xn--bcher-kva.example"}])"));
  const auto& event = first(d).event;
  EXPECT_EQ(event.recipients[0].who.who, schemas::role::customer);
  EXPECT_EQ(event.recipients[1].who.who, schemas::role::business);
  EXPECT_EQ(event.account.id, "support");
  EXPECT_EQ(event.account.uri, "mailto:in@y.io");
}

TEST(postmark_settings, report_what_is_wrong) {
  EXPECT_THAT(errors(R"({"connector":"postmark"})"), HasSubstr("/credentials: nothing tells"));
  EXPECT_THAT(errors(R"({"connector":"postmark","credentials":[{"username":"a:b"},{"header":"x"},{}]})"),
              AllOf(HasSubstr("/credentials/0/password"), HasSubstr("holds a colon"), HasSubstr("/credentials/1/value"),
                    HasSubstr("/credentials/2/username: the credential is empty")));
  EXPECT_THAT(errors(R"({"connector":"postmark","credentials":[{"username":"u","password":""}]})"),
              HasSubstr("/credentials/0/password"));
  EXPECT_THAT(errors(R"({"connector":"postmark","credentials":[{"username":"u","password":"p"}],
                         "settings":{"allowed_peers":["nobody",5],"domains":[[]],"max_attachments":0}})"),
              AllOf(HasSubstr("'nobody' is no address"), HasSubstr("'5' is no address"), HasSubstr("/settings/domains"),
                    HasSubstr("/settings/max_attachments")));
}

}  // namespace
}  // namespace switchboard::connectors::postmark
