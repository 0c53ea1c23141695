// What only librdkafka's mock cluster can show: errors on demand, and the embedded mode. No broker needed.
// clang-format off: the mock must come after its library
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
// clang-format on

#include <fmt/format.h>

#include "broker/publish/kafka.hpp"
#include "tests/broker/publish/kafka_fixture.hpp"

namespace switchboard::publish::testing {
namespace {

constexpr std::int16_t produce_request = 0;

// A mock cluster that looks like a Kafka elsewhere.
class mocked : public forwarder_fixture {
 public:
  mocked() {
    const std::vector<property> silent{{"log_level", "0"}};
    host_.emplace(std::move(*client::create(RD_KAFKA_PRODUCER, silent, {})));
    cluster_.reset(rd_kafka_mock_cluster_new(host_->raw(), 1));
    brokers = rd_kafka_mock_cluster_bootstraps(cluster_.get());
    settings.properties = {{"bootstrap.servers", brokers}};
    for (const auto& t : settings.topics) rd_kafka_mock_topic_create(cluster_.get(), t.kafka.c_str(), 2, 1);
  }
  ~mocked() override { forwarder_.reset(); }
  void fail_produce(std::vector<rd_kafka_resp_err_t> errors) {
    rd_kafka_mock_push_request_errors_array(cluster_.get(), produce_request, errors.size(), errors.data());
  }
  void take_broker_down() { rd_kafka_mock_broker_set_down(cluster_.get(), 1); }
  void append(int count) {
    for (int i = 0; i < count; ++i) journal.append(fmt::format("key-{}", i % 7), fmt::format("value {}", i));
  }

