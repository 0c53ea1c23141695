// The forwarder on a real Kafka, idempotent delivery.
#include <fmt/format.h>
#include <signal.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <thread>

#include "broker/journal/probe.hpp"
#include "broker/publish/checkpoint.hpp"
#include "broker/publish/forwarder_thread.hpp"
#include "tests/broker/publish/faulty_files.hpp"
#include "tests/broker/publish/kafka_fixture.hpp"
#include "tests/broker/publish/load.hpp"

namespace switchboard::publish::testing {

struct forwarder_access {
  static rd_kafka_t* producer(forwarder& f) { return static_cast<forwarder_thread&>(f).producer_->raw(); }
};

namespace {

std::string contents(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

std::ptrdiff_t lines_of(const std::string& path) {
  const auto text = contents(path);
  return std::count(text.begin(), text.end(), '\n');
}

class forwarder_on_kafka : public forwarder_fixture {
 public:
  void append(int count, int keys = 50) {
    for (int i = 0; i < count; ++i) journal.append(fmt::format("key-{}", i % keys), fmt::format("value {}", i));
  }
  bool running() const { return forwarder_->current_status().state == state::running; }
  bool outage_about(const std::string& text) const {
    const auto s = forwarder_->current_status();
    return s.state == state::outage && s.reason.contains(text);
  }
  // Everything once or more, in order, and no more copies than were counted.
  void expect_complete(std::uint64_t counted_copies) const {
    const auto records = read("inbound");
    const auto seen = sequences(records);
    EXPECT_EQ(seen.size(), journal.appended("inbound"));
    EXPECT_TRUE(in_order(records));
    EXPECT_LE(records.size() - seen.size(), counted_copies);
  }
};

TEST_F(forwarder_on_kafka, delivers_in_order_once_and_counts) {
  create_topics();
  start();
  append(2000);
  ASSERT_TRUE(all_published());
  EXPECT_EQ(read("inbound").size(), 2000u);
  expect_complete(0);
  EXPECT_EQ(forwarder_->current_status().copies, 0u);
  EXPECT_TRUE(running());
  EXPECT_TRUE(forwarder_->healthy());
  const auto l = ledger("inbound");
  EXPECT_EQ(l.delivered, 2000u);
  EXPECT_EQ(l.backlog, 0u);
}

TEST_F(forwarder_on_kafka, loses_nothing_while_the_broker_is_killed_under_load) {
  create_topics();
  start();
  load running_load(journal);
  for (int round = 0; round < 3; ++round) {
    const auto before = journal.published_number();
    ASSERT_TRUE(wait_until([&] { return journal.published_number() > before + 300; }));
    tell_kafka("kill 0");
    ASSERT_TRUE(wait_until([&] { return outage_about("no broker"); }));
    tell_kafka("restart 0");
    ASSERT_TRUE(wait_until([&] { return running(); }));
  }
  running_load.end();
  ASSERT_TRUE(all_published());
  expect_complete(forwarder_->current_status().copies);
}

TEST_F(forwarder_on_kafka, waits_for_a_broker_that_is_absent_at_the_start) {
  create_topics();
  tell_kafka("kill 0");
  start();
  append(500);
  ASSERT_TRUE(wait_until([&] { return outage_about("no broker can be reached"); }));
  EXPECT_EQ(ledger("inbound").backlog, 500u);
  tell_kafka("restart 0");
  ASSERT_TRUE(all_published());
  expect_complete(0);
  EXPECT_TRUE(running());
}

TEST_F(forwarder_on_kafka, says_which_topic_is_missing_and_goes_on_once_it_is_made) {
  for (const auto* logical : {"inbound", "control", "dead_letter"}) create_topic(logical);
  append(10);
  start();
  ASSERT_TRUE(wait_until([&] { return outage_about(kafka_name("activity") + " does not exist"); }));
  EXPECT_TRUE(forwarder_->current_status().reason.contains("switchboard topics create"));
  EXPECT_EQ(journal.published_number(), 0u);
  create_topic("activity");
  ASSERT_TRUE(all_published());
  EXPECT_EQ(read("inbound").size(), 10u);
}

TEST_F(forwarder_on_kafka, refuses_another_cluster_than_the_checkpoint_names) {
  create_topics();
  {
    auto file = checkpoint_file::open(base::real_file_system(), directory);
    ASSERT_TRUE(file);
    position p{
        .journal = schemas::to_string(journal.id()), .cluster = "another", .unit = 0, .handed_over = 0, .topics = {}};
    ASSERT_TRUE(file->store(p));
    ASSERT_TRUE(file->sync());
  }
  append(10);
  start();
  ASSERT_TRUE(wait_until([&] { return outage_about("the checkpoint is about Kafka cluster another"); }));
  EXPECT_EQ(read("inbound").size(), 0u);
  EXPECT_EQ(journal.published_number(), 0u);
}

TEST_F(forwarder_on_kafka, refuses_the_checkpoint_of_another_journal) {
  create_topics();
  start();
  append(1);
  ASSERT_TRUE(all_published());
  stop();
  journal.set_id(random_id());
  auto created = forwarder::create(settings, journal, store, base::real_clock(), probe, around);
  ASSERT_FALSE(created);
  EXPECT_TRUE(created.error().contains("belongs to journal")) << created.error();
}

TEST_F(forwarder_on_kafka, rebuilds_after_fatal_errors_without_loss) {
  create_topics();
  start();
  load running_load(journal);
  for (std::uint64_t round = 1; round <= 5; ++round) {
    const auto before = journal.published_number();
    ASSERT_TRUE(wait_until([&] { return journal.published_number() > before + 200; }));
    rd_kafka_test_fatal_error(forwarder_access::producer(*forwarder_), RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER,
                              "injected");
    ASSERT_TRUE(wait_until([&] { return forwarder_->current_status().rebuilds >= round && running(); }));
  }
  running_load.end();
  ASSERT_TRUE(all_published());
  expect_complete(forwarder_->current_status().copies);
}

TEST_F(forwarder_on_kafka, resumes_behind_the_checkpoint_after_a_restart) {
  create_topics();
  start();
  append(500);
  ASSERT_TRUE(all_published());
  stop();
  journal.recycle(400);
  append(500);
  start();
  ASSERT_TRUE(all_published());
  EXPECT_EQ(read("inbound").size(), 1000u);
  EXPECT_EQ(forwarder_->current_status().copies, 0u);
  const auto l = ledger("inbound");
  EXPECT_EQ(l.delivered, 1000u);
  EXPECT_EQ(l.backlog, 0u);
}

TEST_F(forwarder_on_kafka, copies_at_most_what_was_in_flight_after_a_sigkill_and_counts_it) {
  create_topics();
  settings.window_records = 500;
  append(60'000);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    start();
    for (;;) ::pause();
  }
  ASSERT_TRUE(wait_until([&] { return checkpoint_unit() > 2000; }));
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  start();
  ASSERT_TRUE(all_published());
  const auto counted = forwarder_->current_status().copies;
  const auto records = read("inbound");
  const auto seen = sequences(records);
  EXPECT_EQ(seen.size(), 60'000u);
  EXPECT_TRUE(in_order(records));
  EXPECT_LE(records.size() - seen.size(), counted);
  EXPECT_LE(counted, 500u + 256u);
}

// The oracle must see it when the checkpoint moves over what was never acknowledged.
class checkpoint_over_a_hole : public forwarder_on_kafka, public ::testing::WithParamInterface<bool> {};

TEST_P(checkpoint_over_a_hole, is_seen) {
  const bool seeded = GetParam();
  create_topics();
  over_a_hole files(base::real_file_system());
  if (seeded) around.files = &files;
  start();
  append(200);
  ASSERT_TRUE(all_published());
  tell_kafka("freeze 0");
  append(300);
  ASSERT_TRUE(wait_until([&] { return forwarder_->current_status().in_flight >= 250; }));
  drop();  // with the broker still frozen: nothing of it arrived
  tell_kafka("kill 0");
  tell_kafka("restart 0");
  around.files = nullptr;
  start();
  ASSERT_TRUE(wait_until([&] { return forwarder_->current_status().delivered_unit == 500; }));
  const auto seen = sequences(read("inbound"));
  if (seeded)
    EXPECT_LT(seen.size(), 500u) << "the seeded fault was not seen";
  else
    EXPECT_EQ(seen.size(), 500u);
}
INSTANTIATE_TEST_SUITE_P(seeded, checkpoint_over_a_hole, ::testing::Bool());

TEST_F(forwarder_on_kafka, a_record_that_is_left_out_unbalances_the_ledger) {
  create_topics();
  start();
  for (int i = 0; i < 10; ++i) {
    fake_unit unit;
    unit.messages = {contact("k", "v"), contact("k", "v")};
    journal.append(std::move(unit));
  }
  ASSERT_TRUE(all_published());
  const auto balance = [&] {
    const auto l = ledger("inbound");
    return static_cast<std::int64_t>(journal.appended("inbound")) -
           static_cast<std::int64_t>(l.delivered + l.dead_lettered + l.backlog);
  };
  EXPECT_EQ(balance(), 0);
  journal.drop_message = 0;
  fake_unit unit;
  unit.messages = {contact("k", "v"), contact("k", "v")};
  journal.append(std::move(unit));
  ASSERT_TRUE(all_published());
  EXPECT_EQ(balance(), 1);
}

TEST_F(forwarder_on_kafka, stores_blobs_before_the_record_and_waits_for_a_failing_store) {
  create_topics();
  store.failing = true;
  start();
  fake_unit unit;
  unit.messages.push_back(contact("k", "v"));
  const std::string reference = "acme/20261122/" + std::string(64, 'a');
  unit.blobs.emplace_back(reference, "bytes");
  journal.append(std::move(unit));
  ASSERT_TRUE(wait_until([&] { return outage_about("blob store"); }));
  EXPECT_EQ(read("inbound").size(), 0u);
  store.failing = false;
  ASSERT_TRUE(all_published());
  EXPECT_TRUE(store.holds(reference));
  EXPECT_EQ(read("inbound").size(), 1u);
  EXPECT_TRUE(wait_until([&] { return running(); }));
}

TEST_F(forwarder_on_kafka, a_unit_goes_to_all_its_topics_and_units_without_records_are_passed) {
  create_topics();
  start();
  journal.append(fake_unit{});
  fake_unit unit;
  unit.messages.push_back(contact("k", "v"));
  unit.messages[0].topics = {"inbound", "activity"};
  journal.append(std::move(unit));
  journal.append(fake_unit{});
  ASSERT_TRUE(all_published());
  EXPECT_EQ(read("inbound").size(), 1u);
  EXPECT_EQ(read("activity").size(), 1u);
}

TEST_F(forwarder_on_kafka, a_topic_that_is_not_configured_stops_everything) {
  create_topics();
  start();
  fake_unit unit;
  unit.messages.push_back(contact("k", "v"));
  unit.messages[0].topics = {"complaints"};
  journal.append(std::move(unit));
  ASSERT_TRUE(wait_until([&] { return outage_about("complaints, which is not in kafka.topics"); }));
}

TEST_F(forwarder_on_kafka, dates_records_by_recordedtime_and_heads_them_as_cloudevents) {
  create_topics();
  start();
  auto m = contact("conversation", "hello");
  m.event.attributes.push_back({"traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"});
  const auto id = schemas::to_string(m.event.id);
  journal.append(fake_unit{{m}, {}});
  ASSERT_TRUE(all_published());
  const auto records = read("inbound");
  ASSERT_EQ(records.size(), 1u);
  const auto& r = records.front();
  const auto recorded = schemas::timestamp_from_rfc3339(r.headers.at("ce_recordedtime"));
  ASSERT_TRUE(recorded);
  EXPECT_EQ(r.timestamp_ms, recorded->time_since_epoch().count());
  EXPECT_EQ(r.key, "conversation");
  m.event.stamp(*recorded);
  EXPECT_EQ(r.value, m.event.body);
  const std::map<std::string, std::string> expected{
      {"ce_specversion", "1.0"},
      {"ce_id", id},
      {"ce_source", "/tenants/acme/sources/s"},
      {"ce_type", "contact.message.received.v1"},
      {"ce_time", "2023-11-22T09:15:04.000Z"},
      {"ce_recordedtime", r.headers.at("ce_recordedtime")},
      {"ce_sbjournal", schemas::to_string(journal.id())},
      {"ce_sbseq", "00000000000000000001"},
      {"ce_subject", "nfzxg5dfojuw4z3tmvzxg2lpny"},
      {"ce_partitionkey", "conversation"},
      {"ce_tenantid", "acme"},
      {"ce_channel", "chat"},
      {"ce_direction", "inbound"},
      {"ce_dataclassification", "confidential"},
      {"ce_datacategory", "standard"},
      {"ce_traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"},
      {"traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"},
      {"content-type", "application/json"},
  };
  EXPECT_EQ(r.headers, expected);
}

// Java's default partitioner, written from its description.
int java_partition(std::string_view key, int partitions) {
  const std::uint32_t m = 0x5bd1e995;
  const auto size = static_cast<std::uint32_t>(key.size());
  std::uint32_t h = 0x9747b28c ^ size;
  std::size_t i = 0;
  const auto byte = [&](std::size_t at) { return std::uint32_t{static_cast<std::uint8_t>(key[at])}; };
  for (; i + 4 <= key.size(); i += 4) {
    std::uint32_t k = byte(i) | byte(i + 1) << 8 | byte(i + 2) << 16 | byte(i + 3) << 24;
    k *= m;
    k ^= k >> 24;
    k *= m;
    h = h * m ^ k;
  }
  const auto left = key.size() - i;
  if (left >= 3) h ^= byte(i + 2) << 16;
  if (left >= 2) h ^= byte(i + 1) << 8;
  if (left >= 1) h = (h ^ byte(i)) * m;
  h ^= h >> 13;
  h *= m;
  h ^= h >> 15;
  return static_cast<int>((h & 0x7fffffff) % static_cast<std::uint32_t>(partitions));
}

TEST_F(forwarder_on_kafka, places_keys_as_java_does) {
  create_topics(7);
  start();
  for (int i = 0; i < 200; ++i)
    journal.append(std::string(static_cast<std::size_t>(i % 23), 'k') + std::to_string(i), "v");
  ASSERT_TRUE(all_published());
  for (const auto& r : read("inbound")) EXPECT_EQ(r.partition, java_partition(r.key, 7)) << r.key;
}

TEST_F(forwarder_on_kafka, beats_on_the_control_topic) {
  create_topics();
  settings.heartbeat = 1s;
  start();
  append(25);
  ASSERT_TRUE(all_published());
  ASSERT_TRUE(wait_until([&] {
    const auto beats = read("control");
    return !beats.empty() && beats.back().value.contains(R"("last_sbseq":"00000000000000000025")");
  }));
  const auto beat = read("control").back();
  EXPECT_EQ(beat.headers.at("ce_type"), "switchboard.heartbeat.v1");
  EXPECT_EQ(beat.key, schemas::to_string(journal.id()));
  EXPECT_TRUE(beat.value.contains(kafka_name("inbound"))) << beat.value;
  EXPECT_FALSE(beat.headers.contains("ce_sbseq"));
}

TEST_F(forwarder_on_kafka, stops_with_the_backlog_kept_or_published) {
  create_topics();
  tell_kafka("freeze 0");
  start();
  append(10);
  stop(300ms, true);
  EXPECT_EQ(forwarder_->current_status().state, state::stopped);
  EXPECT_EQ(journal.published_number(), 0u);
  tell_kafka("thaw 0");
  start();
  stop(60s, true);
  EXPECT_EQ(journal.published_number(), 10u);
}

// What `journal forward` does: any host opens the journal and a forwarder, and publishes until nothing is left.
TEST_F(forwarder_on_kafka, publishes_an_orphaned_journal_until_it_is_empty) {
  create_topics();
  prometheus::Registry metrics;
  journal::probe journal_probe(metrics);
  const journal::settings where{.directory = directory + "/journal"};
  const auto open = [&] {
    auto opened = journal::journal::open(base::real_file_system(), base::real_clock(), where, journal_probe);
    EXPECT_TRUE(opened) << (opened ? "" : opened.error());
    return std::move(*opened);
  };
  constexpr int count = 500;
  {
    auto orphan = open();
    std::atomic<int> acknowledged = 0;
    for (int i = 0; i < count; ++i) {
      auto event = contact(fmt::format("conversation-{}", i % 20), fmt::format("message {}", i)).event;
      journal::unit unit{.source = "s", .items_decoded = 1, .messages = {}, .blobs = {}, .puts = {}};
      unit.messages.push_back(
          {.event = std::move(event), .fingerprint = static_cast<std::uint64_t>(i), .topics = {"inbound"}});
      ASSERT_TRUE(orphan->submit(std::move(unit), [&](const journal::committed&) { ++acknowledged; }));
    }
    ASSERT_TRUE(wait_until([&] { return acknowledged == count; }));
    orphan->stop();
  }
  auto orphan = open();
  settings.checkpoint_directory = where.directory;
  auto created = forwarder::create(settings, *orphan, store, base::real_clock(), probe);
  ASSERT_TRUE(created) << created.error();
  (*created)->start();
  (*created)->stop(std::chrono::steady_clock::now() + 60s, true);
  const auto records = read("inbound");
  EXPECT_EQ(records.size(), static_cast<std::size_t>(count));
  EXPECT_EQ(sequences(records).size(), static_cast<std::size_t>(count));
  EXPECT_TRUE(in_order(records));
  EXPECT_EQ(orphan->current_usage().published, static_cast<std::uint64_t>(count));
  const auto ledger = (*created)->current_ledger();
  EXPECT_EQ(ledger.front().delivered, static_cast<std::uint64_t>(count));
  EXPECT_EQ(ledger.front().backlog, 0u);
  created->reset();
  orphan->stop();
}

// The example in deploy/ against the real thing: contacts, a dead letter, heartbeats.
TEST_F(forwarder_on_kafka, the_example_consumer_proves_it_complete) {
  create_topics(3, 4096);
  settings.heartbeat = 1s;
  start();
  for (int i = 0; i < 100; ++i)
    journal.append(fmt::format("key-{}", i % 5), i == 50 ? std::string(9000, 'x') : "hello");
  ASSERT_TRUE(all_published());
  ASSERT_TRUE(wait_until([&] {
    const auto beats = read("control");
    return !beats.empty() && beats.back().value.contains(R"("last_sbseq":"00000000000000000100")");
  }));
  const auto command = fmt::format("{} {}/deploy/examples/consumer.py --once {} {} {} >{}/contacts 2>{}/verdict",
                                   SWITCHBOARD_TEST_PYTHON, SWITCHBOARD_SOURCE_DIR, brokers, kafka_name("control"),
                                   kafka_name("inbound"), directory, directory);
  EXPECT_EQ(std::system(command.c_str()), 0) << contents(directory + "/verdict");
  EXPECT_TRUE(contents(directory + "/verdict").contains(kafka_name("inbound") + ": complete"));
  EXPECT_EQ(lines_of(directory + "/contacts"), 99);
}

TEST_F(forwarder_on_kafka, counts_in_metrics_what_the_status_tells) {
  create_topics(1, 4096);
  start();
  append(20);
  journal.append("key", std::string(9000, 'x'));
  ASSERT_TRUE(all_published());
  std::map<std::string, double> counted;
  for (const auto& family : registry.Collect())
    for (const auto& metric : family.metric)
      counted[family.name] += family.type == prometheus::MetricType::Histogram
                                  ? static_cast<double>(metric.histogram.sample_count)
                              : family.type == prometheus::MetricType::Counter ? metric.counter.value
                                                                               : metric.gauge.value;
  EXPECT_EQ(counted.at("switchboard_publish_delivered_total"), 20);
  EXPECT_EQ(counted.at("switchboard_publish_dead_letters_total"), 1);
  EXPECT_EQ(counted.at("switchboard_publish_end_to_end_seconds"), 20);
  EXPECT_EQ(counted.at("switchboard_publish_lag_seconds"), 20);
  EXPECT_EQ(counted.at("switchboard_publish_errors_total"), 2);
  EXPECT_EQ(counted.at("switchboard_publish_rebuilds_total"),
            static_cast<double>(forwarder_->current_status().rebuilds));
  EXPECT_EQ(counted.at("switchboard_publish_outage"), 0);
  EXPECT_EQ(counted.at("switchboard_publish_heartbeats_total"), 1) << "a rebuild is no reason";
}

TEST_F(forwarder_on_kafka, a_failed_sync_of_the_checkpoint_ends_the_process) {
  create_topics();
  failing_sync files(base::real_file_system());
  std::atomic<int> ended = 0;
  around.files = &files;
  around.fatal = [&](std::string_view) { ++ended; };
  start();
  files.fail = true;
  append(10);
  ASSERT_TRUE(wait_until([&] { return ended > 0; }));
  EXPECT_EQ(journal.published_number(), 0u);
}

}  // namespace
}  // namespace switchboard::publish::testing
