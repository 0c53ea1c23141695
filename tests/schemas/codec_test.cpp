#include "schemas/codec.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <limits>

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

TEST(Structured, IsTheSameFromWhatTheJournalGivesBack) {
  const event e = minimal();
  const encoded_event encoded = encode(e, {"https://schemas.example.com"});
  std::vector<std::pair<std::string_view, std::string_view>> attributes;
  for (const attribute& a : encoded.attributes) attributes.emplace_back(a.name, a.value);
  const std::optional<sequence> place(std::in_place, e.id, 7);
  std::string out = "before ";
  append_structured(out, encoded.id, attributes, encoded.body, e.recorded_at, place);
  EXPECT_EQ(out, "before " + structured(encoded, e.recorded_at, place));
}

TEST(Structured, StampsItsOwnCopy) {
  event e = minimal();
  const encoded_event encoded = encode(e, {});
  e.recorded_at += std::chrono::hours(1);
  const encoded_event later = encode(e, {});
  EXPECT_EQ(structured(encoded, e.recorded_at, {}), structured(later, e.recorded_at, {}));
}

std::optional<std::string> attribute_of(const encoded_event& e, std::string_view name) {
  for (const attribute& a : e.attributes)
    if (a.name == name) return a.value;
  return std::nullopt;
}

TEST(Attributes, FollowTheEvent) {
  event e = minimal();
  e.tenant = "acme & co";
  e.source.id = "wa/main";
  e.partition_key = "nfzxg5dfojuw4z3tmvzxg2lpny";
  e.handling = event::handling_info{category::praise, "", std::nullopt, "customer"};
  e.restricted = e.sensitive = true;
  e.traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  const encoded_event encoded = encode(e, {"https://schemas.example.com/v1"});
  EXPECT_EQ(attribute_of(encoded, "source"), "/tenants/acme%20%26%20co/sources/wa%2Fmain");
  EXPECT_EQ(attribute_of(encoded, "subject"), e.conversation.id);
  EXPECT_EQ(attribute_of(encoded, "partitionkey"), e.partition_key);
  EXPECT_EQ(encoded.key, e.partition_key);
  EXPECT_EQ(attribute_of(encoded, "tenantid"), "acme & co");
  EXPECT_EQ(attribute_of(encoded, "category"), "praise");
  EXPECT_EQ(attribute_of(encoded, "dataclassification"), "restricted");
  EXPECT_EQ(attribute_of(encoded, "datacategory"), "sensitive");
  EXPECT_EQ(attribute_of(encoded, "traceparent"), e.traceparent);
  EXPECT_EQ(attribute_of(encoded, "dataschema"), "https://schemas.example.com/v1/contact.message.received.v1.json");
  EXPECT_EQ(attribute_of(encode(e, {"https://schemas.example.com/"}), "dataschema"),
            "https://schemas.example.com/contact.message.received.v1.json");

  const encoded_event plain = encode(minimal(), {});
  for (const std::string_view absent :
       {"dataschema", "category", "traceparent", "id", "recordedtime", "sbjournal", "sbseq"})
    EXPECT_EQ(attribute_of(plain, absent), std::nullopt) << absent;
  EXPECT_EQ(attribute_of(plain, "dataclassification"), "confidential");
  EXPECT_EQ(attribute_of(plain, "datacategory"), "standard");
  EXPECT_EQ(plain.key, minimal().conversation.id);
}

TEST(Attributes, HaveAHeaderEach) {
  event e = minimal();
  e.handling = event::handling_info{category::praise, "", std::nullopt, "customer"};
  e.traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  for (const attribute& a : encode(e, {"https://schemas.example.com"}).attributes)
    EXPECT_EQ(binary_header(a.name), a.name == "datacontenttype" ? "content-type" : "ce_" + std::string(a.name));
  EXPECT_EQ(binary_header("sbseq"), "ce_sbseq");
  EXPECT_EQ(binary_header("x-evil"), "");
}

TEST(Keys, AreNeverEmpty) {
  event e = minimal();
  e.conversation.id.clear();
  EXPECT_EQ(encode(e, {}).key, to_string(e.id));
}

