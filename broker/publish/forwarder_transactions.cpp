// Exactly once: records and checkpoint in one transaction.
#include "broker/publish/forwarder_thread.hpp"

namespace switchboard::publish {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds commit_patience{500};  // for reports, before the commit itself is asked what is wrong
constexpr milliseconds commit_retry{100};

}  // namespace

forwarder_thread::outcome forwarder_thread::begin_transaction() {
  if (in_transaction_) return {};
  if (auto error = producer_->begin()) return trouble{error_class::rebuild, advice(error->code, "", error->text)};
  in_transaction_ = true;
  transaction_began_ = now();
  return {};
}

bool forwarder_thread::commit_due() const {
  return in_transaction_ && now() - transaction_began_ >= settings_.commit_interval;
}

forwarder_thread::outcome forwarder_thread::commit() {
  if (!in_transaction_) return {};
  if (!committing_) {
    // Whole units only: half of one behind a checkpoint that excludes it would come twice.
    if (!at_boundary() || !(commit_due() || blocked_ || stopping())) return {};
    return send_checkpoint();
  }
  const bool all_reported = window_.in_flight() == 0 && side_in_flight_ == 0;
  if (!all_reported && now() < next_commit_try_) return {};
  auto error = producer_->commit(all_reported ? milliseconds(2000) : milliseconds(20));
  if (!error) {
    committed();
    return {};
  }
  next_commit_try_ = now() + commit_retry;
  if (error->retriable) return {};
  auto what = classify(error->code);
  if (what == error_class::none) what = error_class::rebuild;
  probe_.error(what);
  if (what == error_class::outage) refused_ = true;
  return trouble{what, advice(error->code, "", error->text)};
}

forwarder_thread::outcome forwarder_thread::send_checkpoint() {
  position reached = position_;
  bool whole = true;
  window_.each([&](const window_record& r) {
    if (r.state == record_state::waiting) whole = false;
    if (!whole) return;
    apply(reached, r);
    if (r.last_of_unit) reached.unit = r.unit;
  });
  reached.handed_over = reached.unit;
  const auto json = to_json(reached);
  record r{position_.journal, json, journal_.time().time_since_epoch().count(), {}};
  const auto code = producer_->produce(settings_.topics.size(), r, checkpoint_serial);
  if (code == RD_KAFKA_RESP_ERR__QUEUE_FULL) {
    blocked_ = true;
    next_commit_try_ = now() + commit_retry;
    return {};
  }
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
    return trouble{classify(code) == error_class::rebuild ? error_class::rebuild : error_class::outage,
                   advice(code, checkpoint_topic_name(journal_.id()), rd_kafka_err2str(code))};
  ++side_in_flight_;
  committing_ = true;
  next_commit_try_ = now() + commit_patience;
  return {};
}

void forwarder_thread::committed() {
  in_transaction_ = committing_ = drained_ = blocked_ = false;
  if (auto last = window_.advance([this](const window_record& r) { apply(position_, r); })) position_.unit = *last;
  position_.handed_over = position_.unit;
  probe_.committed();
  failures_ = 0;
  end_outage();
  store_checkpoint();  // so that a change to idempotent delivery finds its place
  tell_journal(false);
}

// A commit whose answer was lost, or a predecessor's: what the checkpoint covers stands in Kafka.
void forwarder_thread::adopt(const position& committed) {
  window_.settle_through(committed.unit);
  window_.advance([](const window_record&) {});
  window_.replay(true);
  position_ = committed;
  last_handed_over_ = committed.unit;
  count_from_position();
  tell_journal(true);
}

void forwarder_thread::count_from_position() {
  for (std::size_t i = 0; i < settings_.topics.size(); ++i) {
    const auto& topic = position_.of(settings_.topics[i].logical);
    read_[i] = std::max(read_[i], topic.sequence);
    delivered_[i] = topic.delivered;
    dead_[i] = topic.dead_lettered;
  }
}

}  // namespace switchboard::publish
