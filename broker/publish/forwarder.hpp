// The forwarder: journal → Kafka. The journal is the truth, the producer is disposable.
//
// One publisher thread owns the producer, the cursor and the checkpoint. It hands units over in order and moves the checkpoint over the
// contiguous acknowledged prefix. Any delivery error stops the world until it is told apart: poison (the record itself, alone) goes to
// the dead letter, everything else is an outage: pause, keep, alarm.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "broker/base/clock.hpp"
#include "broker/blobs/store.hpp"
#include "broker/journal/journal.hpp"

namespace switchboard::publish {

enum class delivery : std::uint8_t { idempotent, exactly_once };
enum class content_mode : std::uint8_t { binary, structured };

struct topic { std::string logical, kafka; };  // "inbound" → "contacts.inbound.v1"

struct settings {
  bool embedded = false;                                        // librdkafka's mock cluster in this process, for development
  std::uint16_t embedded_port = 0;                              // informational: the mock chooses its port
  std::vector<std::pair<std::string, std::string>> properties;  // librdkafka's, already checked; bootstrap.servers among them
  publish::delivery delivery = publish::delivery::idempotent;
  content_mode content = content_mode::binary;
  std::vector<topic> topics;                                    // the allow-list: nothing else is ever produced to
  std::chrono::milliseconds transaction_timeout{10000}, commit_interval{20};
  std::chrono::seconds heartbeat{10};
  std::string checkpoint_directory;                             // idempotent mode; beside the journal
};

enum class state : std::uint8_t { starting, running, outage, stopped };
struct status {
  publish::state state = publish::state::starting;
  std::string reason;             // of an outage, for a person: "topic contacts.inbound.v1 does not exist; run: switchboard topics create"
  std::string bootstrap;          // embedded: where clients find the mock
  std::uint64_t delivered_unit = 0;
  std::uint64_t in_flight = 0;    // records
  std::uint64_t copies = 0;       // records that were handed over again and may stand twice
  std::uint64_t dead_lettered = 0;
};
struct ledger_topic { std::string topic; std::uint64_t delivered = 0, dead_lettered = 0, backlog = 0; };

class probe;  // metrics; probe.hpp

class forwarder {
 public:
  // Checks the properties and reads the checkpoint; does not wait for Kafka. The error is for a person.
  static std::expected<std::unique_ptr<forwarder>, std::string> create(settings, journal::journal&, blobs::store&, base::clock&, probe&);
  virtual ~forwarder() = default;
  virtual void start() = 0;
  virtual publish::status current_status() const = 0;                  // any thread
  virtual std::vector<ledger_topic> current_ledger() const = 0;        // any thread
  virtual bool healthy() const = 0;                                    // the thread turns
  // Stops after what is in flight is delivered, or (`until_empty`) after the whole backlog is, or at the deadline.
  virtual void stop(std::chrono::steady_clock::time_point deadline, bool until_empty) = 0;
};

}  // namespace switchboard::publish
