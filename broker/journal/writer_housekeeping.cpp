// What the journal thread has done in the background, and what comes of it: snapshots, and the next segment.
#include "broker/journal/writer.hpp"
#include "broker/observe/log.hpp"

namespace switchboard::journal {

void writer::in_background(std::move_only_function<std::move_only_function<void()>()> job) {
  environment_.background([this, job = std::move(job)]() mutable {
    auto then = job();
    // Under the lock: once the journal thread has seen it, nothing here may be touched any more.
    const std::lock_guard lock(mutex_);
    inbox_.push_back(std::move(then));
    wake_.notify_one();
  });
}

void writer::handle_background() {
  std::deque<std::move_only_function<void()>> results;
  {
    const std::lock_guard lock(mutex_);
    results.swap(inbox_);
  }
  for (auto& result : results) result();
}

void writer::wait_until_over(const bool& running) {
  while (running) {
    {
      std::unique_lock lock(mutex_);
      wake_.wait_for(lock, idle_turn, [&] { return !inbox_.empty(); });
      beat();
    }
    handle_background();
  }
}

void writer::snapshot_when_due() {
  if (snapshot_) {
    if (!snapshot_running_ && snapshot_retry_.due(environment_.retry_interval)) run_snapshot();
    return;
  }
  const bool rotated = segments_->rotations() != snapshot_rotations_;
  if ((rotated || dedupe_.wants_freeze(dedupe::day_of(last_.recorded_at))) && last_.group > snapshot_group_)
    start_snapshot();
}

void writer::start_snapshot() {
  make_durable();
  snapshot value{.id = recovered_.identity.id, .at = last_, .body = {}, .runs = {}};
  byte_writer out(value.body);
  encode(out, sequences_);
  books_.encode(out);
  snapshot_rotations_ = segments_->rotations();
  auto part = dedupe_.freeze();
  snapshot_ = std::make_unique<snapshot_job>(fs_, paths_, std::move(value), std::move(part), dedupe_.live_runs(),
                                             dedupe_.filter_budget(), recovered_.next_run);
  run_snapshot();
}

void writer::run_snapshot() {
  snapshot_running_ = true;
  in_background([this] { return [this, result = (*snapshot_)()]() mutable { snapshot_done(std::move(result)); }; });
}

void writer::snapshot_done(std::expected<dedupe::runs, dedupe::failure> result) {
  snapshot_running_ = false;
  if (!result) {
    if (result.error().sync) fail(result.error().message);
    probe_.snapshot_failures.Increment();
    snapshot_retry_.due(environment_.retry_interval);
    observe::log(observe::level::warning, "a snapshot failed and will be tried again",
                 {{"reason", result.error().message}});
    return;
  }
  probe_.snapshots.Increment();
  snapshot_group_ = snapshot_->at().group;
  snapshot_.reset();
  dedupe_.adopt(std::move(*result));
  acknowledge_published();
}

void writer::prepare_spare_when_due() {
  if (spare_running_ || !segments_->wants_spare()) return;
  if (segments_->no_space() && !space_retry_.due(environment_.retry_interval)) return;
  spare_running_ = true;
  in_background([this]() -> std::move_only_function<void()> {
    auto made = segment_store::prepare_spare(fs_, paths_, settings_.segment_bytes);
    return [this, made] {
      spare_running_ = false;
      if (made)
        segments_->spare_ready();
      else
        segments_->spare_failed(made.error());
      publish_numbers();
    };
  });
}

}  // namespace switchboard::journal
