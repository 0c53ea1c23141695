// A forwarder on a real Kafka (started by with_kafka), a reader, and words with the broker.
#pragma once

#include <gtest/gtest.h>
#include <prometheus/registry.h>

#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "broker/publish/forwarder.hpp"
#include "broker/publish/probe.hpp"
#include "broker/publish/topics.hpp"
#include "tests/broker/publish/fake_journal.hpp"

namespace switchboard::publish::testing {

using namespace std::chrono_literals;

std::string from_environment(const char* name);
inline std::string bootstrap() { return from_environment("SWITCHBOARD_TEST_KAFKA"); }

// One line to with_kafka's control socket: "kill 0", "restart 0", "allow alice topic t WRITE". Throws on its error.
void tell_kafka(const std::string& line);

bool wait_until(const std::function<bool()>&, std::chrono::milliseconds limit = 60s);

struct read_record {
  int partition = 0;
  std::int64_t offset = 0, timestamp_ms = 0;
  std::string key, value;
  std::map<std::string, std::string> headers;
  std::string event_id() const { return headers.contains("ce_id") ? headers.at("ce_id") : ""; }
};
// Everything that is in a topic now.
std::vector<read_record> read_all(const std::string& brokers, const std::string& topic, bool committed = true);

class memory_store final : public blobs::store {
 public:
  std::expected<void, std::string> put(const blobs::reference& r, std::string_view bytes) override {
    const std::lock_guard lock(mutex_);
    if (failing) return std::unexpected("no space");
    kept_[r.tenant + "/" + r.day + "/" + r.sha256] = bytes;
    return {};
  }
  bool broken() const override { return false; }
  std::expected<blobs::stored, std::string> open(const blobs::reference&) override {
    return std::unexpected("not here");
  }
  void expire(schemas::timestamp) override {}
  bool holds(const std::string& reference) const {
    const std::lock_guard lock(mutex_);
    return kept_.contains(reference);
  }
  std::atomic<bool> failing = false;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::string> kept_;
};

// Topics of their own for each test, a checkpoint directory, and forwarders one after the other.
class forwarder_fixture : public ::testing::Test {
 public:
  forwarder_fixture();
  ~forwarder_fixture() override;

  // Kafka's name of a logical topic in this test.
  std::string kafka_name(const std::string& logical) const;
  void create_topics(int partitions = 3, std::int64_t max_message_bytes = 1 << 20);
  void create_topic(const std::string& logical, int partitions = 3, std::int64_t max_message_bytes = 1 << 20,
                    const std::string& cleanup_policy = "delete");

  forwarder& start();  // create and start; fails the test when it cannot
  void stop(std::chrono::milliseconds limit = 30s, bool until_empty = true);
  void drop() { forwarder_.reset(); }  // ends at once, as if the process did, but for what was in flight
  // Everything that is in the topic, each record left for the validators (tests/support/emitted_events.hpp).
  std::vector<read_record> read(const std::string& logical, bool committed = true) const;
  // Waits until everything appended is published.
  bool all_published(std::chrono::milliseconds limit = 60s) const;
  // Each record of the journal's topic is there: how often each sbseq was seen.
  static std::map<std::uint64_t, int> sequences(const std::vector<read_record>&);
  // Per key, the first occurrences are in order of sbseq.
  static bool in_order(const std::vector<read_record>&);
  // How far a forwarder in another process has come; 0 while it has not made its file.
  std::uint64_t checkpoint_unit() const;
  ledger_topic ledger(const std::string& logical) const;

  std::string brokers = bootstrap();
  std::string directory;
  publish::settings settings;
  fake_journal journal;
  memory_store store;
  prometheus::Registry registry;
  publish::probe probe{registry};
  publish::environment around;
  std::unique_ptr<publish::forwarder> forwarder_;

 private:
  std::string suffix_;
};

}  // namespace switchboard::publish::testing