struct topic_case {
  const char* name;
  event_type type;
  void (*change)(event&);
  topic_class expected;
};
class Topics : public testing::TestWithParam<topic_case> {};
TEST_P(Topics, FollowTheEvent) {
  event e = minimal();
  e.type = GetParam().type;
  GetParam().change(e);
  EXPECT_EQ(to_string(topic_of(e)), to_string(GetParam().expected));
  EXPECT_EQ(encode(e, {}).topic, GetParam().expected);
}
INSTANTIATE_TEST_SUITE_P(
    Cases, Topics,
    testing::Values(topic_case{"message", event_type::message_received, [](event&) {}, topic_class::inbound},
                    topic_case{"echo", event_type::message_sent, [](event&) {}, topic_class::activity},
                    topic_case{"receipt", event_type::receipt, [](event&) {}, topic_class::activity},
                    topic_case{"call", event_type::call_started, [](event&) {}, topic_class::inbound},
                    topic_case{"call_ended", event_type::call_ended, [](event&) {}, topic_class::activity},
                    topic_case{"digits", event_type::call_input, [](event& e) { e.input.emplace(); },
                               topic_class::inbound},
                    topic_case{"partial", event_type::call_input, [](event& e) { e.input.emplace().partial = true; },
                               topic_class::activity},
                    topic_case{"recording", event_type::call_recorded, [](event& e) { e.recording.emplace(); },
                               topic_class::activity},
                    topic_case{"voicemail", event_type::call_recorded,
                               [](event& e) { e.recording.emplace().purpose = recording_purpose::voicemail; },
                               topic_class::inbound},
                    topic_case{"transcript", event_type::call_transcribed, [](event& e) { e.transcript.emplace(); },
                               topic_class::activity},
                    topic_case{"voicemail_transcript", event_type::call_transcribed,
                               [](event& e) { e.recording.emplace().purpose = recording_purpose::voicemail; },
                               topic_class::inbound},
                    topic_case{"attachment", event_type::attachment_updated, [](event&) {}, topic_class::inbound},
                    topic_case{"own_attachment", event_type::attachment_updated,
                               [](event& e) { e.direction = direction::outbound; }, topic_class::activity},
                    topic_case{"attachment_of_a_recording", event_type::attachment_updated,
                               [](event& e) { e.recording.emplace(); }, topic_class::activity},
                    topic_case{"session", event_type::session_started, [](event&) {}, topic_class::activity},
                    topic_case{"erasure", event_type::erasure_requested, [](event&) {}, topic_class::activity},
                    topic_case{"unsupported", event_type::unsupported, [](event&) {}, topic_class::inbound}),
    [](const auto& info) { return info.param.name; });

TEST(Limits, AreCountedInBytesToCut) {
  event e = minimal();
  e.text.assign(200'000, 'x');
  EXPECT_EQ(excess(encode(e, {})), 0u);
  e.text.assign(300'000, 'x');
  const std::size_t over = excess(encode(e, {}));
  EXPECT_GT(over, 300'000u - value_limit);
  ASSERT_LT(over, e.text.size());
  e.text.resize(e.text.size() - over);
  e.add(flag::truncated);
  EXPECT_EQ(excess(encode(e, {})), 0u);
}

TEST(Limits, HoldForEscapesAndForTheLongestForm) {
  event e = minimal();
  e.text.assign(300'000, '\x01');
  const std::size_t over = excess(encode(e, {}));
  ASSERT_LT(over, 6 * e.text.size());
  e.text.resize((6 * e.text.size() - over) / 6);
  e.add(flag::truncated);
  encoded_event fits = encode(e, {"https://schemas.example.com"});
  EXPECT_EQ(excess(encode(e, {})), 0u);
  fits.replace_id(e.id);
  EXPECT_LE(structured(encode(e, {}), e.recorded_at, sequence{e.id, UINT64_MAX}).size(), value_limit);
}

TEST(Encoding, RepairsBrokenTextAndLeavesOutWhatIsNoNumber) {
  event e = minimal();
  e.text = "caf\xE9 \xF0\x9F";
  e.message.emplace().location =
      location{std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity(), "here", ""};
  const auto body = boost::json::parse(encode(e, {}).body).as_object();
  EXPECT_EQ(body.at("text").as_string(), "caf\uFFFD \uFFFD");
  EXPECT_EQ(body.at("message").at("location"), boost::json::value({{"name", "here"}}));
}

TEST(Encoding, DropsWhatWouldBeEmpty) {
  event e = minimal();
  e.place.emplace();
  e.handling.emplace();
  e.referral.emplace();
  e.session.emplace();
  e.attachments.clear();
  e.reply_to = {"", ""};
  e.message.emplace().contact_cards.resize(2);
  e.message->order.emplace();
  const auto body = boost::json::parse(encode(e, {}).body).as_object();
  for (const std::string_view absent :
       {"place", "handling", "referral", "session", "attachments", "reply_to", "flags", "account", "object"})
    EXPECT_FALSE(body.contains(absent)) << absent;
  EXPECT_EQ(body.at("message"), boost::json::value({{"kind", "text"}}));
}

TEST(Encoding, WritesNumbersThatReadBackEqual) {
  event e = minimal();
  for (const double score : {0.1, 1.0 / 3, 1e21, -2.5e-7, 4.0, 123456789.125}) {
    e.feedback = feedback{.kind = feedback_kind::nps, .score = score, .scale = scale{0, 10, scale_best::max}};
    const auto read = boost::json::parse(encode(e, {}).body).at("feedback").at("score");
    EXPECT_EQ(read.is_double() ? read.as_double() : static_cast<double>(read.as_int64()), score);
  }
  e.raw = event::raw_info{"x", INT64_MAX, ""};
  EXPECT_EQ(boost::json::parse(encode(e, {}).body).at("raw").at("size").as_int64(), INT64_MAX);
}

TEST(Conflicts, AreNotMisledByTextThatLooksLikeFlags) {
  event e = minimal();
  e.raw.reset();
  e.conversation.alias_ids.clear();
  e.origin = event::origin_info{"1", "s", "t", R"(,"flags":["skewed"]})", R"(["id_conflict"]})"};
  encoded_event replaced = encode(e, {});
  replaced.replace_id(e.id);
  e.add(flag::id_conflict);
  EXPECT_EQ(replaced.body, encode(e, {}).body);
}

TEST(Flags, AreAddedOnce) {
  event e;
  e.add(flag::masked);
  e.add(flag::skewed);
  e.add(flag::masked);
  EXPECT_EQ(e.flags, (std::vector{flag::masked, flag::skewed}));
}

}  // namespace
}  // namespace switchboard::schemas
