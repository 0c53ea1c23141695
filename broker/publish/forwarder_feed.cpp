// Handing over, in the order of the journal.
#include <fmt/format.h>

#include <algorithm>

#include "broker/observe/log.hpp"
#include "broker/publish/forwarder_thread.hpp"
#include "broker/publish/heartbeat.hpp"

namespace switchboard::publish {
namespace {

constexpr std::size_t headers_estimate = 700;
constexpr std::uint64_t reserved_units = 255;

}  // namespace

forwarder_thread::outcome forwarder_thread::feed() {
  drained_ = blocked_ = false;
  if (committing_) return {};
  const auto before = window_.next_serial();
  while (!blocked_ && !dead_end_) {
    if (unit_ == nullptr) {
      if ((stopping() && !until_empty_) || (exactly_once_ && commit_due())) break;
      if (auto ended = next_unit()) return ended;
      if (drained_) break;
      if (unit_ == nullptr) continue;
    }
    if (auto ended = records_of_unit_ == 0 ? pass_unit() : feed_record()) return ended;
  }
  if (window_.next_serial() != before) next_feed_ = now() + settings_.gathering;
  return {};
}

forwarder_thread::outcome forwarder_thread::next_unit() {
  auto next = cursor_->next();
  if (!next) return trouble{error_class::outage, fmt::format("the journal cannot be read: {}", next.error())};
  unit_ = *next;
  if (unit_ == nullptr) {
    drained_ = true;
    return {};
  }
  if (first_unit_) {
    first_unit_ = false;
    recycled_.assign(recycled_.size(), unit_->number != position_.unit + 1);
  }
  message_ = topic_ = records_fed_ = records_of_unit_ = 0;
  blobs_put_ = false;
  for (const auto& m : unit_->messages) records_of_unit_ += m.topics.size();
  if (records_of_unit_ != 0)
    while (unit_->messages[message_].topics.empty()) ++message_;
  return {};
}

// Only state or dedupe entries: nothing for Kafka, but the checkpoint has to pass it.
forwarder_thread::outcome forwarder_thread::pass_unit() {
  if (!window_.known(window_.next_serial())) {
    if (window_.full())
      if (auto ended = advance()) return ended;
    if (window_.full()) {
      blocked_ = true;
      return {};
    }
    window_.add({.unit = unit_->number, .topic = no_topic, .last_of_unit = true});
  }
  window_.pass();
  unit_ = nullptr;
  return exactly_once_ ? begin_transaction() : outcome{};
}

forwarder_thread::outcome forwarder_thread::feed_record() {
  const auto& message = unit_->messages[message_];
  const auto& [logical, sequence] = message.topics[topic_];
  const auto topic = topic_index(logical);
  if (!topic)
    return trouble{
        error_class::outage,
        fmt::format("the journal holds records for topic {}, which is not in kafka.topics: add it", logical)};
  const auto serial = window_.next_serial();
  const bool known = window_.known(serial);
  if (known && window_.at(serial).state == record_state::settled) {
    window_.pass();
    next_record();
    return {};
  }
  const auto bytes = message.key.size() + message.value.size() + headers_estimate;
  if (!window_.admits(unit_->number, bytes)) {
    blocked_ = true;
    return {};
  }
  if (!blobs_put_)
    if (auto ended = put_blobs()) return ended;
  if (!known) add_record(*topic, sequence, bytes);
  return hand_over(message, serial);
}

void forwarder_thread::add_record(std::uint16_t topic, std::uint64_t sequence, std::size_t bytes) {
  if (recycled_[topic] && sequence > read_[topic]) {
    // The checkpoint was older than the oldest segment: what is gone from the journal had been published.
    const auto gone = sequence - read_[topic] - 1;
    delivered_[topic] += gone;
    position_.of(settings_.topics[topic].logical).delivered += gone;
  }
  recycled_[topic] = false;
  read_[topic] = std::max(read_[topic], sequence);
  window_.add({.unit = unit_->number,
               .sequence = sequence,
               .recorded_at = unit_->recorded_at,
               .bytes = static_cast<std::uint32_t>(bytes),
               .topic = topic,
               .may_be_in_kafka = unit_->number <= resumed_through_,
               .last_of_unit = records_fed_ + 1 == records_of_unit_});
}

forwarder_thread::outcome forwarder_thread::hand_over(const journal::stored_message& message, std::uint64_t serial) {
  if (exactly_once_ && !in_transaction_)
    if (auto ended = begin_transaction()) return ended;
  auto& entry = window_.at(serial);
  const auto& kafka_topic = settings_.topics[entry.topic].kafka;
  const bool poison = entry.verdict == verdict::poison;
  const auto error = static_cast<rd_kafka_resp_err_t>(entry.error);
  const dead_letter_reason reason{kafka_topic, poison ? rd_kafka_err2name(error) : "",
                                  poison ? rd_kafka_err2str(error) : ""};
  auto record = builder_.build(message, unit_->recorded_at, entry.sequence, poison ? &reason : nullptr);
  reserve(unit_->number);
  const auto code = producer_->produce(poison ? dead_letter_ : entry.topic, record, serial);
  if (code == RD_KAFKA_RESP_ERR__QUEUE_FULL) {
    blocked_ = true;
    return {};
  }
  if (code == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE && !poison) {
    // Larger than the most generous topic takes: refused before it was sent, and alone.
    window_.condemn(serial, code);
    return {};
  }
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    const auto what = classify(code) == error_class::rebuild ? error_class::rebuild : error_class::outage;
    probe_.error(what);
    if (what == error_class::outage) refused_ = true;
    return trouble{what,
                   advice(code, poison ? settings_.topics[dead_letter_].kafka : kafka_topic, rd_kafka_err2str(code))};
  }
  if (poison)
    observe::log(
        observe::level::warning, "Kafka refuses this record for itself: it goes to the dead letter",
        {{"event", schemas::to_string(message.id)}, {"topic", kafka_topic}, {"error", rd_kafka_err2name(error)}});
  if (entry.may_be_in_kafka && !exactly_once_) {
    probe_.copies(1);
    const std::lock_guard lock(shown_mutex_);
    ++shown_.copies;
  }
  last_handed_over_ = std::max(last_handed_over_, unit_->number);
  window_.handed_over(now());
  next_record();
  return {};
}

