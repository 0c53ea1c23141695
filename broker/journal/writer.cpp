#include "broker/journal/writer.hpp"

#include <fmt/format.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cassert>

#include "broker/observe/log.hpp"

namespace switchboard::journal {
namespace {

// Returns what it was.
std::uint64_t raise(std::atomic<std::uint64_t>& to, std::uint64_t number) {
  auto before = to.load();
  while (before < number && !to.compare_exchange_weak(before, number)) {
  }
  return before;
}

}  // namespace

writer::writer(base::file_system& fs, base::clock& clock, settings s, probe& p, environment e)
    : fs_(fs),
      settings_(std::move(s)),
      paths_(settings_.directory),
      probe_(p),
      environment_(std::move(e)),
      clock_guard_(clock),
      sequences_({.scopes = settings_.sequence_scopes, .age = settings_.sequence_age}),
      dedupe_(settings_.dedupe_memory),
      assembler_(sequences_, dedupe_, probe_) {}

std::expected<std::unique_ptr<journal>, std::string> writer::open(base::file_system& fs, base::clock& clock, settings s,
                                                                  probe& p, environment e) {
  std::unique_ptr<writer> self(new writer(fs, clock, std::move(s), p, std::move(e)));
  const auto begun = std::chrono::steady_clock::now();
  auto found = recover(fs, self->paths_, self->settings_, self->environment_.boot_id(), self->sequences_, self->books_,
                       self->dedupe_, [&](std::uint64_t unit, std::int64_t at) { self->ages_.add(unit, at); });
  if (!found) return std::unexpected(found.error());
  self->recovered_ = std::move(*found);
  if (auto ok = self->resume(); !ok) return std::unexpected(ok.error());
  p.recovery_seconds.Set(std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count());
  p.recovered_bytes.Set(static_cast<double>(self->recovered_.scan.bytes_read));
  p.max_bytes.Set(static_cast<double>(self->settings_.max_bytes));
  (self->last_.group > self->snapshot_group_ ? p.recoveries_torn : p.recoveries_clean).Increment();
  self->start();
  return self;
}

std::expected<void, std::string> writer::resume() {
  auto& r = recovered_;
  segments_ = std::make_unique<segment_store>(fs_, paths_, settings_, r.identity.salt, r.identity.id, probe_,
                                              environment_.fatal);
  try {
    segments_->resume(r.scan);
  } catch (const process_ended&) {
    return std::unexpected(fmt::format("cannot go on in {}", paths_.segments));
  }
  if (settings_.mode != acknowledge::kafka && !r.identity.clean) {
    r.identity.clean = true;
    if (auto error = write_identity(fs_, paths_, r.identity)) return std::unexpected(error->message);
  }
  wake_fd_ = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (wake_fd_ < 0) return std::unexpected("cannot make an eventfd");
  last_ = r.last;
  durable_group_ = last_.group;
  snapshot_group_ = r.snapshot_group;
  last_recorded_ = last_.recorded_at;
  if (last_.unit > 0) clock_guard_.resume(last_recorded(), settings_.longest_stop);
  std::ignore = clock_now();
  durable_ = last_.unit;
  readable_->group = last_.group;
  readable_->unit = last_.unit;
  segments_->publish_segments(*readable_);
  publish_numbers();
  return {};
}

void writer::start() {
  beat();
  if (!environment_.background) {
    background_ = std::make_unique<background>();
    environment_.background = [b = background_.get()](std::move_only_function<void()> job) { b->post(std::move(job)); };
  }
  thread_ = std::thread([this] { run(); });
}

writer::~writer() {
  stop();
  background_.reset();
  if (wake_fd_ >= 0) ::close(wake_fd_);
}

// --- any thread ---

std::uint64_t writer::threshold(bool reserved) const {
  return reserved ? 0 : static_cast<std::uint64_t>(static_cast<double>(settings_.max_bytes) * settings_.reserved_share);
}

std::expected<void, submit_error> writer::submit(unit u, completion done, bool reserved) {
  const auto bytes = static_cast<std::size_t>(format::round_up(bound_of_encoded(u) + format::group_header_bytes));
  if (bytes + format::segment_header_bytes > settings_.segment_bytes) return std::unexpected(submit_error::too_large);
  const auto waiting = queued_bytes_.load(std::memory_order_relaxed) + bytes;
  if (waiting > settings_.queue_bytes && waiting != bytes) {  // one alone always fits
    probe_.refused_overloaded.Increment();
    return std::unexpected(submit_error::overloaded);
  }
  if (free_bytes_.load(std::memory_order_relaxed) < waiting + threshold(reserved)) {
    probe_.refused_full.Increment();
    return std::unexpected(submit_error::full);
  }
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || ended_) return std::unexpected(submit_error::stopping);
    if (!clock_now()) {
      probe_.refused_clock.Increment();
      return std::unexpected(submit_error::clock_jumped);
    }
    queued_bytes_ += bytes;
    wake = queue_.empty() && !gathering_;
    queue_.push_back({std::move(u), std::move(done), bytes});
  }
  if (wake) wake_.notify_one();
  return {};
}

