// Getting in touch with Kafka: looks at the cluster and its topics, makes the producer, and, for exactly-once, ends the
// predecessor's transaction and reads the checkpoint. Publisher thread; every step blocks for a bounded time.
#pragma once

#include <chrono>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "broker/publish/checkpoint.hpp"
#include "broker/publish/forwarder.hpp"
#include "broker/publish/producer.hpp"
#include "broker/publish/topics.hpp"

namespace switchboard::publish {

struct session_settings {
  const publish::settings& publish;
  std::vector<property> properties;  // the settings', with the embedded cluster's address where there is one
  schemas::uuid journal;
  std::string known_cluster;  // the checkpoint's; empty: any
  int wake_fd;
  std::function<bool()> carry_on;  // asked between steps
};

struct session {
  std::string cluster_id;
  std::string checkpoint_topic;  // exactly once
  std::optional<position> committed;
  std::unique_ptr<publish::producer> producer;
};

// The error is what to tell a person about the outage.
std::expected<session, std::string> open_session(const session_settings&);

// Kafka's names in the order of the settings' topics, then the checkpoint topic where there is one: the index of a
// record's topic in a producer of a session.
std::string checkpoint_topic_name(const schemas::uuid& journal);

}  // namespace switchboard::publish
