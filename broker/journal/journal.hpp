// The journal: what Switchboard has acknowledged and Kafka may not have yet.
//
// Durability: a unit whose completion reports success is on disk (modes disk, both) and/or in Kafka (modes kafka,
// both), whole, with its blobs, dedupe entries and state; after a crash it is there in whole or, if it was never
// completed, possibly not at all. Order: units get consecutive numbers in the order in which the journal thread took
// them; Kafka sees them in that order per key. Threads: one journal thread owns everything behind this header. submit()
// may be called from any thread; cursors belong to the publisher thread. A failed sync ends the process: what the disk
// has is unknown from then on.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "broker/base/clock.hpp"
#include "broker/base/file_system.hpp"
#include "schemas/codec.hpp"

namespace switchboard::journal {

using schemas::timestamp;
using schemas::uuid;

enum class acknowledge : std::uint8_t { disk, kafka, both };

// --- what goes in ---
struct sequence_mark {
  std::string scope;
  std::uint64_t value = 0;
};

struct message {
  schemas::encoded_event event;
  std::uint64_t fingerprint = 0;
  bool dedupe = true;                     // by id and fingerprint; false: by `sequence` alone, where there is one
  std::optional<sequence_mark> sequence;  // already taken: a duplicate, while its scope is remembered
  std::vector<std::string> topics;        // logical names; the first is the event's own, routing rules add the others
};
struct blob {
  std::string reference;
  std::string bytes;
};  // "tenant/day/sha256", at most 256 KiB
struct state_put {
  std::string space, key, value;
};  // an empty value removes the key
struct unit {
  std::string source;               // id of the source, for the ledger
  std::uint32_t items_decoded = 0;  // what the decoder counted; the ledger compares
  std::vector<message> messages;
  std::vector<blob> blobs;
  std::vector<state_put> puts;
};

// --- what comes back ---
enum class message_outcome : std::uint8_t {
  appended,
  duplicate,
  conflict
};  // conflict: appended under an id over both contents
struct committed {
  std::uint64_t number = 0;  // of the unit
  timestamp recorded_at{};
  std::vector<message_outcome> outcomes;  // one per message
};
// too_large: the unit is larger than a segment and would never fit. full: also while a new segment
// lacks space, a descriptor or memory.
enum class submit_error : std::uint8_t { overloaded, full, clock_jumped, stopping, too_large };
// Called once, on the journal thread, when the unit is acknowledged as the mode demands. Must not block.
using completion = std::move_only_function<void(const committed&)>;

// --- what the publisher reads ---
struct stored_message {
  uuid id;
  std::vector<std::pair<std::string, std::uint64_t>> topics;  // logical name, sbseq
  std::string_view key, value;
  std::vector<std::pair<std::string_view, std::string_view>>
      attributes;  // CloudEvents attributes, names without prefix
};
struct stored_unit {
  std::uint64_t number = 0;
  timestamp recorded_at{};
  std::string_view source;
  std::vector<stored_message> messages;
  std::vector<std::pair<std::string_view, std::string_view>> blobs;  // reference, bytes
};

// Reads units in order, from the page cache when they are fresh. Owned by one thread; views live until the next call of
// next().
class cursor {
 public:
  virtual ~cursor() = default;
  // The next unit that may be published (durable; in mode kafka: appended), nullptr when there is none yet.
  virtual std::expected<const stored_unit*, std::string> next() = 0;
  virtual std::uint64_t position() const = 0;  // number of the last unit returned
};

// --- the journal ---
struct settings {
  std::string directory;
  acknowledge mode = acknowledge::disk;
  std::uint64_t max_bytes = 10ull << 30;  // all segments; full: submit_error::full
  std::uint64_t segment_bytes = 64ull << 20;
  std::size_t queue_bytes = 64u << 20;  // waiting for the journal thread; past it: submit_error::overloaded
  // After a group of several units the next one is not begun sooner than this after it, so that under load many share
  // one sync. A unit that comes alone never waits for company.
  std::chrono::milliseconds commit_interval{1};
  std::chrono::hours dedupe_window{8 * 24};
  // A wall clock that is further ahead of the last record when the journal is opened is taken for wrong.
  std::chrono::hours longest_stop{7 * 24};
  std::size_t dedupe_memory = 32u << 20;     // filters and the open slice; the rest is mapped files
  std::size_t sequence_scopes = 100'000;     // scopes of sequence marks; past it the least recently used is forgotten
  std::chrono::hours sequence_age{90 * 24};  // and so is what was not used for so long, in recorded time
  double reserved_share = 0.1;               // the last part of max_bytes, kept for senders that do not retry
};

struct usage {
  std::uint64_t bytes = 0, max_bytes = 0;
  std::uint64_t appended = 0, durable = 0, published = 0;  // unit numbers
  std::optional<timestamp> oldest_unpublished;
  std::uint64_t dedupe_entries = 0, dedupe_bytes = 0;
};

// Per source, durable with the units: decoded = appended + duplicates. Per topic: appended.
struct ledger_source {
  std::string source;
  std::uint64_t decoded = 0, appended = 0, duplicates = 0;
};
struct ledger_topic {
  std::string topic;
  std::uint64_t appended = 0;
};  // equals the last sbseq
struct ledger {
  std::vector<ledger_source> sources;
  std::vector<ledger_topic> topics;
};

class probe;  // metrics; probe.hpp

// What the journal takes from the process around it. Empty members mean the real thing.
struct environment {
  // Told why the process has to end: a sync failed, or a write did for another reason than a full disk. Must not return
  // normally in production (default: a critical log, then std::_Exit); where it returns, in a test, the journal does
  // nothing any more.
  std::function<void(std::string_view reason)> fatal;
  std::function<std::string()> boot_id;  // differs after the machine was restarted (/proc/sys/kernel/random/boot_id)
  // Runs one job of housekeeping (snapshots, slices, the next segment), in order, on a thread other than the journal's.
  std::function<void(std::move_only_function<void()>)> background;
  std::chrono::milliseconds retry_interval{
      1000};  // how often a full disk, a failed snapshot or a jumped clock is looked at again
  std::chrono::milliseconds still_healthy{10'000};  // a journal thread that was not seen for longer is not healthy
};

class journal {
 public:
  // Takes the lock, recovers, cuts a torn tail. The error is a message for a person: what is damaged, where, which
  // command repairs it.
  static std::expected<std::unique_ptr<journal>, std::string> open(base::file_system&, base::clock&, settings, probe&,
                                                                   environment = {});
  virtual ~journal() = default;

