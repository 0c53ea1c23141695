// What is in Kafka's hands, record by record, and how far everything before it has arrived. Pure, one thread.
//
// Records get consecutive serial numbers as they are added; a serial is the opaque of a delivery report. Whole units
// leave at the front, and only when each of their records is settled: that is the one way in which the checkpoint
// moves.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "schemas/event.hpp"

namespace switchboard::publish {

enum class record_state : std::uint8_t { waiting, in_flight, settled };
enum class verdict : std::uint8_t { sound, suspect, poison };  // suspect: refused in company; poison: refused alone

struct window_record {
  std::uint64_t unit = 0;      // its number
  std::uint64_t sequence = 0;  // sbseq
  schemas::timestamp recorded_at{};
  std::chrono::steady_clock::time_point handed_over{};
  std::uint32_t bytes = 0;
  std::uint16_t topic = 0;  // index into the settings' topics; no_topic: a unit without records
  record_state state = record_state::waiting;
  publish::verdict verdict = verdict::sound;
  bool may_be_in_kafka = false;  // was handed over before, with an outcome we do not know
  bool last_of_unit = false;
  std::int32_t error = 0;  // why it is suspect or poison
};
inline constexpr std::uint16_t no_topic = 0xffff;

class window {
 public:
  window(std::size_t topics, std::size_t max_records, std::size_t max_bytes)
      : max_records_(max_records), max_bytes_(max_bytes), unsettled_(topics) {}

  // --- handing over ---
  // The journal's records in order, each either new or, after replay(), known.
  std::uint64_t next_serial() const { return next_; }
  bool known(std::uint64_t serial) const { return serial < first_ + records_.size(); }
  window_record& at(std::uint64_t serial);
  void add(const window_record&);  // gets next_serial(), waiting; a unit without records is settled at once
  // May this unit's next record be handed over now? A unit that was begun may overshoot the number of records. While
  // there are suspects, only when nothing else is in flight.
  bool admits(std::uint64_t unit, std::size_t bytes) const;
  bool full() const { return records_.size() >= max_records_; }
  void handed_over(std::chrono::steady_clock::time_point now);  // next_serial() was
  void pass() { ++next_; }                                      // next_serial() needs no handing over: it is settled

  // --- what became of them ---
  void settle(std::uint64_t serial);                       // delivered, or its dead letter was
  void refuse(std::uint64_t serial, std::int32_t error);   // for the record's own sake: suspect, or poison when alone
  void condemn(std::uint64_t serial, std::int32_t error);  // poison beyond doubt: refused before it was sent
  void take_back(std::uint64_t serial, bool may_be_in_kafka);  // not delivered, for another reason
  // Calls done(record) for each record that leaves, in order. Returns the last unit that left, if any did.
  std::optional<std::uint64_t> advance(auto&& done) {
    std::optional<std::uint64_t> last;
    for (std::size_t count = complete_front(); count != 0; count = complete_front()) {
      last = records_.front().unit;
      for (; count != 0; --count, ++first_, records_.pop_front())
        done(static_cast<const window_record&>(records_.front()));
    }
    return last;
  }
  void each(auto&& look) const {
    for (const auto& record : records_) look(record);
  }
  // All over again from the front. What is in flight counts as possibly in Kafka, unless nothing stands: a transaction
  // that was aborted voids even what was settled.
  void replay(bool nothing_stands);
  // Everything up to this unit turned out to be in Kafka: a commit whose answer was lost.
  void settle_through(std::uint64_t unit);

  bool empty() const { return records_.empty(); }
  std::size_t in_flight() const { return in_flight_; }
  std::size_t suspects() const { return suspects_; }
  const std::vector<std::size_t>& unsettled() const { return unsettled_; }  // per topic
  std::size_t unsettled_total() const;

 private:
  std::size_t complete_front() const;  // records of the front unit when all are settled, else 0
  void change(window_record&, record_state);

  std::size_t max_records_, max_bytes_;
  std::deque<window_record> records_;
  std::uint64_t first_ = 1, next_ = 1;  // serials; 0 is never one
  std::size_t in_flight_ = 0, in_flight_bytes_ = 0, suspects_ = 0;
  std::vector<std::size_t> unsettled_;
};

}  // namespace switchboard::publish
