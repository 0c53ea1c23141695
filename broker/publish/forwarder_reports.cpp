// What happened to what was handed over, and how far that moves the checkpoint.
#include <fmt/format.h>

#include <algorithm>

#include "broker/observe/log.hpp"
#include "broker/publish/forwarder_thread.hpp"

namespace switchboard::publish {
namespace {

// Which of two troubles tells more.
int weight(error_class c) {
  switch (c) {
    case error_class::outage:
      return 3;
    case error_class::record:
      return 2;
    case error_class::rebuild:
      return 1;
    default:
      return 0;
  }
}

}  // namespace

forwarder_thread::outcome forwarder_thread::take_reports() {
  trouble worst;
  happenings happened;
  bool more = true;
  while (more) {
    happened.reports.clear();
    happened.errors.clear();
    more = producer_->drain(happened);
    for (const auto& report : happened.reports) take_report(report, worst);
    for (const auto& error : happened.errors) take_error(error, worst);
  }
  if (worst.what == error_class::none) return {};
  if (worst.what == error_class::outage) refused_ = true;
  return worst;
}

void forwarder_thread::take_report(const delivery_report& report, trouble& worst) {
  auto what = classify(report.error);
  const bool ours = report.serial != heartbeat_serial && report.serial != checkpoint_serial;
  std::string_view kafka_topic;
  if (!ours) {
    --side_in_flight_;
    kafka_topic = settings_.topics[control_].kafka;
    if (report.serial == checkpoint_serial) kafka_topic = "switchboard.checkpoint";
    if (what == error_class::record) what = error_class::outage;  // it is made by us alone
    if (what == error_class::none && report.serial == heartbeat_serial && !exactly_once_) end_outage();
  } else {
    const auto& record = window_.at(report.serial);
    const bool dead_letter = record.verdict == verdict::poison;
    kafka_topic = settings_.topics[dead_letter ? dead_letter_ : record.topic].kafka;
    if (what == error_class::record && dead_letter) what = error_class::outage;
    if (what == error_class::none)
      settled(report.serial);
    else if (what == error_class::record)
      window_.refuse(report.serial, report.error);
    else
      window_.take_back(report.serial, report.may_be_in_kafka);
  }
  if (what == error_class::none || what == error_class::purged) return;
  probe_.error(what);
  if (weight(what) > weight(worst.what))
    worst = {what, what == error_class::record
                       ? fmt::format("{} refuses a record: {}", kafka_topic, rd_kafka_err2name(report.error))
                       : advice(report.error, kafka_topic, rd_kafka_err2str(report.error))};
}

void forwarder_thread::settled(std::uint64_t serial) {
  const auto record = window_.at(serial);
  const auto& logical = settings_.topics[record.topic].logical;
  if (record.verdict == verdict::poison) {
    ++dead_[record.topic];
    probe_.dead_lettered(logical);
  } else {
    ++delivered_[record.topic];
    probe_.delivered(logical, now() - record.handed_over, clock_.wall() - record.recorded_at);
  }
  window_.settle(serial);
  if (exactly_once_) return;  // nothing stands before the commit
  failures_ = 0;
  end_outage();
}

void forwarder_thread::take_error(const client_error& error, trouble& worst) {
  std::string text;
  if (const auto fatal = producer_->fatal_error(text); fatal != RD_KAFKA_RESP_ERR_NO_ERROR) {
    if (weight(worst.what) == 0) worst = {error_class::rebuild, advice(fatal, "", text)};
    return;
  }
  switch (error.code) {
    case RD_KAFKA_RESP_ERR__TRANSPORT:
      unreachable_ = error.text;
      break;
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN: {
      const std::lock_guard lock(shown_mutex_);
      if (shown_.state == state::outage) break;  // a reason that tells more stands already
      [[fallthrough]];
    }
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
    case RD_KAFKA_RESP_ERR__SSL:
    case RD_KAFKA_RESP_ERR__RESOLVE:
      // The library goes on trying by itself; a heartbeat in its queue will tell when it is over.
      set_outage(advice(error.code, "", error.code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN ? unreachable_ : error.text));
      next_beat_ = now();
      break;
    default:
      break;  // what matters comes with a report
  }
}

forwarder_thread::outcome forwarder_thread::advance() {
  if (!exactly_once_) {
    if (auto last = window_.advance([this](const window_record& r) { apply(position_, r); })) {
      position_.unit = *last;
      position_.handed_over = std::max(position_.handed_over, *last);
      unstored_ = true;
      journal_.delivered(position_.unit);
    }
    if (unstored_ && now() - last_store_ >= settings_.checkpoint_write_interval) store_checkpoint();
    tell_journal(false);
  }
  return {};
}

void forwarder_thread::apply(position& p, const window_record& record) const {
  if (record.topic == no_topic) return;
  auto& topic = p.of(settings_.topics[record.topic].logical);
  topic.sequence = record.sequence;
  if (record.verdict != verdict::poison) {
    ++topic.delivered;
    return;
  }
  ++topic.dead_lettered;
  topic.dead_letters.push_back(record.sequence);
  while (topic.dead_letters.size() > topic_position::dead_letters_share(settings_.topics.size()))
    topic.dead_letters.erase(topic.dead_letters.begin());
}

void forwarder_thread::store_checkpoint() {
  unstored_ = false;
  if (!file_) return;
  last_store_ = now();
  if (auto stored = file_->store(position_); !stored)
    end_process(fmt::format("the checkpoint could not be written: {}", stored.error().message()));
}

void forwarder_thread::tell_journal(bool at_once) {
  if (position_.unit == told_journal_ || dead_end_) return;
  if (file_ && !exactly_once_) {
    if (!at_once && now() - last_sync_ < settings_.checkpoint_interval) return;
    if (unstored_) store_checkpoint();
    if (auto synced = file_->sync(); !synced) {
      end_process(fmt::format("the checkpoint could not be synced: {}", synced.error().message()));
      return;
    }
    last_sync_ = now();
  }
  journal_.published(position_.unit);
  told_journal_ = position_.unit;
}

void forwarder_thread::end_process(const std::string& reason) {
  dead_end_ = true;
  environment_.fatal(reason);
}

void forwarder_thread::set_outage(std::string reason) {
  probe_.outage(true);
  {
    const std::lock_guard lock(shown_mutex_);
    if (shown_.state == state::outage && shown_.reason == reason) return;
    shown_.state = state::outage;
    shown_.reason = reason;
  }
  observe::log(observe::level::error, "Kafka takes no records: they are kept in the journal", {{"reason", reason}});
}

void forwarder_thread::end_outage() {
  refused_ = false;
  bool was = false;
  {
    const std::lock_guard lock(shown_mutex_);
    was = shown_.state == state::outage;
    if (shown_.state == state::running) return;
    shown_.state = state::running;
    shown_.reason.clear();
  }
  probe_.outage(false);
  if (was) observe::log(observe::level::info, "Kafka takes records again");
}

}  // namespace switchboard::publish
