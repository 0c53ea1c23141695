#include "schemas/records.hpp"

#include <gtest/gtest.h>

namespace switchboard::schemas {
namespace {

const uuid id = *uuid_from_string("0e2a6b80-10a5-8d3c-b1f7-2f3a0a6f2a11");
const uuid journal = *uuid_from_string("8d0cf1f2-7c5e-4b8e-9f0e-0c8f6f0a1c55");
const timestamp received = *timestamp_from_rfc3339("2026-11-22T09:15:04.100Z");
const timestamp recorded = *timestamp_from_rfc3339("2026-11-22T09:15:04.412Z");

template <class Record>
Record filled() {
  Record r;
  r.id = id;
  r.recorded_at = recorded;
  r.received_at = received;
  r.tenant = "acme";
  r.source = {"kiosk-hanoi", "kiosk", "1"};
  r.code = "missing_field";
  r.reason = "a required member is not there";
  r.verdict = {"hmac-sha256", authentication_result::pass, "kiosk-17"};
  r.inbound.key_id = "acme-2026";
  r.inbound.bytes = std::string("\x00\xff sealed", 9);
  r.inbound.size = 512;
  return r;
}

std::optional<std::string> attribute_of(const encoded_event& e, std::string_view name) {
  for (const attribute& a : e.attributes)
    if (a.name == name) return a.value;
  return std::nullopt;
}

TEST(Quarantine, KeepsTheOriginalWithItsReason) {
  auto record = filled<quarantine_record>();
  record.pointer = "/items/0/rating";
  record.item = 0;
  const encoded_event e = encode(record, {"https://schemas.example.com/"});
  EXPECT_EQ(
      e.body,
      R"({"event":{"id":"0e2a6b80-10a5-8d3c-b1f7-2f3a0a6f2a11","recorded_at":"2026-11-22T09:15:04.412Z",)"
      R"("type":"switchboard.quarantine.v1","time":"2026-11-22T09:15:04.100Z","tenant":"acme"},)"
      R"("source":{"id":"kiosk-hanoi","connector":"kiosk","connector_version":"1"},"received_at":"2026-11-22T09:15:04.100Z",)"
      R"("code":"missing_field","reason":"a required member is not there",)"
      R"("verdict":{"method":"hmac-sha256","result":"pass","principal":"kiosk-17"},)"
      R"("inbound":{"algorithm":"aes-256-gcm","key_id":"acme-2026","size":512,"sealed":"AP8gc2VhbGVk"},)"
      R"("pointer":"/items/0/rating","item":0})");
  EXPECT_EQ(e.topic, topic_class::quarantine);
  EXPECT_EQ(e.key, to_string(id));
  EXPECT_EQ(attribute_of(e, "dataschema"), "https://schemas.example.com/switchboard.quarantine.v1.json");
  EXPECT_EQ(attribute_of(e, "source"), "/tenants/acme/sources/kiosk-hanoi");
}

TEST(Quarantine, OfAnUnmappedAccountHasNoTenant) {
  auto record = filled<quarantine_record>();
  record.tenant.clear();
  const encoded_event e = encode(record, {});
  EXPECT_EQ(attribute_of(e, "tenantid"), std::nullopt);
  EXPECT_EQ(attribute_of(e, "source"), "/sources/kiosk-hanoi");
  EXPECT_EQ(e.body.find("tenant"), std::string::npos);
}

TEST(Raw, ReferencesWhatIsTooLargeForARecord) {
  auto record = filled<raw_record>();
  record.inbound.bytes.clear();
  record.inbound.blob = "blob:acme/20261122/" + std::string(64, 'a');
  record.event_ids = {journal};
  const encoded_event e = encode(record, {});
  EXPECT_EQ(e.topic, topic_class::raw);
  EXPECT_NE(e.body.find(R"("size":512,"blob":"blob:acme/20261122/)"), std::string::npos) << e.body;
  EXPECT_TRUE(e.body.ends_with(R"(,"event_ids":["8d0cf1f2-7c5e-4b8e-9f0e-0c8f6f0a1c55"]})")) << e.body;
}

TEST(Heartbeat, TellsHowFarEachTopicHasCome) {
  heartbeat_record h;
  h.id = id;
  h.time = received;
  h.recorded_at = recorded;
  h.journal = journal;
  h.oldest_unpublished = received;
  h.topics = {{"contacts.inbound.v1", 18442, {7, 9}, 2}, {"contacts.activity.v1", 0, {}, 0}};
  const encoded_event e = encode(h, {});
  EXPECT_EQ(
      e.body,
      R"({"event":{"id":"0e2a6b80-10a5-8d3c-b1f7-2f3a0a6f2a11","recorded_at":"2026-11-22T09:15:04.412Z",)"
      R"("type":"switchboard.heartbeat.v1","time":"2026-11-22T09:15:04.100Z"},"journal":"8d0cf1f2-7c5e-4b8e-9f0e-0c8f6f0a1c55",)"
      R"("oldest_unpublished":"2026-11-22T09:15:04.100Z","topics":[{"topic":"contacts.inbound.v1",)"
      R"("last_sbseq":"00000000000000018442","dead_lettered_sbseqs":["00000000000000000007","00000000000000000009"],)"
      R"("dead_lettered_count":2},{"topic":"contacts.activity.v1","dead_lettered_count":0}]})");
  EXPECT_EQ(e.key, to_string(journal));
  EXPECT_EQ(e.topic, topic_class::control);
}

TEST(Heartbeat, WritesTheLastDeadLettersOnly) {
  heartbeat_record h;
  h.journal = journal;
  auto& topic = h.topics.emplace_back();
  topic.topic = "contacts.inbound.v1";
  for (std::uint64_t n = 1; n <= 100'000; ++n) topic.dead_lettered.push_back(n);
  topic.dead_lettered_count = 100'000;
  const encoded_event e = encode(h, {});
  EXPECT_EQ(excess(e), 0u);
  EXPECT_EQ(e.body.find("\"00000000000000099000\""), std::string::npos);
  EXPECT_NE(e.body.find("\"00000000000000099001\""), std::string::npos);
  EXPECT_NE(e.body.find("\"00000000000000100000\""), std::string::npos);
}

TEST(Records, AreStampedLikeEvents) {
  auto record = filled<quarantine_record>();
  encoded_event stamped = encode(record, {});
  record.recorded_at += std::chrono::milliseconds(88);
  stamped.stamp(record.recorded_at);
  EXPECT_EQ(stamped.body, encode(record, {}).body);
}

}  // namespace
}  // namespace switchboard::schemas
