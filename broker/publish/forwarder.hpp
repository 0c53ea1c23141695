// The forwarder: journal → Kafka. The journal is the truth, the producer is disposable.
//
// One publisher thread owns the producer, the cursor and the checkpoint. It hands units over in order and moves the
// checkpoint over the contiguous acknowledged prefix. Any delivery error stops the world until it is told apart: poison
// (the record itself, after it failed alone) goes to the dead letter, everything else is an outage: pause, keep, alarm,
// try again.
//
// Once: `exactly_once` puts records and checkpoint into one transaction. `idempotent` writes the checkpoint to a file
// at each advance, so that after a SIGKILL at most what was in flight is handed over again; that is counted.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "broker/base/clock.hpp"
#include "broker/base/file_system.hpp"
#include "broker/blobs/store.hpp"
#include "broker/journal/journal.hpp"

namespace switchboard::publish {

enum class delivery : std::uint8_t { idempotent, exactly_once };
enum class content_mode : std::uint8_t { binary, structured };

struct topic {
  std::string logical, kafka;  // "inbound" → "contacts.inbound.v1"
};

struct settings {
  bool embedded = false;            // librdkafka's mock cluster in this process, for development
  std::uint16_t embedded_port = 0;  // informational: the mock chooses its port
  // The Kafka that `properties` lead to is another process's embedded one: it has no administration and no lasting
  // identity.
  bool development = false;
  // librdkafka's, bootstrap.servers among them; check_properties() in properties.hpp tells what is wrong with them.
  std::vector<std::pair<std::string, std::string>> properties;
  publish::delivery delivery = publish::delivery::idempotent;
  content_mode content = content_mode::binary;
  // The allow-list: nothing else is ever produced to. "control" takes the heartbeats, "dead_letter" what Kafka refused.
  std::vector<topic> topics;
  std::chrono::milliseconds transaction_timeout{10000}, commit_interval{20};
  std::chrono::seconds heartbeat{10};
  std::string checkpoint_directory;  // idempotent mode; beside the journal
  // How long an advance may wait for the sync of the checkpoint, and with it journal.published() and the recycling of
  // segments; and for being written at all: what was delivered since is handed over again after a SIGKILL.
  std::chrono::milliseconds checkpoint_interval{250}, checkpoint_write_interval{20};
  // Records that come within so long of the last ones are handed over together.
  std::chrono::milliseconds gathering{2};
  // In flight, in Kafka's hands: what may be handed over again after a crash. One unit may overshoot.
  std::size_t window_records = 10000;
  std::size_t window_bytes = 32u << 20;
};

enum class state : std::uint8_t { starting, running, outage, stopped };
struct status {
  publish::state state = publish::state::starting;
  std::string reason;     // of an outage, for a person: "topic contacts.inbound.v1 does not exist; run: switchboard
                          // topics create"
  std::string bootstrap;  // embedded: where clients find the mock
  std::string cluster_id;
  std::uint64_t delivered_unit = 0;
  std::uint64_t in_flight = 0;  // records
  std::uint64_t copies = 0;     // records that were handed over again and may stand twice
  std::uint64_t dead_lettered = 0;
  std::uint64_t rebuilds = 0;  // of the producer, after an error
};
// appended = delivered + dead_lettered + backlog, each counted where it happens, across restarts.
struct ledger_topic {
  std::string topic;
  std::uint64_t delivered = 0, dead_lettered = 0, backlog = 0;
};

class probe;  // metrics; probe.hpp

// What the forwarder takes from the process around it. Empty members mean the real thing.
struct environment {
  base::file_system* files = nullptr;
  // Told why the process has to end: the checkpoint could not be synced. Must not return in production (default: a
  // critical log, then std::_Exit); where it returns, in a test, the forwarder stops.
  std::function<void(std::string_view reason)> fatal;
};

class forwarder {
 public:
  // Checks the properties and reads the checkpoint; does not wait for Kafka. The error is for a person.
  // Everything referred to must outlive the forwarder; the journal's lock must be held as long.
  static std::expected<std::unique_ptr<forwarder>, std::string> create(settings, journal::journal&, blobs::store&,
                                                                       base::clock&, probe&, environment = {});
  virtual ~forwarder() = default;                                // stops at once
  virtual void start() = 0;                                      // once
  virtual publish::status current_status() const = 0;            // any thread
  virtual std::vector<ledger_topic> current_ledger() const = 0;  // any thread
  virtual bool healthy() const = 0;                              // the thread turns
  // Stops after what is in flight is delivered, or (`until_empty`) after the whole backlog is, or at the deadline.
  virtual void stop(std::chrono::steady_clock::time_point deadline, bool until_empty) = 0;
};

}  // namespace switchboard::publish
