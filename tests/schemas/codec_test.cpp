#include "schemas/codec.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

namespace switchboard::schemas {
namespace {

event minimal() {
  event e;
  e.id = *uuid_from_string("5b1f0d6c-3c55-8a41-9c0e-5f3a0a6f2a11");
  e.time = *timestamp_from_rfc3339("2026-11-22T09:15:04Z");
  e.recorded_at = *timestamp_from_rfc3339("2026-11-22T09:15:04.412Z");
  e.tenant = "acme";
  e.source = {"wa-main", "meta-whatsapp", "1"};
  e.conversation.id = "mfzxg5dfojuw4z3tmvzxg2lpny";
  return e;
}

TEST(Encoding, LeavesOutWhatIsAbsent) {
  EXPECT_EQ(
      encode(minimal(), {}).body,
      R"({"event":{"id":"5b1f0d6c-3c55-8a41-9c0e-5f3a0a6f2a11","recorded_at":"2026-11-22T09:15:04.412Z",)"
      R"("type":"contact.message.received.v1","time":"2026-11-22T09:15:04.000Z","tenant":"acme"},"channel":"chat",)"
      R"("source":{"id":"wa-main","connector":"meta-whatsapp","connector_version":"1"},"capture":"automatic",)"
      R"("direction":"inbound","authentication":{"result":"pass"},)"
      R"("conversation":{"id":"mfzxg5dfojuw4z3tmvzxg2lpny","kind":"direct","visibility":"private"}})");
}

TEST(Stamping, WritesTheTimeInPlace) {
  event e = minimal();
  encoded_event stamped = encode(e, {});
  e.recorded_at += std::chrono::hours(31);
  stamped.stamp(e.recorded_at);
  EXPECT_EQ(stamped.body, encode(e, {}).body);
}

struct conflict_case {
  const char* name;
  std::vector<flag> flags;
};
class Conflicts : public testing::TestWithParam<conflict_case> {};
TEST_P(Conflicts, ReplaceTheIdAndAddTheFlagOnce) {
  event e = minimal();
  e.flags = GetParam().flags;
  encoded_event replaced = encode(e, {});
  const auto other = *uuid_from_string("00000000-0000-8000-8000-0000000000ff");
  replaced.replace_id(other);
  replaced.replace_id(other);
  e.id = other;
  e.add(flag::id_conflict);
  EXPECT_EQ(replaced.body, encode(e, {}).body);
  EXPECT_EQ(replaced.id, other);
}
INSTANTIATE_TEST_SUITE_P(Flags, Conflicts,
                         testing::Values(conflict_case{"none", {}}, conflict_case{"one", {flag::skewed}},
                                         conflict_case{"there_already", {flag::id_conflict, flag::test}},
                                         conflict_case{"many", {flag::skewed, flag::masked, flag::test}}),
                         [](const auto& info) { return info.param.name; });

TEST(Structured, IsOneCloudEvent) {
  const event e = minimal();
  const uuid journal = *uuid_from_string("8d0cf1f2-7c5e-4b8e-9f0e-0c8f6f0a1c55");
  const std::string text = structured(encode(e, {}), e.recorded_at, sequence{journal, 18442});
  const auto object = boost::json::parse(text).as_object();
  EXPECT_EQ(object.at("specversion").as_string(), "1.0");
  EXPECT_EQ(object.at("id").as_string(), to_string(e.id));
  EXPECT_EQ(object.at("source").as_string(), "/tenants/acme/sources/wa-main");
  EXPECT_EQ(object.at("type").as_string(), "contact.message.received.v1");
  EXPECT_EQ(object.at("recordedtime").as_string(), "2026-11-22T09:15:04.412Z");
  EXPECT_EQ(object.at("sbseq").as_string(), "00000000000000018442");
  EXPECT_EQ(object.at("sbjournal").as_string(), to_string(journal));
  EXPECT_EQ(object.at("data").at("event").at("id").as_string(), to_string(e.id));
}

}  // namespace
}  // namespace switchboard::schemas
