#include "broker/intake/rules.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "schemas/text.hpp"

namespace switchboard::intake {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const auto received_at = *schemas::timestamp_from_rfc3339("2026-11-22T09:15:04.412Z");

schemas::event complaint_event() {
  schemas::event e;
  e.time = *schemas::timestamp_from_rfc3339("2026-11-22T09:15:04.000Z");
  e.channel = schemas::channel::kiosk;
  e.direction = schemas::direction::inbound;
  e.type = schemas::event_type::feedback_submitted;
  e.provider = "switchboard";
  e.product = "kiosk";
  e.account = {"store-12", "tel:+15550783881", {}};
  e.customer_uri = "tel:+84901234567";
  e.language = "vi-VN";
  e.place.emplace() = {"store-12", "device-3", {}, "VN"};
  e.text = "Nhân viên KHÔNG thân thiện";
  e.automated = schemas::automated::human;
  e.feedback.emplace().kind = schemas::feedback_kind::csat;
  e.feedback->score = 1;
  e.flags = {schemas::flag::masked};
  return e;
}

bool holds(std::string field, std::vector<std::string> any_of, schemas::event e = complaint_event()) {
  rule r{.name = "r", .when = {{std::move(field), std::move(any_of)}}};
  r.also_to = {"seen"};
  return !apply_rules(std::span(&r, 1), e, received_at).empty();
}

TEST(rules, every_field_can_match_and_can_fail) {
  const std::tuple<std::string, std::string, std::string> rows[] = {
      {"text", "không thân", "hàng"},
      {"channel", "kiosk", "sms"},
      {"direction", "inbound", "outbound"},
      {"type", "contact.feedback.submitted.v1", "contact.message.received.v1"},
      {"type", "feedback.submitted", "feedback"},
      {"provider", "switchboard", "twilio"},
      {"product", "kiosk", "sms"},
      {"account", "store-12", "store-1"},
      {"account", "tel:+15550783881", "tel:+1555"},
      {"customer", "tel:+84901234567", "tel:+84"},
      {"language", "vi", "v"},
      {"language", "vi-VN", "vi-US"},
      {"store", "store-12", "store-2"},
      {"device", "device-3", "device-4"},
      {"country", "vn", "us"},
      {"visibility", "private", "public"},
      {"automated", "human", "bot"},
      {"feedback.kind", "csat", "nps"},
      {"feedback.score", "1", "2"},
      {"feedback.score", "1.0", "1x"},
      {"flag", "masked", "truncated"},
  };
  std::vector<std::string_view> seen{"category", "priority", "message.kind", "consent.state"};
  for (const auto& [field, matching, other] : rows) {
    EXPECT_TRUE(holds(field, {other, matching})) << field;
    EXPECT_FALSE(holds(field, {other})) << field;
    EXPECT_FALSE(holds(field, {})) << field;
    EXPECT_FALSE(holds(field, {""})) << field;
    seen.push_back(field);
  }
  schemas::event e;
  e.message.emplace().kind = schemas::message_kind::order;
  EXPECT_TRUE(holds("message.kind", {"order"}, e));
  e.consent.emplace().state = schemas::consent_state::withdrawn;
  EXPECT_TRUE(holds("consent.state", {"withdrawn"}, e));
  e.handling.emplace().category = schemas::category::praise;
  EXPECT_TRUE(holds("category", {"praise"}, e));
  e.handling->priority = "high";
  EXPECT_TRUE(holds("priority", {"high"}, e));
  for (const auto& field : rule_fields())
    EXPECT_TRUE(std::ranges::find(seen, field.name) != seen.end()) << field.name << " has no test";
  for (const auto& field : rule_fields()) EXPECT_FALSE(holds(std::string(field.name), {"absent"}, {})) << field.name;
  EXPECT_FALSE(holds("no such field", {"kiosk"}));
}

TEST(rules, words_are_found_in_the_subject_too) {
  schemas::event e;
  e.message.emplace().subject = "URGENT: refund";
  EXPECT_TRUE(holds("text", {"urgent"}, e));
}

rule named(std::string name) { return rule{.name = std::move(name)}; }

TEST(rules, all_conditions_have_to_hold) {
  auto e = complaint_event();
  auto r = named("both");
  r.when = {{"channel", {"kiosk"}}, {"store", {"store-99"}}};
  r.priority = "high";
  apply_rules(std::span(&r, 1), e, received_at);
  EXPECT_FALSE(e.handling);
  r.when[1].any_of = {"store-99", "store-12"};
  apply_rules(std::span(&r, 1), e, received_at);
  ASSERT_TRUE(e.handling);
  EXPECT_EQ(e.handling->priority, "high");
  EXPECT_EQ(e.handling->decided_by, "rule both");
}

TEST(rules, the_first_that_gives_something_decides_it) {
  auto first = named("first"), second = named("second"), third = named("third");
  first.category = schemas::category::complaint;
  first.also_to = {"a", "b"};
  second.category = schemas::category::praise;
  second.priority = "low";
  second.also_to = {"b", "c"};
  third.when = {{"category", {"complaint"}}};
  third.due_within = std::chrono::hours(1);
  const rule all[] = {first, second, third};
  auto e = complaint_event();
  EXPECT_THAT(apply_rules(all, e, received_at), ElementsAre("a", "b", "c"));
  EXPECT_EQ(e.handling->category, schemas::category::complaint);
  EXPECT_EQ(e.handling->priority, "low");
  EXPECT_EQ(e.handling->decided_by, "rule first");
  EXPECT_EQ(schemas::to_string(*e.handling->due_at), "2026-11-22T10:15:04.000Z");
}

TEST(rules, a_rule_that_decides_nothing_leaves_no_trace) {
  auto r = named("route");
  r.also_to = {"a"};
  auto e = complaint_event();
  EXPECT_THAT(apply_rules(std::span(&r, 1), e, received_at), ElementsAre("a"));
  EXPECT_FALSE(e.handling);
  EXPECT_THAT(apply_rules({}, e, received_at), IsEmpty());
  EXPECT_FALSE(e.handling);
}

TEST(rules, the_customers_choice_stays) {
  auto r = named("guess");
  r.category = schemas::category::other;
  r.priority = "high";
  auto e = complaint_event();
  e.handling.emplace().category = schemas::category::complaint;
  apply_rules(std::span(&r, 1), e, received_at);
  EXPECT_EQ(e.handling->category, schemas::category::complaint);
  EXPECT_EQ(e.handling->priority, "high");
  EXPECT_EQ(e.handling->decided_by, "customer");
  auto alone = complaint_event();
  alone.handling.emplace().category = schemas::category::complaint;
  apply_rules({}, alone, received_at);
  EXPECT_EQ(alone.handling->decided_by, "customer");
}

TEST(rules, due_from_the_event_but_never_from_the_future) {
  auto r = named("due");
  r.due_within = std::chrono::minutes(30);
  auto late = complaint_event();
  late.time -= std::chrono::days(3);
  apply_rules(std::span(&r, 1), late, received_at);
  EXPECT_EQ(*late.handling->due_at, late.time + std::chrono::minutes(30)) << "a late contact is overdue";
  auto ahead = complaint_event();
  ahead.time += std::chrono::days(3);
  apply_rules(std::span(&r, 1), ahead, received_at);
  EXPECT_EQ(*ahead.handling->due_at, received_at + std::chrono::minutes(30));
}

}  // namespace
}  // namespace switchboard::intake
