// The forwarder's one thread and all it owns. Internal to publish; forwarder.hpp is the interface.
//
// A turn of the loop: take what happened, move the checkpoint, hand over more, commit if it is time, beat, publish the
// status, wait. Whatever goes wrong ends the session as a `trouble`: what was not sent is taken back, what is in flight
// gets five seconds to be told apart, the producer is thrown away, and the unacknowledged is replayed by the next
// session.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "broker/publish/checkpoint.hpp"
#include "broker/publish/embedded.hpp"
#include "broker/publish/errors.hpp"
#include "broker/publish/forwarder.hpp"
#include "broker/publish/probe.hpp"
#include "broker/publish/producer.hpp"
#include "broker/publish/record.hpp"
#include "broker/publish/session.hpp"
#include "broker/publish/window.hpp"

namespace switchboard::publish {

// Opaques of records that are not the journal's; a window never gives them.
inline constexpr std::uint64_t heartbeat_serial = 0;
inline constexpr std::uint64_t checkpoint_serial = ~std::uint64_t{0};

// An eventfd of our own.
class wake_up {
 public:
  wake_up();
  ~wake_up();
  wake_up(const wake_up&) = delete;
  wake_up& operator=(const wake_up&) = delete;
  int fd() const { return fd_; }
  void set() const;

 private:
  int fd_;
};
void read_empty(int eventfd);

namespace testing {
struct forwarder_access;  // lets a test inject a fatal error into the producer
}

class forwarder_thread final : public forwarder {
 public:
  forwarder_thread(publish::settings, journal::journal&, blobs::store&, base::clock&, probe&, environment,
                   std::optional<checkpoint_file>, std::unique_ptr<embedded_cluster>);
  ~forwarder_thread() override;
  void start() override;
  publish::status current_status() const override;
  std::vector<ledger_topic> current_ledger() const override;
  bool healthy() const override;
  void stop(std::chrono::steady_clock::time_point deadline, bool until_empty) override;

 private:
  friend struct testing::forwarder_access;
  using time_point = std::chrono::steady_clock::time_point;
  // Why a session ended.
  struct trouble {
    error_class what = error_class::none;
    std::string reason;
  };
  using outcome = std::optional<trouble>;

  // --- the life of the thread (forwarder_thread.cpp) ---
  void run();
  outcome connect();
  outcome forward();
  void leave(const trouble&);
  void pause_before_retry(const trouble&);
  bool wait(time_point until, bool for_more);  // true: something happened
  bool gathers() const;
  bool finished();
  bool stopping() const { return stop_requested_.load(std::memory_order_acquire); }
  bool past_deadline() const;
  time_point now() const { return clock_.monotonic(); }

  // --- what happened (forwarder_reports.cpp) ---
  outcome take_reports();
  void take_report(const delivery_report&, trouble&);
  void take_error(const client_error&, trouble&);
  void settled(std::uint64_t serial);
  outcome advance();
  void apply(position&, const window_record&) const;
  void store_checkpoint();
  void end_process(const std::string& reason);
  void tell_journal(bool at_once);
  void set_outage(std::string reason);
  void end_outage();
  void show();  // status and ledger, for other threads

  // --- handing over (forwarder_feed.cpp) ---
  outcome feed();
  outcome next_unit();
  outcome pass_unit();
  outcome put_blobs();
  outcome feed_record();  // sets blocked_ when it cannot now
  outcome hand_over(const journal::stored_message&, std::uint64_t serial);
  void add_record(std::uint16_t topic, std::uint64_t sequence, std::size_t bytes);
  void next_record();
  bool at_boundary() const { return unit_ == nullptr || records_fed_ == 0; }
  void reserve(std::uint64_t unit);
  void release_reserve();
  bool may_beat() const;
  outcome beat();
  std::optional<std::uint16_t> topic_index(std::string_view logical) const;

  // --- transactions (forwarder_transactions.cpp) ---
  outcome begin_transaction();
  bool commit_due() const;
  outcome commit();
  outcome send_checkpoint();
  void committed();
  void adopt(const position& committed);
  void count_from_position();

  const publish::settings settings_;
  journal::journal& journal_;
  blobs::store& blobs_;
  base::clock& clock_;
  probe& probe_;
  const environment environment_;
  const bool exactly_once_;
  const std::uint16_t dead_letter_, control_;  // indices into settings_.topics
  std::unique_ptr<embedded_cluster> embedded_;
  std::vector<property> properties_;
  const wake_up wake_;

  // The session.
  std::unique_ptr<producer> producer_;
  std::unique_ptr<journal::cursor> cursor_;
  const journal::stored_unit* unit_ = nullptr;  // being handed over
  std::size_t message_ = 0, topic_ = 0;         // the next record of it
  std::size_t records_fed_ = 0, records_of_unit_ = 0;
  bool blobs_put_ = false;
  bool drained_ = false;  // the cursor had no more
  bool blocked_ = false;  // the window or the producer is full
  bool in_transaction_ = false, committing_ = false;
  std::size_t side_in_flight_ = 0;  // heartbeats and checkpoint records
  time_point transaction_began_{}, next_commit_try_{};

  // What outlives it.
  window window_;
  record_builder builder_;
  position position_;
  std::optional<checkpoint_file> file_;
  std::uint64_t last_handed_over_ = 0;  // unit
  std::uint64_t resumed_through_ = 0;   // units up to here may have been handed over by an earlier process
  bool reserved_ = false;               // position_.handed_over is ahead of last_handed_over_
  bool first_unit_ = true;
  std::vector<bool> recycled_;  // per topic: what lies between the checkpoint and the first record was recycled
  std::vector<std::uint64_t> read_, delivered_, dead_;  // per topic: last sbseq seen; records, the window's included
  std::uint64_t told_journal_ = 0;
  bool unstored_ = false;  // position_ went on since it was written
  time_point last_sync_{}, last_store_{}, next_beat_{}, next_feed_{};
  int failures_ = 0;         // sessions in a row without progress
  bool refused_ = false;     // the last outage came from a delivery: only a delivery ends it
  bool dead_end_ = false;    // the process has to end
  std::string unreachable_;  // why the last broker could not be reached

  std::atomic<bool> stop_requested_ = false, until_empty_ = false;
  std::atomic<time_point::rep> stop_deadline_{};
  std::atomic<time_point::rep> last_turn_{};
  mutable std::mutex shown_mutex_;  // guards shown_ and shown_topics_
  struct shown_topic {
    std::uint64_t read, delivered, dead, unsettled;
  };
  publish::status shown_;
  std::vector<shown_topic> shown_topics_;
  std::thread thread_;
};

}  // namespace switchboard::publish
