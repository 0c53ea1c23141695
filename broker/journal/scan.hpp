// Reads a journal's groups in order and says where they end: at a torn tail, which is what a crash leaves, or at
// damage.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/base/file_system.hpp"
#include "broker/journal/format.hpp"

namespace switchboard::journal {

// A group whose checksums held. `units` are its units with their frames; views live until the next read.
struct group_view {
  format::group_header header;
  std::uint64_t offset = 0;
  std::string_view units;
};

// The next unit of `units`, without its frame; nullopt at the end.
std::optional<std::string_view> take_unit(std::string_view& units);

// Reads groups of one segment. Owned by one thread; the file outlives it.
class group_reader {
 public:
  group_reader(const base::file&, std::uint64_t epoch, std::uint64_t offset, std::size_t chunk_bytes);

  // The group at the offset, if it is whole, has this number and follows the group with this chain; the offset moves
  // behind it.
  base::io_result<std::optional<group_view>> next(std::uint64_t number, std::uint32_t chain);
  std::uint64_t offset() const { return offset_; }
  void set_limit(std::uint64_t end) { limit_ = end; }  // nothing behind it is read: it may still change

 private:
  base::io_result<std::span<const std::byte>> window(std::uint64_t offset, std::size_t bytes);

  const base::file& file_;
  format::checksum sum_;
  std::uint64_t offset_;
  std::size_t chunk_;
  std::vector<std::byte> buffer_;
  std::uint64_t limit_ = UINT64_MAX, buffer_at_ = 0;
  std::size_t buffered_ = 0;
};

struct segment_info {
  std::uint64_t number = 0, first_group = 0, first_unit = 0;
  std::uint64_t last_unit = 0;  // 0: none yet
  std::uint64_t last_group = 0;
};

struct damage {
  std::string file;
  std::uint64_t segment = 0, offset = 0, group = 0, unit = 0;  // what should stand there
  std::uint32_t chain = 0;
  std::string reason;
  std::string proof;  // which later bytes show that it was durable once
  struct place {
    std::uint64_t segment = 0, offset = 0, group = 0, unit = 0;
    std::uint32_t chain = 0;
  };
  place next;  // the first whole group behind it; segment 0: none
};

// Where a scan begins and what the segments must connect to.
struct scan_start {
  std::uint64_t salt = 0;
  std::uint64_t group = 0, unit = 0;  // the snapshot's position: everything behind it must be there
  std::uint32_t chain = 0;
  bool snapshot = false;
};

struct scan_result {
  std::vector<segment_info> segments;  // with a valid header, in order; the last one is where writing goes on
  std::vector<std::uint64_t> blank;    // numbers of the prepared files behind them
  std::uint64_t end_offset = 0;        // in the last segment
  std::uint64_t last_group = 0, last_unit = 0;
  std::uint32_t chain = 0;
  std::int64_t last_recorded = 0;
  std::uint64_t bytes_read = 0;
  std::optional<damage> found;
};

// `on_group` sees every whole group in order. The error is for a person: something could not be read at all.
std::expected<scan_result, std::string> scan(
    base::file_system&, const format::paths&, const scan_start&,
    const std::function<void(const segment_info&, const group_view&)>& on_group);
std::string describe(const damage&, const std::string& directory);

}  // namespace switchboard::journal
