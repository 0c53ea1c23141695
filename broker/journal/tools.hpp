// Looking into a journal that no process has open, and repairing it. All of them take the journal's lock; errors are
// for a person.
//
// Nothing but repair writes. One thread.
#pragma once

#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/base/file_system.hpp"
#include "broker/journal/journal.hpp"

namespace switchboard::journal::tools {

struct segment_summary {
  std::string file;
  std::uint64_t number = 0, bytes = 0;  // bytes: of groups
  std::uint64_t first_group = 0, groups = 0, first_unit = 0, units = 0;
};
struct summary {
  uuid id;
  acknowledge mode = acknowledge::disk;  // of the last run
  bool clean = true;                     // false: mode kafka, and not stopped in order
  std::vector<segment_summary> segments;
  std::uint64_t prepared_segments = 0;
  std::uint64_t last_group = 0, last_unit = 0;
  std::optional<timestamp> last_recorded;
  std::optional<std::uint64_t> snapshot_unit;         // the newest snapshot contains everything up to it
  std::uint64_t dedupe_runs = 0, dedupe_entries = 0;  // in files
  std::uint64_t state_entries = 0, sequence_scopes = 0;
  switchboard::journal::ledger books;             // topics: the last sbseq of each
  std::optional<std::string> damage;  // where, and what shows it; what follows it is not counted above
};
std::expected<summary, std::string> inspect(base::file_system&, const std::string& directory);

// Reads every byte that counts: snapshots, dedupe files, every group, every unit.
struct finding {
  std::string file;
  std::uint64_t offset = 0;
  std::string what;
};
struct verified {
  std::uint64_t groups = 0, units = 0, messages = 0, bytes = 0;
  std::vector<finding> damaged;  // empty: sound
};
std::expected<verified, std::string> verify(base::file_system&, const std::string& directory);

enum class repair_mode : std::uint8_t {
  skip,  // the damaged groups are marked as lost, what is behind them stays
  cut,   // the journal ends before the damage
};
struct repaired {
  bool changed = false;
  std::string file;  // where the damage was
  std::uint64_t offset = 0;
  std::string saved_to;  // the bytes that were overwritten, for whoever can read more in them
  std::uint64_t first_lost_unit = 0, last_lost_unit = 0;  // 0, 0: none; after a cut `last` is the last that can be seen
  std::vector<std::string> notes;                         // what else was dropped: a snapshot, a dedupe file
};
// One damage at a time: repeat until nothing changes. Bytes are copied aside before they are overwritten.
std::expected<repaired, std::string> repair(base::file_system&, const std::string& directory, repair_mode);

// Every unit as one JSON object, without a line end; `sink` returns false to stop.
std::expected<void, std::string> export_units(base::file_system&, const std::string& directory,
                                              const std::function<bool(std::string_view line)>& sink);

}  // namespace switchboard::journal::tools
