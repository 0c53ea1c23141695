// The journal as it runs: a queue that any thread fills and one thread that empties it, group by group.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "broker/journal/assembler.hpp"
#include "broker/journal/background.hpp"
#include "broker/journal/backlog_age.hpp"
#include "broker/journal/clock_guard.hpp"
#include "broker/journal/cursor.hpp"
#include "broker/journal/recovery.hpp"
#include "broker/journal/segments.hpp"

namespace switchboard::journal {

class writer final : public journal {
  static constexpr std::chrono::seconds idle_turn{1};

 public:
  static std::expected<std::unique_ptr<journal>, std::string> open(base::file_system&, base::clock&, settings, probe&,
                                                                   environment);
  ~writer() override;

  std::expected<void, submit_error> submit(unit, completion, bool reserved) override;
  bool writable(bool reserved) const override;
  const uuid& id() const override { return recovered_.identity.id; }
  std::unique_ptr<cursor> read_after(std::uint64_t number) override;
  int wake_fd() const override { return wake_fd_; }
  void delivered(std::uint64_t number) override;
  void published(std::uint64_t number) override;
  std::optional<std::string> state(std::string_view space, std::string_view key) const override {
    return books_.state(space, key);
  }
  usage current_usage() const override;
  timestamp last_recorded() const override { return timestamp(std::chrono::milliseconds(last_recorded_.load())); }
  timestamp time() const override;
  ledger current_ledger() const override { return books_.current(); }
  bool healthy() const override;
  void stop() override;

 private:
  writer(base::file_system&, base::clock&, settings, probe&, environment);
  std::expected<void, std::string> resume();
  void start();

  // --- any thread ---
  std::uint64_t threshold(bool reserved) const;
  std::optional<timestamp> clock_now();  // under mutex_

  void poke();

  // --- the journal thread ---
  void run();
  void turn();
  bool wait_for_work();  // false: stop
  void gather(std::unique_lock<std::mutex>&);
  void handle_background();
  void commit_groups();
  bool assemble();
  bool make_room(std::uint64_t bytes);
  void write_group();
  void complete_group();
  void acknowledge_published();
  void make_durable();
  void snapshot_when_due();
  void start_snapshot();
  void run_snapshot();
  void snapshot_done(std::expected<dedupe::runs, dedupe::failure>);
  [[noreturn]] void fail(std::string_view reason);
  void prepare_spare_when_due();
  void in_background(
      std::move_only_function<std::move_only_function<void()>()> job);  // what it returns runs here afterwards
  void wait_until_over(const bool& running);
  void beat() { beat_ = std::chrono::steady_clock::now().time_since_epoch().count(); }
  void finish();
  void publish_numbers();

  base::file_system& fs_;
  settings settings_;
  format::paths paths_;
  probe& probe_;
  environment environment_;
  int wake_fd_ = -1;

  // Between threads.
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<queued> queue_;                          // mutex_
  std::deque<std::move_only_function<void()>> inbox_;  // mutex_: results of the background, run on the journal thread
  clock_guard clock_guard_;                            // mutex_
  bool stopping_ = false, poked_ = false;              // mutex_
  bool gathering_ = false;                             // mutex_: the journal thread looks by itself
  std::atomic<std::uint64_t> queued_bytes_{0}, free_bytes_{0}, used_bytes_{0};
  std::atomic<std::uint64_t> durable_{0}, delivered_{0}, published_{0};
  std::atomic<std::int64_t> last_recorded_{0}, oldest_unpublished_{-1};
  std::atomic<std::uint64_t> dedupe_entries_{0}, dedupe_bytes_{0};
  std::atomic<bool> jumped_{false}, distrusted_{false}, ended_{false}, closed_{false};
  std::atomic<std::int64_t> beat_{0};

  // The journal thread's.
  sequences sequences_;
  books books_;
  dedupe::index dedupe_;
  recovered recovered_;
  backlog_age ages_;
  std::unique_ptr<segment_store> segments_;
  std::shared_ptr<readable> readable_ = std::make_shared<readable>();
  assembler assembler_;
  std::deque<queued> taken_;
  std::uint64_t group_queued_bytes_ = 0;
  position last_;  // of the last group written
  std::chrono::steady_clock::time_point next_commit_{};
  std::uint64_t durable_group_ = 0;
  std::deque<pending> unacknowledged_;      // waiting for Kafka
  std::unique_ptr<snapshot_job> snapshot_;  // being made, or to be tried again
  bool snapshot_running_ = false, spare_running_ = false;
  std::uint64_t snapshot_group_ = 0, snapshot_rotations_ = 0;
  class retry {  // a coarse interval
   public:
    bool due(std::chrono::milliseconds interval) {
      const auto now = std::chrono::steady_clock::now();
      if (now < at_) return false;
      at_ = now + interval;
      return true;
    }

   private:
    std::chrono::steady_clock::time_point at_{};
  };
  retry snapshot_retry_, space_retry_;

  std::unique_ptr<background> background_;  // ends before what its jobs use
  std::thread thread_;
};

}  // namespace switchboard::journal
