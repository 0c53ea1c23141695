// Which ids have been seen within the window, and with what content.
//
// The open part is a table in memory; it is frozen, sorted and written as a run (a sorted mapped file of one day)
// whenever a snapshot is made. Runs of a day are merged; whole days expire by recordedtime. Memory is bounded: two
// tables and the runs' filters share the budget, what does not fit is looked up in the files.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "broker/base/durable.hpp"
#include "broker/base/file_system.hpp"
#include "broker/journal/bytes.hpp"

namespace switchboard::journal::dedupe {

using schemas::uuid;

struct entry {
  uuid id;
  std::uint64_t fingerprint = 0;
};
static_assert(sizeof(entry) == 24);

std::uint64_t hash(const uuid&) noexcept;
struct hasher {
  std::size_t operator()(const uuid& id) const noexcept { return hash(id); }
};
using table = boost::unordered_flat_map<uuid, std::uint64_t, hasher>;

using day_number = std::int64_t;  // days since 1970, UTC
day_number day_of(std::int64_t recorded_at_ms);

// A split block Bloom filter: one cache line half a look-up. Empty: everything may be there.
class filter {
 public:
  filter() = default;
  filter(std::uint64_t keys, std::size_t bytes_at_most);
  void insert(std::uint64_t hash);
  bool may_contain(std::uint64_t hash) const;
  std::size_t bytes() const { return blocks_.size() * sizeof(block); }

 private:
  using block = std::array<std::uint32_t, 8>;
  std::vector<block> blocks_;
};

using failure = base::failure;

// One sorted file. Immutable, shared between the journal thread and housekeeping.
class run {
 public:
  static std::expected<std::shared_ptr<const run>, failure> open(base::file_system&, const std::string& directory,
                                                                 const std::string& name, std::size_t filter_bytes);
  std::optional<std::uint64_t> find(const uuid&, std::uint64_t hash) const;
  const std::string& name() const { return name_; }
  day_number day() const { return day_; }
  std::span<const entry> entries() const { return entries_; }
  std::size_t filter_bytes() const { return filter_.bytes(); }

 private:
  std::string name_;
  day_number day_ = 0;
  std::unique_ptr<base::mapping> mapping_;
  std::span<const entry> entries_;
  filter filter_;
};
using runs = std::vector<std::shared_ptr<const run>>;

// Writes a run, synced; the directory is not. Entries come in ascending order of id, `count` of them.
class run_writer {
 public:
  run_writer(base::file_system&, std::string path, day_number);
  std::optional<failure> add(const entry&);
  std::optional<failure> finish();

 private:
  std::optional<failure> flush();
  std::string path_;
  day_number day_;
  std::unique_ptr<base::file> file_;
  std::error_code opening_;
  std::string buffer_;
  std::uint64_t at_ = 0, count_ = 0;
  std::uint32_t crc_ = 0;
};

// What a freeze left behind, until its run is written.
struct frozen {
  std::shared_ptr<const table> entries;  // may be empty
  day_number day = 0;
};

// Writes what is frozen, merges where that pays, makes files and directory durable. Returns all runs that are live
// then. `next_run` numbers new files and is moved on.
std::expected<runs, failure> spill(base::file_system&, const std::string& directory, const frozen&, const runs& before,
                                   std::size_t filter_budget, std::uint64_t& next_run);

// Owned by the journal thread.
class index {
 public:
  explicit index(std::size_t memory);

  std::optional<std::uint64_t> find(const uuid&) const;
  void insert(const uuid&, std::uint64_t fingerprint,
              day_number day);  // of the group that is being made; never goes back

  // The open table has its share of memory, or its day is over.
  bool wants_freeze(day_number now) const {
    return active_->size() >= table_limit_ || (!active_->empty() && day_ < now);
  }
  // The open table has twice its share: nothing more may be inserted before it was frozen.
  bool full() const { return active_->size() >= 2 * table_limit_; }
  bool freezing() const { return frozen_.entries != nullptr; }
  frozen freeze();                 // only when !freezing()
  void adopt(runs);                // the frozen table is in them
  void expire(day_number oldest);  // drops runs of days before

  const runs& live_runs() const { return runs_; }
  std::size_t filter_budget() const { return filter_budget_; }
  std::uint64_t entries() const;
  std::uint64_t bytes() const;  // of memory

 private:
  std::size_t table_limit_, filter_budget_;
  std::unique_ptr<table> active_;
  day_number day_ = 0, oldest_ = 0;
  frozen frozen_;
  runs runs_;  // newest first
};

}  // namespace switchboard::journal::dedupe