void forwarder_thread::next_record() {
  ++records_fed_;
  ++topic_;
  while (unit_ != nullptr && topic_ == unit_->messages[message_].topics.size()) {
    topic_ = 0;
    if (++message_ == unit_->messages.size()) unit_ = nullptr;
  }
}

forwarder_thread::outcome forwarder_thread::put_blobs() {
  for (const auto& [text, bytes] : unit_->blobs) {
    auto reference = blobs::parse(text);
    if (!reference)
      return trouble{error_class::outage, fmt::format("the journal holds a bad blob reference: {}", reference.error())};
    if (auto put = blobs_.put(*reference, bytes); !put)
      return trouble{error_class::outage, fmt::format("the blob store does not take an attachment: {}", put.error())};
  }
  blobs_put_ = true;
  return {};
}

// Before anything of a unit is handed over the checkpoint file says so: after a SIGKILL the next process knows what may
// stand in Kafka already. Some units ahead at a time, the exact number when no more came for a while.
void forwarder_thread::reserve(std::uint64_t unit) {
  if (!file_ || exactly_once_ || unit <= position_.handed_over) return;
  position_.handed_over = unit + reserved_units;
  reserved_ = true;
  store_checkpoint();
}

void forwarder_thread::release_reserve() {
  if (!reserved_ || unit_ != nullptr || position_.handed_over <= last_handed_over_) return;
  position_.handed_over = last_handed_over_;
  reserved_ = false;
  store_checkpoint();
}

bool forwarder_thread::may_beat() const {
  return side_in_flight_ == 0 && !committing_ && window_.suspects() == 0 && !stopping();
}

forwarder_thread::outcome forwarder_thread::beat() {
  if (!may_beat() || now() < next_beat_) return {};
  next_beat_ = now() + settings_.heartbeat;
  if (exactly_once_ && !in_transaction_)
    if (auto ended = begin_transaction()) return ended;
  const auto time = journal_.time();
  const auto event =
      make_heartbeat(journal_.id(), time, journal_.current_usage().oldest_unpublished, position_, settings_.topics);
  auto record = builder_.build(event, time);
  const auto code = producer_->produce(control_, record, heartbeat_serial);
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
    ++side_in_flight_;
    probe_.heartbeat();
    return {};
  }
  if (code == RD_KAFKA_RESP_ERR__QUEUE_FULL) return {};
  refused_ = true;
  return trouble{classify(code) == error_class::rebuild ? error_class::rebuild : error_class::outage,
                 advice(code, settings_.topics[control_].kafka, rd_kafka_err2str(code))};
}

std::optional<std::uint16_t> forwarder_thread::topic_index(std::string_view logical) const {
  const auto found = std::ranges::find(settings_.topics, logical, &topic::logical);
  if (found == settings_.topics.end()) return {};
  return static_cast<std::uint16_t>(found - settings_.topics.begin());
}

}  // namespace switchboard::publish