bool writer::writable(bool reserved) const {
  if (ended_ || closed_ || jumped_) return false;
  const auto waiting = queued_bytes_.load(std::memory_order_relaxed);
  return waiting < settings_.queue_bytes && free_bytes_.load(std::memory_order_relaxed) > waiting + threshold(reserved);
}

std::unique_ptr<cursor> writer::read_after(std::uint64_t number) {
  return make_cursor(fs_, paths_, recovered_.identity.salt, readable_, number);
}

void writer::delivered(std::uint64_t number) {
  raise(delivered_, number);
  if (settings_.mode != acknowledge::disk) poke();
}

void writer::published(std::uint64_t number) {
  const auto known = raise(delivered_, number);
  raise(published_, number);
  // Nobody waits for it while there is space: the next turn sees it.
  if (settings_.mode != acknowledge::disk && known < number) return poke();
  if (free_bytes_.load(std::memory_order_relaxed) <= settings_.max_bytes / 2) poke();
}

void writer::poke() {
  {
    const std::lock_guard lock(mutex_);
    poked_ = true;
  }
  wake_.notify_one();
}

usage writer::current_usage() const {
  usage u{.bytes = used_bytes_,
          .max_bytes = settings_.max_bytes,
          .appended = readable_->appended,
          .durable = durable_,
          .published = published_,
          .dedupe_entries = dedupe_entries_,
          .dedupe_bytes = dedupe_bytes_};
  if (const auto oldest = oldest_unpublished_.load(); oldest >= 0)
    u.oldest_unpublished = timestamp(std::chrono::milliseconds(oldest));
  return u;
}

bool writer::healthy() const {
  const auto age = std::chrono::steady_clock::now().time_since_epoch().count() - beat_.load();
  return !ended_ && !closed_ && std::chrono::steady_clock::duration(age) < environment_.still_healthy;
}

void writer::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
  closed_ = true;
}

timestamp writer::time() const {
  const std::lock_guard lock(mutex_);
  return std::max(clock_guard_.carried_on(), last_recorded());
}

std::optional<timestamp> writer::clock_now() {
  const auto now = clock_guard_.now();
  const bool jumped = !now, distrusted = clock_guard_.distrusted();
  if (jumped_.exchange(jumped) != jumped) {
    probe_.clock_jumped.Set(jumped ? 1 : 0);
    if (jumped)
      observe::log(observe::level::error,
                   "the wall clock ran ahead of the monotonic clock, nothing is recorded until they agree");
    else
      observe::log(observe::level::info, "the clocks agree again");
  }
  if (distrusted_.exchange(distrusted) != distrusted) {
    probe_.clock_distrusted.Set(distrusted ? 1 : 0);
    if (distrusted)
      observe::log(observe::level::error,
                   "the wall clock is further ahead of the last record than the journal can have been stopped: time "
                   "goes on from that record",
                   {{"last_recorded", schemas::to_string(last_recorded())},
                    {"fix",
                     "set the clock right; or, if it is right and the node was stopped that long, make "
                     "journal.longest_stop longer and start again"}});
    else
      observe::log(observe::level::info, "the wall clock is believed again");
  }
  return now;
}

