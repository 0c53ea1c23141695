#include "broker/publish/window.hpp"

#include <algorithm>
#include <cassert>
#include <numeric>

namespace switchboard::publish {

window_record& window::at(std::uint64_t serial) {
  assert(serial >= first_ && known(serial));
  return records_[serial - first_];
}

void window::add(const window_record& record) {
  assert(!known(next_));
  records_.push_back(record);
  if (record.topic == no_topic) {
    records_.back().state = record_state::settled;
  } else {
    records_.back().state = record_state::waiting;
    ++unsettled_[record.topic];
  }
}

bool window::admits(std::uint64_t unit, std::size_t bytes) const {
  if (suspects_ != 0) return in_flight_ == 0;
  if (!known(next_) && records_.size() >= max_records_ && records_.back().unit != unit) return false;
  return in_flight_ == 0 || (in_flight_ < max_records_ && in_flight_bytes_ + bytes <= max_bytes_);
}

void window::handed_over(std::chrono::steady_clock::time_point now) {
  auto& record = at(next_);
  record.handed_over = now;
  change(record, record_state::in_flight);
  ++next_;
}

void window::settle(std::uint64_t serial) {
  auto& record = at(serial);
  if (record.verdict == verdict::suspect) {
    record.verdict = verdict::sound;
    --suspects_;
  }
  change(record, record_state::settled);
}

void window::refuse(std::uint64_t serial, std::int32_t error) {
  auto& record = at(serial);
  const bool alone = record.verdict == verdict::suspect && in_flight_ == 1;
  if (record.verdict == verdict::sound) {
    record.verdict = verdict::suspect;
    ++suspects_;
  } else if (alone) {
    record.verdict = verdict::poison;
    --suspects_;
  }
  record.error = error;
  change(record, record_state::waiting);
}

void window::condemn(std::uint64_t serial, std::int32_t error) {
  auto& record = at(serial);
  if (record.verdict == verdict::suspect) --suspects_;
  record.verdict = verdict::poison;
  record.error = error;
}

void window::take_back(std::uint64_t serial, bool may_be_in_kafka) {
  auto& record = at(serial);
  record.may_be_in_kafka |= may_be_in_kafka;
  change(record, record_state::waiting);
}

void window::replay(bool nothing_stands) {
  for (auto& record : records_) {
    if (record.topic == no_topic) continue;
    if (record.state == record_state::in_flight && !nothing_stands) record.may_be_in_kafka = true;
    if (record.state == record_state::in_flight || nothing_stands) change(record, record_state::waiting);
  }
  next_ = first_;
}

void window::settle_through(std::uint64_t unit) {
  std::uint64_t serial = first_;
  for (; known(serial) && at(serial).unit <= unit; ++serial)
    if (at(serial).state != record_state::settled) settle(serial);
  next_ = std::max(next_, serial);
}

std::size_t window::complete_front() const {
  // What a replay has not come to yet stays, settled or not: the cursor will give it again.
  const std::size_t passed = next_ - first_;
  for (std::size_t i = 0; i < passed && records_[i].state == record_state::settled; ++i)
    if (records_[i].last_of_unit) return i + 1;
  return 0;
}

std::size_t window::unsettled_total() const { return std::reduce(unsettled_.begin(), unsettled_.end()); }

void window::change(window_record& record, record_state to) {
  if (record.state == to) return;
  if (record.state == record_state::in_flight) {
    --in_flight_;
    in_flight_bytes_ -= record.bytes;
  }
  if (record.state == record_state::settled) ++unsettled_[record.topic];
  if (to == record_state::in_flight) {
    ++in_flight_;
    in_flight_bytes_ += record.bytes;
  }
  if (to == record_state::settled) --unsettled_[record.topic];
  record.state = to;
}

}  // namespace switchboard::publish