  // Hands a unit over. On success `done` will be called once; on error it is not, and the unit is dropped.
  // `reserved`: may use the last part of the journal (senders that never retry).
  virtual std::expected<void, submit_error> submit(unit, completion done, bool reserved = false) = 0;
  virtual bool writable(bool reserved) const = 0;  // cheap, any thread: asked before a request is decoded

  virtual const uuid& id() const = 0;
  // Positioned behind unit `number`, or at the oldest unit still here when later ones were recycled (those are
  // published). Behind a number that the journal never gave, next() is an error.
  virtual std::unique_ptr<cursor> read_after(std::uint64_t number) = 0;
  // Wakes the publisher: an eventfd that becomes readable when next() may have more after it returned nullptr. Owned by
  // the journal; the publisher reads it empty.
  virtual int wake_fd() const = 0;
  // Everything up to and including `number` is in Kafka (or handed to the dead letter): releases waiting
  // acknowledgements in the modes that wait for Kafka. Publisher thread.
  virtual void delivered(std::uint64_t number) = 0;
  // And what says so would survive a power cut: lets segments be recycled as well. Publisher thread.
  virtual void published(std::uint64_t number) = 0;

  virtual std::optional<std::string> state(std::string_view space,
                                           std::string_view key) const = 0;  // any thread, a copy
  virtual usage current_usage() const = 0;
  virtual schemas::timestamp last_recorded() const = 0;
  // What a unit would be stamped with now, as far as the clocks can be believed; never before last_recorded().
  virtual schemas::timestamp time() const = 0;
  virtual ledger current_ledger() const = 0;
  virtual bool healthy() const = 0;  // the thread turns

  // Takes no more units, commits what is queued, writes a snapshot. Completions that wait for Kafka are dropped
  // uncalled.
  virtual void stop() = 0;
};

}  // namespace switchboard::journal