// --- the journal thread ---

void writer::run() {
  ::pthread_setname_np(::pthread_self(), "journal");
  try {
    while (wait_for_work()) turn();
    finish();
  } catch (const process_ended&) {
    ended_ = true;
  }
}

bool writer::wait_for_work() {
  std::unique_lock lock(mutex_);
  gather(lock);
  const bool held = !taken_.empty() || snapshot_ || segments_->no_space() || jumped_;
  const auto longest = held ? std::min<std::chrono::milliseconds>(environment_.retry_interval, idle_turn)
                            : std::chrono::milliseconds(idle_turn);
  wake_.wait_for(lock, longest, [&] { return stopping_ || poked_ || !inbox_.empty() || !queue_.empty(); });
  beat();
  poked_ = false;
  std::ignore = clock_now();
  if (stopping_ || std::chrono::steady_clock::now() >= next_commit_) {
    for (auto& item : queue_) taken_.push_back(std::move(item));
    queue_.clear();
  }
  return !stopping_;
}

// The end of the interval wakes this thread, not the first unit that comes.
void writer::gather(std::unique_lock<std::mutex>& lock) {
  if (std::chrono::steady_clock::now() >= next_commit_) return;
  gathering_ = true;
  wake_.wait_until(lock, next_commit_, [&] { return stopping_ || poked_ || !inbox_.empty(); });
  gathering_ = false;
}

void writer::turn() {
  handle_background();
  acknowledge_published();
  if (segments_->stuck() && taken_.empty() && space_retry_.due(environment_.retry_interval)) {
    make_durable();
    segments_->try_again({last_.group + 1, last_.unit + 1, last_.chain});
  }
  commit_groups();
  snapshot_when_due();
  prepare_spare_when_due();
  publish_numbers();
}

void writer::commit_groups() {
  while (!taken_.empty()) {
    if (!assemble()) return;
    write_group();
    complete_group();
    snapshot_when_due();
    prepare_spare_when_due();
    handle_background();
    acknowledge_published();
  }
}

bool writer::assemble() {
  if (dedupe_.full()) {
    wait_until_over(snapshot_running_);
    snapshot_when_due();
    if (dedupe_.full()) return false;
  }
  timestamp now;
  {
    const std::lock_guard lock(mutex_);
    const auto wall = clock_now();
    if (!wall) return false;
    now = std::max(*wall, timestamp(std::chrono::milliseconds(last_.recorded_at)));
  }
  const auto now_ms = now.time_since_epoch().count();
  dedupe_.expire(oldest_day(now_ms, settings_.dedupe_window));
  if (!snapshot_ && last_.group > snapshot_group_ && dedupe_.wants_freeze(dedupe::day_of(now_ms))) start_snapshot();

  if (!make_room(taken_.front().bytes)) return false;
  const auto wanted = std::min<std::uint64_t>(
      {format::group_bytes_wanted, (settings_.segment_bytes - format::segment_header_bytes) / 2, segments_->room()});
  assembler_.begin(last_, now, durable_group_);
  while (!taken_.empty() && (assembler_.empty() || assembler_.size() + taken_.front().bytes <= wanted)) {
    group_queued_bytes_ += taken_.front().bytes;
    assembler_.add(std::move(taken_.front()));
    taken_.pop_front();
  }
  return true;
}

// Before anything is assembled: what a group adds to dedupe table and sequences may stand in no snapshot that the group
// itself is not covered by, so a group that was begun is written at once.
bool writer::make_room(std::uint64_t bytes) {
  if (!segments_->fits(bytes)) {
    wait_until_over(spare_running_);
    if (segments_->no_space() && !space_retry_.due(environment_.retry_interval)) return false;
  }
  return segments_->make_room(bytes, {last_.group + 1, last_.unit + 1, last_.chain});
}

