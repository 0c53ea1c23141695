// Topics in Kafka: what is there, what should be there, and making it. Blocking calls with time limits; one thread.
//
// Nothing is altered silently: a topic is created with all its settings, and differences are shown. (This librdkafka
// can only replace all settings of a topic at once, so changing one is the administrator's.)
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "broker/publish/forwarder.hpp"

namespace switchboard::publish {

struct topic_settings {
  std::string name;
  int partitions = 6;   // never added to later: keys would move
  int replication = 3;  // fewer copies lose acknowledged contacts when a broker's machine does: Kafka does not sync
  int min_insync = 2;
  std::chrono::milliseconds retention{std::chrono::days(30)};  // negative: for ever
  std::string cleanup_policy = "delete";
  std::int64_t max_message_bytes = 1 << 20;
  std::optional<std::int64_t> segment_bytes;  // the broker's default
};

// What the configured topics should be like. The dead letter takes larger records than the others, since it gets what
// they refuse, with headers added.
std::vector<topic_settings> wanted_topics(std::span<const topic>, const topic_settings& defaults);
// The topic of exactly-once checkpoints of a journal.
topic_settings checkpoint_topic(const schemas::uuid& journal, int replication);

struct topic_facts {
  std::string name;
  bool exists = false;
  std::string problem;  // of a topic that exists for us but cannot be used: "denied", "no leader"
  int partitions = 0, replication = 0;
  std::map<std::string, std::string> config;  // empty when we may not read it
  std::optional<std::int64_t> max_message_bytes() const;
};
struct cluster_facts {
  std::string id;
  int brokers = 0;
  std::vector<topic_facts> topics;  // in the order asked for
};

struct difference {
  std::string topic, setting, wanted, found;
};
struct topics_report {
  std::vector<std::string> missing, created;
  std::vector<difference> differences;
  std::vector<std::string> warnings;  // for a person: too few copies …
};

struct admin_error {
  int code = 0;         // rd_kafka_resp_err_t
  std::string message;  // for a person
};

class topics_admin {
 public:
  static std::expected<std::unique_ptr<topics_admin>, std::string> create(
      std::span<const std::pair<std::string, std::string>> properties);
  virtual ~topics_admin() = default;

  // `with_config`: also what DescribeConfigs tells, if it does within a third of the limit; missing rights for that are
  // not an error.
  virtual std::expected<cluster_facts, admin_error> look(std::span<const std::string> topics, bool with_config,
                                                         std::chrono::milliseconds limit) = 0;
  // Compares. The error is for a person.
  virtual std::expected<topics_report, admin_error> verify(std::span<const topic_settings>,
                                                           std::chrono::milliseconds limit) = 0;
  // Creates those that are missing, then compares.
  virtual std::expected<topics_report, admin_error> create_missing(std::span<const topic_settings>,
                                                                   std::chrono::milliseconds limit) = 0;
};

}  // namespace switchboard::publish
