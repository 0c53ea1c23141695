// What a real Kafka refuses: one record for itself, which goes to the dead letter and leaves its neighbours where they
// are, and what is an outage until somebody mends it.
#include <fmt/format.h>

#include "tests/broker/publish/kafka_fixture.hpp"

namespace switchboard::publish::testing {
namespace {

class refusals : public forwarder_fixture {
 public:
  void append(int count) {
    for (int i = 0; i < count; ++i) journal.append(fmt::format("key-{}", i % 10), "good");
  }
  bool outage_about(const std::string& text) const {
    const auto s = forwarder_->current_status();
    return s.state == state::outage && s.reason.contains(text);
  }
};

TEST_F(refusals, tells_an_oversized_record_from_its_good_neighbours) {
  create_topics(3, 4096);
  const std::string large(10'000, 'x');
  for (int i = 0; i < 300; ++i) journal.append(fmt::format("key-{}", i % 10), i == 150 || i == 151 ? large : "good");
  start();
  ASSERT_TRUE(all_published());
  const auto good = read("inbound");
  EXPECT_EQ(good.size(), 298u);
  EXPECT_TRUE(in_order(good));
  const auto dead = read("dead_letter");
  ASSERT_EQ(dead.size(), 2u);
  for (const auto& letter : dead) {
    EXPECT_TRUE(letter.value.contains(large));
    EXPECT_TRUE(letter.key.starts_with("key-"));
    EXPECT_EQ(letter.headers.at("__connect.errors.topic"), kafka_name("inbound"));
    EXPECT_EQ(letter.headers.at("__connect.errors.exception.class.name"), "MSG_SIZE_TOO_LARGE");
    EXPECT_EQ(letter.headers.at("ce_type"), "contact.message.received.v1");
  }
  const auto l = ledger("inbound");
  EXPECT_EQ(l.delivered, 298u);
  EXPECT_EQ(l.dead_lettered, 2u);
  EXPECT_EQ(l.backlog, 0u);
  EXPECT_EQ(forwarder_->current_status().dead_lettered, 2u);
}

TEST_F(refusals, does_not_pass_a_dead_letter_that_cannot_be_delivered) {
  for (const auto* logical : {"inbound", "activity", "control"}) create_topic(logical, 1, 4096);
  create_topic("dead_letter", 1, 4096);
  journal.append("before", "good");
  const auto poison = journal.append("key", std::string(10'000, 'x'));
  journal.append("after", "good");
  start();
  ASSERT_TRUE(wait_until([&] { return outage_about("max.message.bytes"); }));
  EXPECT_LT(journal.published_number(), poison);
  EXPECT_EQ(read("dead_letter").size(), 0u);
}

// A compacted topic takes no record without a key, and says so of this record only.
class an_invalid_record : public refusals, public ::testing::WithParamInterface<delivery> {};

TEST_P(an_invalid_record, goes_to_the_dead_letter_and_its_good_neighbours_do_not) {
  settings.delivery = GetParam();
  for (const auto* logical : {"activity", "control", "dead_letter"}) create_topic(logical);
  create_topic("inbound", 3, 1 << 20, "compact");
  append(150);
  for (int i = 0; i < 2; ++i) {
    auto poison = contact("none", "poison");
    poison.keyless = true;
    journal.append(fake_unit{{poison}, {}});
  }
  append(150);
  start();
  ASSERT_TRUE(all_published());
  const auto good = read("inbound");
  EXPECT_EQ(sequences(good).size(), 300u);
  EXPECT_TRUE(in_order(good));
  const auto dead = read_all(brokers, kafka_name("dead_letter"));
  ASSERT_EQ(dead.size(), 2u);
  for (const auto& letter : dead) {
    EXPECT_TRUE(letter.value.contains(R"("text":"poison")")) << letter.value;
    EXPECT_EQ(letter.headers.at("__connect.errors.topic"), kafka_name("inbound"));
    EXPECT_EQ(letter.headers.at("__connect.errors.exception.class.name"), "INVALID_RECORD");
  }
  const auto l = ledger("inbound");
  EXPECT_EQ(l.delivered, 300u);
  EXPECT_EQ(l.dead_lettered, 2u);
  EXPECT_EQ(l.backlog, 0u);
}
INSTANTIATE_TEST_SUITE_P(deliveries, an_invalid_record, ::testing::Values(delivery::idempotent, delivery::exactly_once),
                         [](const auto& d) { return d.param == delivery::idempotent ? "idempotent" : "exactly_once"; });

// A contact that Kafka finds too old is a contact: it waits for whoever set the limit, or our clock, and is no poison.
TEST_F(refusals, a_record_that_the_topic_finds_too_old_waits) {
  create_topics();
  const auto order = "configure " + kafka_name("inbound") + " message.timestamp.before.max.ms=";
  tell_kafka(order + "600000");
  append(50);
  fake_unit old{{contact("old", "good")}, {}};
  old.age = std::chrono::hours(1);
  const auto refused = journal.append(std::move(old));
  append(50);
  start();
  ASSERT_TRUE(wait_until([&] { return outage_about("Kafka refuses our time on topic " + kafka_name("inbound")); }));
  EXPECT_LT(journal.published_number(), refused);
  tell_kafka(order + std::to_string(std::numeric_limits<std::int64_t>::max()));
  ASSERT_TRUE(all_published());
  const auto records = read("inbound");
  EXPECT_EQ(sequences(records).size(), 101u);
  EXPECT_TRUE(in_order(records));
  EXPECT_EQ(read("dead_letter").size(), 0u);
}

}  // namespace
}  // namespace switchboard::publish::testing