void writer::write_group() {
  next_commit_ = {};
  if (assembler_.header().units > 1) next_commit_ = std::chrono::steady_clock::now() + settings_.commit_interval;
  assert(segments_->fits(assembler_.bytes()));
  segments_->append(assembler_.finish(segments_->epoch()));
  if (settings_.mode != acknowledge::kafka) segments_->sync();
}

void writer::complete_group() {
  const auto& header = assembler_.header();
  segments_->note(header.number, assembler_.last_unit());
  last_ = {
      .group = header.number, .unit = assembler_.last_unit(), .chain = header.crc, .recorded_at = header.recorded_at};
  last_recorded_ = last_.recorded_at;
  if (segments_->synced()) {
    durable_group_ = last_.group;
    durable_ = last_.unit;
  }
  assembler_.settle(books_);
  ages_.add(header.first_unit, header.recorded_at);
  probe_.groups.Increment();
  probe_.units.Increment(header.units);
  probe_.group_units.Observe(header.units);
  probe_.appended_bytes.Increment(static_cast<double>(assembler_.bytes()));
  queued_bytes_ -= std::exchange(group_queued_bytes_, 0);

  segments_->publish_segments(*readable_);
  readable_->unit = last_.unit;
  readable_->group = last_.group;
  if (readable_->wake_wanted.exchange(false)) {
    const std::uint64_t one = 1;
    std::ignore = ::write(wake_fd_, &one, sizeof one);
  }
  publish_numbers();
  for (auto& item : assembler_.units()) {
    if (settings_.mode == acknowledge::disk)
      item.done(item.result);
    else
      unacknowledged_.push_back(std::move(item));
  }
}

void writer::acknowledge_published() {
  const auto delivered = delivered_.load(), published = published_.load();
  while (!unacknowledged_.empty() && unacknowledged_.front().result.number <= delivered) {
    auto item = std::move(unacknowledged_.front());
    unacknowledged_.pop_front();
    item.done(item.result);
  }
  if (segments_->release(published, snapshot_group_)) {
    segments_->publish_segments(*readable_);
    publish_numbers();
  }
  ages_.published(published);
}

void writer::make_durable() {
  if (segments_->synced() || segments_->live().empty()) return;
  segments_->sync();
  durable_group_ = last_.group;
  durable_ = last_.unit;
}

void writer::fail(std::string_view reason) {
  environment_.fatal(reason);
  throw process_ended{};
}

void writer::finish() {
  handle_background();
  acknowledge_published();
  commit_groups();
  wait_until_over(spare_running_);
  wait_until_over(snapshot_running_);
  if (snapshot_) {
    run_snapshot();
    wait_until_over(snapshot_running_);
  }
  if (!snapshot_ && last_.group > snapshot_group_) {
    start_snapshot();
    wait_until_over(snapshot_running_);
  }
  make_durable();
  if (settings_.mode == acknowledge::kafka) {
    recovered_.identity.clean = true;
    if (auto error = write_identity(fs_, paths_, recovered_.identity)) {
      if (error->sync) fail(error->message);
      observe::log(observe::level::warning, "the journal could not note its clean end", {{"reason", error->message}});
    }
  }
  publish_numbers();
}

void writer::publish_numbers() {
  used_bytes_ = segments_->used_bytes();
  free_bytes_ = segments_->free_bytes();
  readable_->appended = last_.unit;
  const auto oldest = ages_.oldest(published_.load(), last_.unit);
  oldest_unpublished_ = oldest.value_or(-1);
  dedupe_entries_ = dedupe_.entries();
  dedupe_bytes_ = dedupe_.bytes();
  probe_.bytes.Set(static_cast<double>(used_bytes_));
  probe_.appended_unit.Set(static_cast<double>(last_.unit));
  probe_.durable_unit.Set(static_cast<double>(durable_));
  probe_.published_unit.Set(static_cast<double>(published_));
  probe_.dedupe_entries.Set(static_cast<double>(dedupe_entries_));
  probe_.dedupe_bytes.Set(static_cast<double>(dedupe_bytes_));
  probe_.out_of_space.Set(segments_->no_space() ? 1 : 0);
}

}  // namespace switchboard::journal
