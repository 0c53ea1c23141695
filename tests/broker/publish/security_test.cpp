// TLS, passwords and rights. Runs with with_kafka --tls mutual --user alice:secret --user bob:… --authorizer: the plain
// listener may do everything (the fixture and the reader use it), SASL users what they are granted.
#include <fmt/format.h>

#include "tests/broker/publish/kafka_fixture.hpp"

namespace switchboard::publish::testing {
namespace {

std::string pem(const std::string& name) { return from_environment("SWITCHBOARD_TEST_KAFKA_PEM") + "/" + name; }

class secured : public forwarder_fixture {
 public:
  secured() { create_topics(); }
  void as(const std::string& user, const std::string& password) {
    settings.properties = {{"bootstrap.servers", from_environment("SWITCHBOARD_TEST_KAFKA_SASL")},
                           {"security.protocol", "SASL_SSL"},
                           {"sasl.mechanism", "PLAIN"},
                           {"sasl.username", user},
                           {"sasl.password", password},
                           {"ssl.ca.location", pem("ca.pem")}};
  }
  void with_certificate(const std::string& name) {
    settings.properties = {{"bootstrap.servers", from_environment("SWITCHBOARD_TEST_KAFKA_TLS")},
                           {"security.protocol", "SSL"},
                           {"ssl.ca.location", pem("ca.pem")},
                           {"ssl.certificate.location", pem(name + ".pem")},
                           {"ssl.key.location", pem(name + ".key")}};
  }
  void allow(const std::string& user, const std::string& operations = "WRITE,DESCRIBE,DESCRIBE_CONFIGS") {
    for (const auto& t : settings.topics) tell_kafka(fmt::format("allow {} topic {} {}", user, t.kafka, operations));
    tell_kafka(fmt::format("allow {} cluster kafka-cluster IDEMPOTENT_WRITE", user));
  }
  void append(int count) {
    for (int i = 0; i < count; ++i) journal.append(fmt::format("key-{}", i % 7), fmt::format("value {}", i));
  }
  bool outage_about(const std::string& text) const {
    const auto s = forwarder_->current_status();
    return s.state == state::outage && s.reason.contains(text);
  }
};

TEST_F(secured, mutual_tls) {
  with_certificate("client");
  allow("CN=client");
  start();
  append(100);
  ASSERT_TRUE(all_published());
  EXPECT_EQ(read("inbound").size(), 100u);
}

TEST_F(secured, a_certificate_of_a_stranger_is_told) {
  with_certificate("stranger");
  start();
  append(1);
  ASSERT_TRUE(wait_until([&] { return outage_about("TLS") || outage_about("no broker can be reached"); }));
  EXPECT_EQ(journal.published_number(), 0u);
}

TEST_F(secured, a_key_that_cannot_be_read_is_told_before_the_start) {
  with_certificate("nobody");
  auto created = forwarder::create(settings, journal, store, base::real_clock(), probe, around);
  ASSERT_FALSE(created);
  EXPECT_TRUE(created.error().contains("ssl.certificate.location")) << created.error();
}

TEST_F(secured, password_over_tls) {
  as("alice", "secret");
  allow("alice");
  start();
  append(100);
  ASSERT_TRUE(all_published());
  EXPECT_EQ(read("inbound").size(), 100u);
}

TEST_F(secured, a_wrong_password_is_told) {
  as("alice", "wrong");
  start();
  append(1);
  ASSERT_TRUE(wait_until([&] { return outage_about("Kafka refuses our user or password"); }));
  EXPECT_EQ(journal.published_number(), 0u);
}

TEST_F(secured, rights_revoked_and_given_back_dead_letter_nothing) {
  as("alice", "secret");
  allow("alice");
  start();
  append(200);
  ASSERT_TRUE(all_published());
  tell_kafka(fmt::format("revoke alice topic {} WRITE", kafka_name("inbound")));
  append(200);
  ASSERT_TRUE(wait_until([&] { return outage_about("grant our user WRITE"); }));
  append(200);
  EXPECT_GT(ledger("inbound").backlog, 0u);
  tell_kafka(fmt::format("allow alice topic {} WRITE", kafka_name("inbound")));
  ASSERT_TRUE(all_published());
  ASSERT_TRUE(wait_until([&] { return forwarder_->current_status().state == state::running; }));
  const auto records = read("inbound");
  const auto seen = sequences(records);
  EXPECT_EQ(seen.size(), 600u);
  EXPECT_TRUE(in_order(records));
  EXPECT_LE(records.size() - seen.size(), forwarder_->current_status().copies);
  EXPECT_EQ(read("dead_letter").size(), 0u);
  EXPECT_EQ(forwarder_->current_status().dead_lettered, 0u);
}

TEST_F(secured, a_topic_that_we_may_not_see_is_told) {
  as("bob", "builder");
  start();
  append(1);
  ASSERT_TRUE(wait_until([&] { return outage_about("Kafka denies access to") || outage_about("may not see"); }));
}

TEST_F(secured, exactly_once_without_the_right_to_its_transactional_id_is_told) {
  as("bob", "builder");
  allow("bob", "WRITE,DESCRIBE,READ");
  settings.delivery = delivery::exactly_once;
  start();
  append(1);
  ASSERT_TRUE(wait_until([&] { return outage_about("grant our user CREATE, WRITE, READ"); }));
  const auto checkpoint = "switchboard.checkpoint." + schemas::to_string(journal.id());
  tell_kafka(fmt::format("allow bob topic {} CREATE,WRITE,READ,DESCRIBE", checkpoint));
  ASSERT_TRUE(wait_until([&] { return outage_about("transactional id"); }));
  tell_kafka(fmt::format("allow bob transactional_id switchboard.{} WRITE,DESCRIBE", schemas::to_string(journal.id())));
  ASSERT_TRUE(all_published());
}

}  // namespace
}  // namespace switchboard::publish::testing
