// Exactly once on a real Kafka: whoever reads committed sees each record once.
#include <fmt/format.h>
#include <signal.h>
#include <sys/wait.h>

#include <thread>

#include "broker/publish/checkpoint_topic.hpp"
#include "broker/publish/session.hpp"
#include "tests/broker/publish/kafka_fixture.hpp"
#include "tests/broker/publish/load.hpp"

namespace switchboard::publish::testing {
namespace {

class exactly_once : public forwarder_fixture {
 public:
  exactly_once() { settings.delivery = delivery::exactly_once; }
  void append(int count) {
    for (int i = 0; i < count; ++i) journal.append(fmt::format("key-{}", i % 50), fmt::format("value {}", i));
  }
  bool running() const { return forwarder_->current_status().state == state::running; }
  bool outage_about(const std::string& text) const {
    const auto s = forwarder_->current_status();
    return s.state == state::outage && s.reason.contains(text);
  }
  void expect_each_once() const {
    const auto records = read("inbound");
    EXPECT_EQ(records.size(), journal.appended("inbound"));
    EXPECT_EQ(sequences(records).size(), journal.appended("inbound"));
    EXPECT_TRUE(in_order(records));
  }
  std::optional<position> checkpoint() const {
    auto read = read_checkpoint(settings.properties, checkpoint_topic_name(journal.id()), 20s);
    return read ? *read : std::nullopt;
  }
  // A forwarder in a process of its own, over the same journal.
  pid_t child() {
    const pid_t made = ::fork();
    if (made == 0) {
      start();
      for (;;) ::pause();
    }
    return made;
  }
  // Waits until the checkpoint of a child has passed `unit`.
  bool child_reached(std::uint64_t unit) const {
    return wait_until([&] { return checkpoint_unit() > unit; });
  }
};

TEST_F(exactly_once, delivers_and_commits_the_checkpoint_with_the_records) {
  create_topics();
  start();
  append(1000);
  ASSERT_TRUE(all_published());
  expect_each_once();
  const auto committed = checkpoint();
  ASSERT_TRUE(committed);
  EXPECT_EQ(committed->unit, 1000u);
  EXPECT_EQ(committed->cluster, forwarder_->current_status().cluster_id);
  EXPECT_EQ(ledger("inbound").delivered, 1000u);
  EXPECT_EQ(ledger("inbound").backlog, 0u);
}

TEST_F(exactly_once, a_restart_goes_on_behind_the_committed_checkpoint) {
  create_topics();
  start();
  append(300);
  ASSERT_TRUE(all_published());
  stop();
  std::filesystem::remove_all(directory);  // another host, where only the journal came along
  append(300);
  start();
  ASSERT_TRUE(all_published());
  expect_each_once();
  EXPECT_EQ(ledger("inbound").delivered, 600u);
}

TEST_F(exactly_once, the_broker_is_killed_under_load) {
  create_topics();
  start();
  load running_load(journal);
  for (int round = 0; round < 3; ++round) {
    const auto before = journal.published_number();
    ASSERT_TRUE(wait_until([&] { return journal.published_number() > before + 300; }));
    tell_kafka("kill 0");
    tell_kafka("restart 0");
    ASSERT_TRUE(wait_until([&] { return running(); }));
  }
  running_load.end();
  ASSERT_TRUE(all_published());
  expect_each_once();
}

TEST_F(exactly_once, a_sigkill_in_the_middle_of_a_transaction) {
  create_topics();
  settings.window_records = 200;
  append(20'000);
  const pid_t victim = child();
  ASSERT_GT(victim, 0);
  ASSERT_TRUE(child_reached(1000));
  ::kill(victim, SIGKILL);
  ::waitpid(victim, nullptr, 0);
  start();
  ASSERT_TRUE(all_published());
  expect_each_once();
}

TEST_F(exactly_once, a_zombie_is_fenced) {
  create_topics();
  settings.window_records = 200;
  append(20'000);
  const pid_t zombie = child();
  ASSERT_GT(zombie, 0);
  ASSERT_TRUE(child_reached(1000));
  ::kill(zombie, SIGSTOP);
  start();  // takes over
  ASSERT_TRUE(all_published());
  stop();
  expect_each_once();
  ::kill(zombie, SIGCONT);
  // The zombie finds itself fenced, begins anew behind the checkpoint, and has nothing to add.
  append(1);  // what this process alone has
  start();
  ASSERT_TRUE(all_published());
  stop();
  ::kill(zombie, SIGKILL);
  ::waitpid(zombie, nullptr, 0);
  expect_each_once();
}

TEST_F(exactly_once, a_broker_frozen_longer_than_the_transaction) {
  create_topics();
  settings.transaction_timeout = 3s;
  start();
  append(100);
  ASSERT_TRUE(all_published());
  load running_load(journal);
  ASSERT_TRUE(wait_until([&] { return journal.published_number() > 300; }));
  tell_kafka("freeze 0");
  std::this_thread::sleep_for(6s);  // longer than the transaction may last: the fault itself, not a wait for it
  tell_kafka("thaw 0");
  running_load.end();
  ASSERT_TRUE(all_published());
  expect_each_once();
}

TEST_F(exactly_once, an_oversized_record_between_good_ones) {
  create_topics(3, 4096);
  const std::string large(10'000, 'x');
  for (int i = 0; i < 200; ++i) journal.append(fmt::format("key-{}", i % 10), i == 100 ? large : "good");
  start();
  ASSERT_TRUE(all_published());
  const auto good = read("inbound");
  EXPECT_EQ(good.size(), 199u);
  EXPECT_TRUE(in_order(good));
  const auto dead = read("dead_letter");
  ASSERT_EQ(dead.size(), 1u);
  EXPECT_TRUE(dead.front().value.contains(large));
  EXPECT_EQ(ledger("inbound").dead_lettered, 1u);
}

TEST_F(exactly_once, units_stay_whole_when_they_are_larger_than_the_window) {
  create_topics();
  settings.window_records = 20;
  for (int i = 0; i < 50; ++i) {
    fake_unit unit;
    for (int m = 0; m < 37; ++m) unit.messages.push_back(contact(fmt::format("key-{}", i % 5), "v"));
    journal.append(std::move(unit));
  }
  start();
  ASSERT_TRUE(all_published());
  expect_each_once();
}

TEST_F(exactly_once, a_transaction_time_out_that_the_broker_refuses_is_told) {
  create_topics();
  settings.transaction_timeout = std::chrono::hours(1);
  start();
  append(1);
  ASSERT_TRUE(wait_until([&] { return outage_about("transaction.max.timeout.ms"); }));
}

TEST_F(exactly_once, changes_of_the_mode_lose_and_double_nothing) {
  create_topics();
  settings.delivery = delivery::idempotent;
  start();
  append(100);
  ASSERT_TRUE(all_published());
  stop();
  settings.delivery = delivery::exactly_once;
  append(100);
  start();
  ASSERT_TRUE(all_published());
  stop();
  settings.delivery = delivery::idempotent;
  append(100);
  start();
  ASSERT_TRUE(all_published());
  expect_each_once();
}

TEST_F(exactly_once, beats_within_transactions) {
  create_topics();
  settings.heartbeat = 1s;
  start();
  ASSERT_TRUE(wait_until([&] { return read("control").size() >= 2; }));
}

}  // namespace
}  // namespace switchboard::publish::testing
