// Making topics, and looking at those that are there.
#include "broker/publish/topics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/broker/publish/kafka_fixture.hpp"

namespace switchboard::publish::testing {
namespace {

class publish_topics : public ::testing::Test {
 public:
  publish_topics() {
    const std::vector<std::pair<std::string, std::string>> plain{{"bootstrap.servers", bootstrap()}};
    auto made = topics_admin::create(plain);
    EXPECT_TRUE(made) << made.error();
    admin = std::move(*made);
  }
  topics_report must(std::expected<topics_report, admin_error> report) {
    EXPECT_TRUE(report) << (report ? "" : report.error().message);
    return report ? *report : topics_report{};
  }
  const std::string prefix = "t" + schemas::to_string(random_id()).substr(0, 8);
  const topic_settings one_node{.partitions = 3, .replication = 1, .min_insync = 1, .retention = 48h};
  std::unique_ptr<topics_admin> admin;
};

TEST_F(publish_topics, are_created_with_all_settings_and_verified) {
  const std::vector<topic> configured{{"inbound", prefix + ".inbound"}, {"dead_letter", prefix + ".dead"}};
  const auto wanted = wanted_topics(configured, one_node);
  EXPECT_EQ(must(admin->verify(wanted, 20s)).missing.size(), 2u);
  const auto made = must(admin->create_missing(wanted, 30s));
  EXPECT_EQ(made.created, (std::vector<std::string>{prefix + ".inbound", prefix + ".dead"}));
  EXPECT_TRUE(made.differences.empty());
  EXPECT_THAT(made.warnings, ::testing::Contains(::testing::HasSubstr("1 copy")));
  EXPECT_THAT(made.warnings, ::testing::Contains(::testing::HasSubstr("min.insync.replicas=1")));

  const std::vector names{prefix + ".inbound", prefix + ".dead", prefix + ".none"};
  const auto facts = admin->look(names, true, 20s);
  ASSERT_TRUE(facts) << facts.error().message;
  EXPECT_FALSE(facts->id.empty());
  EXPECT_EQ(facts->brokers, 1);
  EXPECT_FALSE(facts->topics[2].exists);
  const auto& inbound = facts->topics[0];
  EXPECT_EQ(inbound.partitions, 3);
  EXPECT_EQ(inbound.config.at("retention.ms"), "172800000");
  EXPECT_EQ(inbound.config.at("cleanup.policy"), "delete");
  EXPECT_EQ(inbound.config.at("message.timestamp.type"), "CreateTime");
  EXPECT_EQ(inbound.max_message_bytes(), 1 << 20);
  EXPECT_EQ(facts->topics[1].max_message_bytes(), 2 << 20) << "the dead letter takes what the others refuse";

  const auto again = must(admin->create_missing(wanted, 30s));
  EXPECT_TRUE(again.created.empty());
  EXPECT_TRUE(again.differences.empty());
}

TEST_F(publish_topics, differences_are_shown_and_nothing_is_altered) {
  auto first = one_node;
  first.name = prefix + ".t";
  must(admin->create_missing(std::vector{first}, 30s));
  auto other = first;
  other.partitions = 5;
  other.retention = std::chrono::milliseconds(-1);
  other.cleanup_policy = "compact";
  for (int round = 0; round < 2; ++round) {
    const auto report = must(admin->create_missing(std::vector{other}, 30s));
    std::vector<std::string> settings;
    for (const auto& d : report.differences) settings.push_back(d.setting + ": " + d.wanted + ", found " + d.found);
    EXPECT_THAT(settings, ::testing::UnorderedElementsAre("partitions: 5, found 3", "retention.ms: -1, found 172800000",
                                                          "cleanup.policy: compact, found delete"));
  }
}

TEST_F(publish_topics, too_many_copies_for_the_cluster_are_an_error) {
  auto wanted = one_node;
  wanted.name = prefix + ".three";
  wanted.replication = 3;
  const auto report = admin->create_missing(std::vector{wanted}, 10s);
  ASSERT_FALSE(report);
  EXPECT_THAT(report.error().message, ::testing::HasSubstr(prefix + ".three"));
}

TEST_F(publish_topics, the_checkpoint_topic_is_compacted_and_kept_for_ever) {
  const auto wanted = checkpoint_topic(random_id(), 1);
  EXPECT_EQ(wanted.partitions, 1);
  EXPECT_TRUE(must(admin->create_missing(std::vector{wanted}, 30s)).differences.empty());
}

TEST_F(publish_topics, an_unreachable_cluster_is_an_error) {
  const std::vector<std::pair<std::string, std::string>> nowhere{{"bootstrap.servers", "127.0.0.1:1"}};
  auto lost = topics_admin::create(nowhere);
  ASSERT_TRUE(lost);
  const auto report = (*lost)->verify(std::vector{one_node}, 1s);
  ASSERT_FALSE(report);
  EXPECT_THAT(report.error().message, ::testing::HasSubstr("no broker can be reached"));
}

}  // namespace
}  // namespace switchboard::publish::testing
