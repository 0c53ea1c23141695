#include <gmock/gmock.h>

#include <boost/json.hpp>

#include "connectors/common/crypto.hpp"
#include "connectors/common/encoding.hpp"
#include "connectors/kiosk/kiosk/clock.hpp"
#include "schemas/codec.hpp"
#include "tests/connectors/support/request.hpp"

namespace switchboard::connectors::kiosk {
namespace {

using namespace std::chrono_literals;
using tests::configure;
using tests::configured;
using tests::request;
using tests::run;

constexpr std::string_view source = R"({"connector":"kiosk","public_url":"https://sb.example","credentials":[
  {"device":"k-1","key":"the first key of k-1"},{"device":"k-1","key":"the next key of k-1"},{"device":"k-2","key":"the key of k-2"}],
  "settings":{"timezone":"Europe/Berlin","devices":[{"id":"k-1","store":"s-9","country":"DE","account":"stores-north"}]}})";

timestamp at(std::string_view rfc3339) { return *schemas::timestamp_from_rfc3339(rfc3339); }

request signed_request(std::string body, std::string_view device = "k-1",
                       std::string_view key = "the first key of k-1") {
  request r;
  r.target = "/in/kiosks?x=1";
  r.public_url = "https://sb.example/in/kiosks?x=1";
  r.body = std::move(body);
  r.received_at = at("2026-05-05T10:00:00Z");
  const mac m(digest::sha256, key, {device, "\nPOST\n/in/kiosks?x=1\n", r.body});
  r.headers = {{"kiosk-device", std::string(device)}, {"kiosk-signature", "v1=" + to_hex(m.bytes())}};
  return r;
}

std::string_view verdict_of(request r) {
  static const configured c = configure(source);
  const auto v = run(c, r).verdict;
  if (std::holds_alternative<authentic>(v)) return "authentic";
  return to_string(std::get<rejected>(v).code);
}

TEST(kiosk_signature, covers_device_method_target_and_body) {
  EXPECT_EQ(verdict_of(signed_request("{}")), "authentic");
  EXPECT_EQ(verdict_of(signed_request("{}", "k-1", "the next key of k-1")), "authentic");
  EXPECT_EQ(verdict_of(signed_request("{}", "k-1", "the key of k-2")), "bad_signature");
  request r = signed_request("{}");
  r.method = "PUT";
  EXPECT_EQ(verdict_of(r), "bad_signature");
  r = signed_request("{}");
  r.target = "/in/kiosks?x=2";
  EXPECT_EQ(verdict_of(r), "bad_signature");
  r = signed_request("{}");
  r.body = "{ }";
  EXPECT_EQ(verdict_of(r), "bad_signature");
  r = signed_request("{}");
  r.set("Kiosk-Device", "k-2");
  EXPECT_EQ(verdict_of(r), "bad_signature");
  r.set("Kiosk-Device", "k-3");
  EXPECT_EQ(verdict_of(r), "unknown_credential");
}

TEST(kiosk_signature, is_read_strictly_and_lists_several) {
  request r = signed_request("{}");
  const std::string good = r.headers[1].second;
  r.set("Kiosk-Signature", "v2=abc, v1=" + std::string(64, '0') + " ," + good);
  EXPECT_EQ(verdict_of(r), "authentic");
  for (const std::string& wrong :
       {good.substr(0, 66), "v1=" + std::string(64, 'g'), good.substr(3), std::string("v2=00")}) {
    r.set("Kiosk-Signature", wrong);
    EXPECT_EQ(verdict_of(r), "malformed_signature") << wrong;
  }
  r.set("Kiosk-Signature", "");
  EXPECT_EQ(verdict_of(r), "missing_signature");
  r.headers.clear();
  EXPECT_EQ(verdict_of(r), "missing_signature");
}