 private:
  std::optional<client> host_;
  std::unique_ptr<rd_kafka_mock_cluster_t, destroy_with<rd_kafka_mock_cluster_destroy>> cluster_;
};

TEST_F(mocked, an_invalid_record_is_poison_only_when_it_fails_alone) {
  start();
  ASSERT_TRUE(wait_until([&] { return forwarder_->current_status().state == state::running; }));
  append(50);
  ASSERT_TRUE(all_published());
  // Once in company, once alone: the record at the front goes to the dead letter, its neighbours do not.
  fail_produce({RD_KAFKA_RESP_ERR_INVALID_RECORD, RD_KAFKA_RESP_ERR_INVALID_RECORD});
  append(50);
  ASSERT_TRUE(all_published());
  const auto dead = read("dead_letter");
  ASSERT_LE(dead.size(), 2u);
  EXPECT_EQ(forwarder_->current_status().dead_lettered, dead.size());
  const auto good = sequences(read("inbound"));
  EXPECT_EQ(good.size() + dead.size(), 100u);
  for (const auto& letter : dead) {
    EXPECT_EQ(letter.headers.at("__connect.errors.exception.class.name"), "INVALID_RECORD");
    EXPECT_TRUE(letter.value.contains(R"("text":"value )")) << letter.value;
    EXPECT_FALSE(good.contains(std::stoull(letter.headers.at("ce_sbseq"))));
  }
}

TEST_F(mocked, a_batch_refused_once_loses_no_record) {
  start();
  append(20);
  ASSERT_TRUE(all_published());
  fail_produce({RD_KAFKA_RESP_ERR_INVALID_RECORD});
  append(50);
  ASSERT_TRUE(all_published());
  EXPECT_EQ(sequences(read("inbound")).size(), 70u);
  EXPECT_EQ(read("dead_letter").size(), 0u);
}

TEST_F(mocked, a_wrong_clock_and_a_policy_are_outages_that_pass) {
  start();
  append(20);
  ASSERT_TRUE(all_published());
  for (auto error : {RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP, RD_KAFKA_RESP_ERR_POLICY_VIOLATION}) {
    const auto rebuilds = forwarder_->current_status().rebuilds;
    fail_produce({error});
    append(20);
    ASSERT_TRUE(wait_until([&] { return forwarder_->current_status().rebuilds > rebuilds; }));
    ASSERT_TRUE(all_published());
  }
  EXPECT_EQ(sequences(read("inbound")).size(), 60u);
  EXPECT_EQ(read("dead_letter").size(), 0u);
}

TEST_F(mocked, a_fatal_error_of_the_broker_is_survived) {
  start();
  append(20);
  ASSERT_TRUE(all_published());
  fail_produce({RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER});
  append(200);
  ASSERT_TRUE(all_published());
  const auto records = read("inbound");
  EXPECT_EQ(sequences(records).size(), 220u);
  EXPECT_LE(records.size() - 220, forwarder_->current_status().copies);
}

TEST_F(mocked, waits_quietly_while_a_heartbeat_cannot_be_delivered) {
  settings.heartbeat = std::chrono::seconds(1);
  start();
  append(1);
  ASSERT_TRUE(all_published());
  take_broker_down();
  ASSERT_TRUE(wait_until([&] { return forwarder_->current_status().state == state::outage; }));
  const auto before = journal.looks();
  std::this_thread::sleep_for(std::chrono::seconds(3));  // two more would be due
  EXPECT_LT(journal.looks() - before, 1000u) << "the thread spins";
}

TEST_F(mocked, structured_mode_puts_the_event_into_the_value) {
  settings.content = content_mode::structured;
  const auto m = contact("conversation", "Xin chào");
  journal.append(fake_unit{{m}, {}});
  start();
  ASSERT_TRUE(all_published());
  const auto r = read("inbound").front();
  EXPECT_EQ(r.headers.at("content-type"), "application/cloudevents+json");
  EXPECT_TRUE(r.value.starts_with(R"({"specversion":"1.0","id":")" + schemas::to_string(m.event.id))) << r.value;
  EXPECT_TRUE(r.value.contains(R"("sbseq":"00000000000000000001")"));
  EXPECT_TRUE(r.value.contains("Xin chào"));
}

TEST_F(mocked, passes_long_runs_of_units_without_records) {
  settings.window_records = 50;
  append(10);
  for (int i = 0; i < 5000; ++i) journal.append(fake_unit{});
  append(10);
  for (int i = 0; i < 70; ++i) journal.append(fake_unit{});
  start();
  ASSERT_TRUE(all_published());
  EXPECT_EQ(sequences(read("inbound")).size(), 20u);
}

class embedded : public forwarder_fixture {
 public:
  embedded() {
    settings.embedded = true;
    settings.properties.clear();
    settings.checkpoint_directory.clear();
  }
};

TEST_F(embedded, any_client_can_read_what_was_published) {
  auto& f = start();
  brokers = f.current_status().bootstrap;
  ASSERT_FALSE(brokers.empty());
  for (int i = 0; i < 100; ++i) journal.append(fmt::format("key-{}", i % 7), fmt::format("value {}", i));
  ASSERT_TRUE(all_published());
  EXPECT_EQ(sequences(read("inbound")).size(), 100u);
  EXPECT_EQ(f.current_status().state, state::running);
}

TEST_F(embedded, after_a_restart_what_is_left_is_published_again) {
  start();
  for (int i = 0; i < 100; ++i) journal.append("key", fmt::format("value {}", i));
  ASSERT_TRUE(all_published());
  stop();
  journal.recycle(60);
  brokers = start().current_status().bootstrap;
  ASSERT_TRUE(wait_until([&] { return forwarder_->current_status().delivered_unit == 100; }));
  EXPECT_EQ(sequences(read("inbound")).size(), 40u);
  const auto l = ledger("inbound");
  EXPECT_EQ(l.delivered + l.dead_lettered + l.backlog, 100u);
}

TEST_F(embedded, contradicts_a_cluster_and_exactly_once) {
  settings.properties = {{"bootstrap.servers", "kafka:9092"}};
  auto created = forwarder::create(settings, journal, store, base::real_clock(), probe, around);
  ASSERT_FALSE(created);
  EXPECT_TRUE(created.error().contains("contradicts")) << created.error();
}

}  // namespace
}  // namespace switchboard::publish::testing
