// The segment files while the journal is open: which are live, which may be used again, and the one that is written.
#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include "broker/journal/format.hpp"
#include "broker/journal/probe.hpp"
#include "broker/journal/scan.hpp"

namespace switchboard::journal {

// Thrown after environment::fatal returned, which it does in tests only: unwinds to the thread's main function.
struct process_ended {};

// What readers may see. The journal thread writes it, cursors read it.
struct readable {
  struct segment {
    std::uint64_t number = 0, first_group = 0, first_unit = 0;
  };
  mutable std::mutex mutex;
  std::vector<segment> segments;  // live, ascending
  std::uint64_t end_offset = 0;   // of what may be read in the last one
  std::atomic<std::uint64_t> group{0}, unit{0}, appended{0};
  std::atomic<bool> wake_wanted{true};  // a cursor found nothing more
};

// Owned by the journal thread.
class segment_store {
 public:
  segment_store(base::file_system&, const format::paths&, const settings&, std::uint64_t salt, const uuid& id, probe&,
                const std::function<void(std::string_view)>& fatal);

  // Goes on where recovery ended.
  void resume(const scan_result&);

  bool fits(std::uint64_t bytes) const { return !live_.empty() && offset_ + bytes <= settings_.segment_bytes; }
  std::uint64_t room() const { return settings_.segment_bytes - offset_; }  // in the segment that is written
  struct next_group {
    std::uint64_t number = 0, unit = 0;
    std::uint32_t chain = 0;
  };
  // Room for `bytes` in the segment that is written, after beginning another one if need be; false: not now (full, or
  // no space, no descriptor). The one before is synced.
  bool make_room(std::uint64_t bytes, const next_group&);
  // The next segment lies there and could not be opened. Nobody may be waiting for it any more: try it again.
  bool stuck() const { return stuck_; }
  void try_again(const next_group& next) { begin_segment(next); }
  void append(std::string_view group);  // a whole group, there is room
  void sync();
  bool synced() const { return synced_; }
  std::uint64_t epoch() const { return format::epoch_of(salt_, current().number); }

  void note(std::uint64_t group, std::uint64_t last_unit);  // what append() wrote
  // Segments whose groups and units are covered may be used again.
  bool release(std::uint64_t published_unit, std::uint64_t snapshot_group);  // whether there were any
  void publish_segments(readable&) const;

  std::uint64_t offset() const { return offset_; }
  std::uint64_t rotations() const { return rotations_; }
  std::uint64_t used_bytes() const;  // live
  std::uint64_t free_bytes() const;  // that can still be written, as far as is known
  const std::deque<segment_info>& live() const { return live_; }

  // The next segment is prepared in the background: wanted when none is at hand and the current one is half full.
  bool wants_spare() const;
  static base::io_result<> prepare_spare(base::file_system&, const format::paths&, std::uint64_t bytes);
  void spare_ready() {
    spare_ = true;
    no_space_ = false;
  }
  void spare_failed(std::error_code);
  bool no_space() const { return no_space_ || stuck_; }

 private:
  const segment_info& current() const { return live_.back(); }
  bool begin_segment(const next_group&);
  base::io_result<> place_file(std::uint64_t number);
  [[noreturn]] void fail(const std::string& what, std::error_code) const;
  std::uint64_t files() const { return live_.size() + free_.size() + (spare_ || placed_ ? 1 : 0); }
  std::uint64_t files_at_most() const;

  base::file_system& fs_;
  const format::paths& paths_;
  const settings& settings_;
  std::uint64_t salt_;
  const uuid& id_;
  probe& probe_;
  const std::function<void(std::string_view)>& fatal_;

  std::deque<segment_info> live_;   // ascending; the last one is written
  std::deque<std::uint64_t> free_;  // numbers under which files stand that may be used again
  std::unique_ptr<base::file> file_;
  std::uint64_t offset_ = 0;
  std::uint64_t rotations_ = 0;
  bool synced_ = true, spare_ = false, no_space_ = false;
  bool placed_ = false;  // the next segment's file has its name already
  bool stuck_ = false;
};

}  // namespace switchboard::journal
