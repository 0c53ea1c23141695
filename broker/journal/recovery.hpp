// Opening a journal's directory: identity, snapshot, segments, and everything the journal remembers.
#pragma once

#include <expected>
#include <memory>
#include <string>

#include "broker/journal/dedupe.hpp"
#include "broker/journal/probe.hpp"
#include "broker/journal/records.hpp"
#include "broker/journal/scan.hpp"
#include "broker/journal/snapshot.hpp"

namespace switchboard::journal {

// What opening found; the journal goes on with it.
struct recovered {
  format::identity identity;  // not clean: what is here may be in the page cache only, while Kafka has it
  scan_result scan;
  position last;  // of the last group
  std::uint64_t snapshot_group = 0;
  std::uint64_t next_run = 1;
  std::unique_ptr<base::file_lock> lock;
};

// `ages`: every (first unit, recordedtime) pair in order, for the age of the backlog.
using age_sink = std::function<void(std::uint64_t unit, std::int64_t recorded_at)>;

std::expected<recovered, std::string> recover(base::file_system&, const format::paths&, const settings&,
                                              const std::string& boot_id, sequences&, books&, dedupe::index&,
                                              const age_sink&);

// What a unit adds to what is remembered, but for its ids.
void replay(const format::decoded_unit&, sequences&, books&);

uuid random_uuid();  // version 4
dedupe::day_number oldest_day(std::int64_t recorded_at_ms, std::chrono::hours window);
std::optional<dedupe::failure> write_identity(base::file_system&, const format::paths&, const format::identity&);

}  // namespace switchboard::journal
