// A disk in memory that behaves as badly as disks do: it forgets any part of what was not synced, fails any call, and
// can be told to ignore the syncs of one place in the code.
//
// Model: a file has sectors of 512 bytes; those written since the last sync may each survive a crash or not, and so may
// a change of length. A directory has entries; those made, replaced or removed since its last sync may each survive or
// not. What was synced survives. Any thread; files outlive neither the object nor a crash.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "broker/base/file_system.hpp"

namespace switchboard::support {

class fake_file_system final : public base::file_system {
 public:
  // --- faults ---
  // Calls that change something are counted from 1. After number `n` was done the power is cut: every later call fails.
  void cut_power_after(std::uint64_t n) { set(cut_after_, n); }
  // Call number `n` fails and does nothing; a sync that fails loses what it should have kept, as Linux does.
  void fail_call(std::uint64_t n, std::errc error) {
    const std::lock_guard lock(mutex_);
    fail_at_ = n;
    fail_with_ = error;
  }
  void ignore(std::optional<base::sync_site> site) { set(ignored_, site); }
  // Syncs of this place report success and happen only with the next call that changes something: as if the caller did
  // not wait.
  void defer(std::optional<base::sync_site> site) { set(deferred_site_, site); }
  // Writes past this many bytes in all files get no_space_on_device.
  void set_capacity(std::uint64_t bytes) { set(capacity_, bytes); }
  // Fails calls on which it returns an error. Called with the lock held.
  using hook = std::function<std::optional<std::errc>(std::string_view call, const std::string& path)>;
  void set_hook(hook h) { set(hook_, std::move(h)); }

  // What is on the disk after the power was cut: for everything unsynced `keep` decides. Locks are gone, power is back,
  // faults off.
  void crash(const std::function<bool()>& keep);
  void crash(std::uint32_t seed);  // keeps each part with a probability that the seed chooses, none and all included
  // The process died, the machine did not: nothing is lost, locks are gone.
  void end_process();

  std::uint64_t calls() const { return get(calls_); }
  bool power_is_cut() const { return get(cut_); }
  std::array<std::uint64_t, base::sync_site_count> syncs() const { return get(syncs_); }  // per site
  void flip_bit(const std::string& path, std::uint64_t offset);                           // damage
  std::vector<std::byte> content(const std::string& path) const;
  void put_file(const std::string& path, std::vector<std::byte> bytes);  // durable, as if it had always been there

  // Everything as it is, to come back to; only while no file is open.
  using image = std::shared_ptr<const void>;
  image snapshot_of_everything() const;
  void restore_everything(const image&);

  // --- base::file_system ---
  base::io_result<std::unique_ptr<base::file>> open(const std::string& path, base::open_mode) override;
  base::io_result<std::unique_ptr<base::mapping>> map(const std::string& path) override;
  base::io_result<> remove(const std::string& path) override;
  base::io_result<> rename(const std::string& from, const std::string& to) override;
  base::io_result<> link(const std::string& from, const std::string& to) override;
  base::io_result<> create_directories(const std::string& path) override;
  base::io_result<std::vector<std::string>> list(const std::string& directory) override;
  base::io_result<bool> exists(const std::string& path) override;
  base::io_result<> sync_directory(const std::string& path, base::sync_site) override;
  base::io_result<base::space> free_space(const std::string& path) override;
  base::io_result<std::unique_ptr<base::file_lock>> lock(const std::string& path) override;

 private:
  friend class fake_file;
  friend class fake_lock;

  static constexpr std::uint64_t sector = 512;
  struct node {
    bool is_directory = false;
    // file
    std::vector<std::byte> now, durable;
    std::set<std::uint64_t> dirty;  // sectors
    // directory
    std::map<std::string, std::shared_ptr<node>> entries, durable_entries;
    struct change {
      std::vector<std::pair<std::string, std::shared_ptr<node>>> entries;
    };  // one operation; null: removed
    std::vector<change> changes;
  };
  using node_ptr = std::shared_ptr<node>;

  template <class T>
  void set(T& member, T value) {
    const std::lock_guard lock(mutex_);
    member = std::move(value);
  }
  template <class T>
  T get(const T& member) const {
    const std::lock_guard lock(mutex_);
    return member;
  }
  base::io_result<> begin(std::string_view call, const std::string& path, bool changes);  // counts, fails
  void done();                                                                            // cuts the power
  node_ptr find(const std::string& path) const;
  std::pair<node_ptr, std::string> parent_of(const std::string& path) const;
  void change(const node_ptr& directory, std::vector<std::pair<std::string, node_ptr>> entries);
  void settle(const node_ptr&, const std::function<bool()>& keep);
  std::uint64_t used() const;
  static node_ptr copy(const node&, std::map<const node*, node_ptr>& seen);
  static void sync(node&);
  static void write(node&, std::uint64_t offset, std::span<const std::byte>);
  static void resize(node&, std::uint64_t bytes);

  mutable std::recursive_mutex mutex_;
  node_ptr root_ = [] {
    auto n = std::make_shared<node>();
    n->is_directory = true;
    return n;
  }();
  std::set<std::string> locked_;
  std::uint64_t generation_ = 0;  // grows with each crash: older files and locks are void
  std::uint64_t calls_ = 0, cut_after_ = 0, fail_at_ = 0, capacity_ = UINT64_MAX;
  std::errc fail_with_ = std::errc::io_error;
  bool cut_ = false;
  std::optional<base::sync_site> ignored_, deferred_site_;
  node_ptr deferred_;
  std::array<std::uint64_t, base::sync_site_count> syncs_{};
  hook hook_;
};

}  // namespace switchboard::support
