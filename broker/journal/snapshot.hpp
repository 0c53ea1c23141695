// Snapshots: what the journal remembers, as of one group, so that the segments before it may be recycled.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "broker/journal/dedupe.hpp"
#include "broker/journal/records.hpp"

namespace switchboard::journal {

struct snapshot {
  uuid id;
  position at;
  std::string body;               // sequences, then books, as this program writes them
  std::vector<std::string> runs;  // file names below dedupe/
};

std::string encode(const snapshot&);
std::expected<snapshot, std::string> decode_snapshot(std::string_view);

// The newest one that reads. nullopt: there is none. The error is for a person.
std::expected<std::optional<snapshot>, std::string> load_snapshot(base::file_system&, const format::paths&);

// One round of housekeeping: spill, merge, write the snapshot that names the result, remove what it replaces. Can be
// tried again after a failure. Runs in the background.
class snapshot_job {
 public:
  snapshot_job(base::file_system& fs, const format::paths& paths, snapshot base, dedupe::frozen part,
               dedupe::runs before, std::size_t filter_budget, std::uint64_t& next_run)
      : fs_(fs),
        paths_(paths),
        snapshot_(std::move(base)),
        part_(std::move(part)),
        before_(std::move(before)),
        filter_budget_(filter_budget),
        next_run_(next_run) {}

  std::expected<dedupe::runs, dedupe::failure> operator()();
  const position& at() const { return snapshot_.at; }

 private:
  void remove_obsolete(const dedupe::runs& live);

  base::file_system& fs_;
  const format::paths& paths_;
  snapshot snapshot_;
  dedupe::frozen part_;
  dedupe::runs before_;
  std::size_t filter_budget_;
  std::uint64_t& next_run_;
};

}  // namespace switchboard::journal