TEST(kiosk_clock, is_compared_with_ours) {
  const timestamp received = at("2026-05-05T10:00:00Z");
  const batch_clock good{received, "7", received - 90s, 1'000'000};
  EXPECT_EQ(happened_at(good, {"7", received - 190s, 0}), received - 100s) << "ninety seconds slow";
  EXPECT_EQ(happened_at(good, {"6", received - 240h, 5}), received - 240h) << "an earlier boot, days ago";
  const batch_clock unset{received, "7", at("1970-01-01T00:10:00Z"), 600'000};
  EXPECT_EQ(happened_at(unset, {"7", at("1970-01-01T00:05:00Z"), 300'000}), received - 300s) << "by uptime";
  EXPECT_EQ(happened_at(unset, {"7", at("1970-01-01T00:05:00Z"), std::nullopt}), received - 300s) << "wrong but even";
  EXPECT_EQ(happened_at(unset, {"6", at("1970-01-01T00:05:00Z"), 300'000}), std::nullopt);
  const batch_clock wild{received, "7", received + 900h, 600'000};
  EXPECT_EQ(happened_at(wild, {"7", received + 900h - 10s, 590'000}), received - 10s);
  EXPECT_EQ(happened_at(wild, {"7", received + 900h - 10s, 700'000}), received - 10s)
      << "uptime after the batch's is none";
  const batch_clock stored{received, "7", received - 96h, std::nullopt};
  EXPECT_EQ(happened_at(stored, {"7", received - 97h, std::nullopt}), received - 97h) << "made days ago";
  const batch_clock ahead{received, "7", received + 96h, std::nullopt};
  EXPECT_EQ(happened_at(ahead, {"7", received + 95h, std::nullopt}), received - 1h);
  const batch_clock silent{received, "7", std::nullopt, std::nullopt};
  EXPECT_EQ(happened_at(silent, {"7", received - 1h, std::nullopt}), received - 1h);
  EXPECT_EQ(happened_at(silent, {"7", std::nullopt, 5}), std::nullopt);
}

TEST(kiosk_reply, says_what_became_of_each_item) {
  const configured c = configure(source);
  request r = signed_request(R"({"boot_epoch":7,"items":[
    {"seq":5,"type":"suggestion","text":"a"},{"seq":6,"type":"rating"},{"seq":7,"type":"teleport"},{"type":"suggestion"},
    {"seq":9,"type":"suggestion","text":"b"},{"seq":3,"boot_epoch":6,"type":"suggestion","text":"c"},{"seq":8,"type":"suggestion","text":"b"}]})");
  const inbound in = r.view();
  const auto who = std::get<authentic>(c.connector->verify(in, *c.prepared, tests::no_keys{}));
  const decoded d = c.connector->decode(in, *c.prepared, who, c.connector->limits);
  using enum item_outcome;
  const item_outcome outcomes[] = {accepted, quarantined, item_outcome::unsupported, quarantined, duplicate,
                                   accepted, accepted};
  EXPECT_EQ(
      c.connector->reply(in, *c.prepared, d, outcomes).body,
      R"({"results":[{"seq":5,"status":"accepted"},{"seq":6,"status":"quarantined"},{"seq":7,"status":"accepted"},)"
      R"({"index":3,"status":"quarantined"},{"seq":9,"status":"duplicate"},{"seq":3,"status":"accepted"},)"
      R"({"seq":8,"status":"accepted"}],"acked_through":9})");
}

TEST(kiosk_quarantine, tells_whose_device_it_was) {
  const configured c = configure(source);
  request r = signed_request(R"({"boot_epoch":7,"items":[{"type":"suggestion"},7]})");
  const decoded d = run(c, r).decoded;
  ASSERT_EQ(d.items.size(), 2u);
  for (const item& each : d.items) EXPECT_EQ(std::get<item_rejected>(each).account.id, "stores-north");
}

TEST(kiosk_settings, report_what_is_wrong) {
  const auto errors = [](std::string_view json) -> std::string {
    try {
      configure(json);
      return "none";
    } catch (const std::runtime_error& e) {
      return e.what();
    }
  };
  using testing::HasSubstr;
  EXPECT_THAT(errors(R"({"connector":"kiosk"})"), HasSubstr("/credentials: no device"));
  EXPECT_THAT(errors(R"({"connector":"kiosk","credentials":[{"device":"a","key":""}]})"),
              HasSubstr("/credentials/0/key: 'key' is empty"));
  EXPECT_THAT(errors(R"({"connector":"kiosk","credentials":[{"device":"a/b","key":"k"}]})"),
              HasSubstr("/credentials/0/device"));
  const std::string all = errors(R"({"connector":"kiosk","credentials":[{"device":"a","key":"k"}],
    "settings":{"devices":[{"id":"b"}],"scales":{"csat":"1-5","ces":"3..3"},"colour":"red","country":"Germany","max_attachments":0}})");
  EXPECT_THAT(all, HasSubstr("/settings/devices/0/id"));
  EXPECT_THAT(all, HasSubstr("/settings/scales/csat"));
  EXPECT_THAT(all, HasSubstr("/settings/scales/ces"));
  EXPECT_THAT(all, HasSubstr("/settings/colour"));
  EXPECT_THAT(all, HasSubstr("/settings/country"));
  EXPECT_THAT(all, HasSubstr("/settings/max_attachments"));
}

TEST(kiosk_place, comes_from_the_settings) {
  const configured c = configure(source);
  request r = signed_request(R"({"boot_id":"b","items":[{"seq":1,"type":"suggestion","text":"a"}]})");
  const auto out = run(c, r);
  const auto& event = std::get<contact>(out.decoded.items.at(0)).event;
  EXPECT_EQ(event.account.id, "stores-north");
  ASSERT_TRUE(event.place);
  EXPECT_EQ(event.place->store_id, "s-9");
  EXPECT_EQ(event.place->timezone, "Europe/Berlin");
  EXPECT_EQ(event.place->country, "DE");
}

}  // namespace
}  // namespace switchboard::connectors::kiosk
