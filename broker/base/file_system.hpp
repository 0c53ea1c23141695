// Every file operation of the journal, the blob store and the checkpoints goes through this interface, so that tests
// can run them on a disk that forgets what was not synced, tears writes and fails any call
// (tests/support/fake_file_system.hpp).
//
// Errors are std::error_code. A failed sync is never retried by a caller: the process ends (`sync_failed`).
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace switchboard::base {

// Every place in the code that syncs has a name of its own, so that a test can make the disk ignore exactly one of them
// and see the suite fail. Add one when you add a call.
enum class sync_site : std::uint8_t {
  group_commit,
  segment_directory,
  snapshot_file,
  snapshot_directory,
  dedupe_slice,
  dedupe_directory,
  blob_file,
  blob_directory,
  checkpoint_file,
  checkpoint_directory,
  identity_file,
  identity_directory,
};
inline constexpr std::size_t sync_site_count = 12;
std::string_view to_string(sync_site) noexcept;

template <class T = void>
using io_result = std::expected<T, std::error_code>;

// The process or the machine has no file descriptor left. A sync_directory() that says so has not been tried.
bool lacks_descriptors(std::error_code) noexcept;
// The call lacked something that comes back by itself or when somebody frees it: space, quota, descriptors, memory.
// Of a file's sync that is no excuse: what it should have kept may be lost.
bool lacks_resources(std::error_code) noexcept;

// An open file. Owned by one thread at a time. Closes itself.
class file {
 public:
  virtual ~file() = default;
  // Reads until `out` is full or the file ends; returns the bytes read.
  virtual io_result<std::size_t> read_at(std::uint64_t offset, std::span<std::byte> out) const = 0;
  // Writes all of `data` or fails.
  virtual io_result<> write_at(std::uint64_t offset, std::span<const std::byte> data) = 0;
  virtual io_result<> resize(std::uint64_t bytes) = 0;
  virtual io_result<std::uint64_t> size() const = 0;
  virtual io_result<> sync_data(sync_site) = 0;  // fdatasync
  // Makes the file `bytes` long, all zeros, and lets the disk have them, so that later writes change no metadata.
  // Promises speed, not durability: whoever needs that syncs.
  virtual io_result<> fill_with_zeros(std::uint64_t bytes) = 0;
};

// A file mapped read-only; the bytes live as long as the object.
class mapping {
 public:
  virtual ~mapping() = default;
  virtual std::span<const std::byte> bytes() const = 0;
};

// An exclusive lock on a file, held while the object lives.
class file_lock {
 public:
  virtual ~file_lock() = default;
};

enum class open_mode : std::uint8_t { read, read_write, create };  // create: must not exist

struct space {
  std::uint64_t free_bytes = 0, total_bytes = 0;
};

// Any thread.
class file_system {
 public:
  virtual ~file_system() = default;
  virtual io_result<std::unique_ptr<file>> open(const std::string& path, open_mode) = 0;
  virtual io_result<std::unique_ptr<mapping>> map(const std::string& path) = 0;
  virtual io_result<> remove(const std::string& path) = 0;  // a file or an empty directory
  virtual io_result<> rename(const std::string& from, const std::string& to) = 0;
  virtual io_result<> link(const std::string& from, const std::string& to) = 0;
  virtual io_result<> create_directories(const std::string& path) = 0;
  virtual io_result<std::vector<std::string>> list(const std::string& directory) = 0;  // names, sorted
  virtual io_result<bool> exists(const std::string& path) = 0;
  virtual io_result<> sync_directory(const std::string& path, sync_site) = 0;
  virtual io_result<space> free_space(const std::string& path) = 0;
  virtual io_result<std::unique_ptr<file_lock>> lock(
      const std::string& path) = 0;  // errc::device_or_resource_busy when held
};

file_system& real_file_system();

}  // namespace switchboard::base
