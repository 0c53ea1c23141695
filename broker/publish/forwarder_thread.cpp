#include "broker/publish/forwarder_thread.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "broker/observe/log.hpp"
#include "broker/publish/properties.hpp"

namespace switchboard::publish {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds longest_turn{60};  // healthy() above it: no step blocks as long
constexpr milliseconds longest_wait{1000};
constexpr seconds flush_limit{5};
constexpr milliseconds purge_interval{20};
constexpr milliseconds longest_pause{5000};

std::uint16_t index_of(const std::vector<topic>& topics, std::string_view logical) {
  const auto found = std::ranges::find(topics, logical, &topic::logical);
  return static_cast<std::uint16_t>(found - topics.begin());
}

void end_by_default(std::string_view reason) {
  observe::log(observe::level::critical, "the process ends: what the disk has is unknown", {{"reason", reason}});
  std::_Exit(74);  // EX_IOERR
}

}  // namespace

wake_up::wake_up() : fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (fd_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
}
wake_up::~wake_up() { ::close(fd_); }
void wake_up::set() const {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(fd_, &one, sizeof one);  // full: it is readable already
}
void read_empty(int eventfd) {
  std::uint64_t count = 0;
  [[maybe_unused]] const auto got = ::read(eventfd, &count, sizeof count);
}

std::expected<std::unique_ptr<forwarder>, std::string> forwarder::create(settings s, journal::journal& journal,
                                                                         blobs::store& store, base::clock& clock,
                                                                         publish::probe& probe, environment around) {
  if (auto problems = check_properties(s.properties, s.delivery, s.embedded); !problems.empty()) {
    std::vector<std::string> lines;
    for (const auto& p : problems) lines.push_back(fmt::format("kafka.{}: {}; {}", p.name, p.message, p.hint));
    return std::unexpected(fmt::format("{}", fmt::join(lines, "\n")));
  }
  for (std::string_view needed : {"control", "dead_letter"})
    if (index_of(s.topics, needed) == s.topics.size())
      return std::unexpected(fmt::format("kafka.topics: {} is missing", needed));

  std::optional<checkpoint_file> file;
  std::unique_ptr<embedded_cluster> embedded;
  if (s.embedded) {
    auto started = embedded_cluster::start(s.topics);
    if (!started) return std::unexpected(std::move(started.error()));
    embedded = std::move(*started);
    observe::log(observe::level::warning,
                 "EMBEDDED KAFKA, for development only: it keeps records in memory and loses them with this process",
                 {{"bootstrap", embedded->bootstrap()}});
  } else {
    auto opened =
        checkpoint_file::open(around.files ? *around.files : base::real_file_system(), s.checkpoint_directory);
    if (!opened) return std::unexpected(std::move(opened.error()));
    file.emplace(std::move(*opened));
    const auto& of_journal = file->loaded().journal;
    if (!of_journal.empty() && of_journal != schemas::to_string(journal.id()))
      return std::unexpected(
          fmt::format("{}/checkpoint belongs to journal {}, but this is {}: it must lie beside its journal",
                      s.checkpoint_directory, of_journal, schemas::to_string(journal.id())));
    // What only the library itself can tell: files of keys that cannot be read, properties that exclude each other.
    auto tried = producer::create({.properties = s.properties,
                                   .topics = {},
                                   .batch_bytes = 1'000'000,
                                   .max_bytes = 1'000'000,
                                   .window_records = s.window_records,
                                   .window_bytes = s.window_bytes,
                                   .transactional_id = s.delivery == delivery::exactly_once ? "switchboard" : "",
                                   .transaction_timeout = s.transaction_timeout});
    if (!tried) return std::unexpected(std::move(tried.error()));
  }
  if (!around.fatal) around.fatal = end_by_default;
  return std::make_unique<forwarder_thread>(std::move(s), journal, store, clock, probe, std::move(around),
                                            std::move(file), std::move(embedded));
}

forwarder_thread::forwarder_thread(publish::settings s, journal::journal& journal, blobs::store& store,
                                   base::clock& clock, publish::probe& probe, environment around,
                                   std::optional<checkpoint_file> file, std::unique_ptr<embedded_cluster> embedded)
    : settings_(std::move(s)),
      journal_(journal),
      blobs_(store),
      clock_(clock),
      probe_(probe),
      environment_(std::move(around)),
      exactly_once_(settings_.delivery == delivery::exactly_once),
      dead_letter_(index_of(settings_.topics, "dead_letter")),
      control_(index_of(settings_.topics, "control")),
      embedded_(std::move(embedded)),
      properties_(settings_.properties),
      window_(settings_.topics.size(), settings_.window_records, settings_.window_bytes),
      builder_(settings_.content, journal.id()),
      file_(std::move(file)),
      recycled_(settings_.topics.size()),
      read_(settings_.topics.size()),
      delivered_(settings_.topics.size()),
      dead_(settings_.topics.size()),
      shown_topics_(settings_.topics.size()) {
  if (embedded_) properties_.emplace_back("bootstrap.servers", embedded_->bootstrap());
  if (file_) position_ = file_->loaded();
  position_.journal = schemas::to_string(journal.id());
  resumed_through_ = position_.handed_over;
  last_handed_over_ = position_.unit;
  count_from_position();
  if (embedded_) shown_.bootstrap = embedded_->bootstrap();
  show();
}

forwarder_thread::~forwarder_thread() { stop(std::chrono::steady_clock::now(), false); }

void forwarder_thread::start() {
  last_turn_ = now().time_since_epoch().count();
  thread_ = std::thread([this] { run(); });
}

void forwarder_thread::stop(std::chrono::steady_clock::time_point deadline, bool until_empty) {
  if (!thread_.joinable()) return;
  stop_deadline_ = deadline.time_since_epoch().count();
  until_empty_ = until_empty;
  stop_requested_.store(true, std::memory_order_release);
  wake_.set();
  thread_.join();
}

bool forwarder_thread::healthy() const {
  if (stopping()) return true;
  return now() - time_point(time_point::duration(last_turn_.load())) < longest_turn;
}

publish::status forwarder_thread::current_status() const {
  const std::lock_guard lock(shown_mutex_);
  return shown_;
}

std::vector<ledger_topic> forwarder_thread::current_ledger() const {
  std::vector<shown_topic> topics;
  {
    const std::lock_guard lock(shown_mutex_);
    topics = shown_topics_;
  }
  const auto appended = journal_.current_ledger().topics;
  std::vector<ledger_topic> ledger;
  for (std::size_t i = 0; i < topics.size(); ++i) {
    const auto& name = settings_.topics[i].logical;
    const auto& t = topics[i];
    const auto of_journal = std::ranges::find(appended, name, &journal::ledger_topic::topic);
    const std::uint64_t total = of_journal == appended.end() ? t.read : of_journal->appended;
    ledger.push_back({name, t.delivered, t.dead, (total > t.read ? total - t.read : 0) + t.unsettled});
  }
  return ledger;
}

void forwarder_thread::show() {
  const std::lock_guard lock(shown_mutex_);
  shown_.delivered_unit = position_.unit;
  shown_.in_flight = window_.in_flight();
  shown_.cluster_id = position_.cluster;
  shown_.dead_lettered = 0;
  for (std::size_t i = 0; i < shown_topics_.size(); ++i) {
    shown_topics_[i] = {read_[i], delivered_[i], dead_[i], window_.unsettled()[i]};
    shown_.dead_lettered += dead_[i];
  }
  probe_.in_flight(window_.in_flight());
}

bool forwarder_thread::past_deadline() const {
  return stopping() && now().time_since_epoch().count() >= stop_deadline_.load();
}

bool forwarder_thread::finished() {
  if (dead_end_) return true;
  if (!stopping()) return false;
  if (past_deadline()) return true;
  if (producer_ && (window_.in_flight() != 0 || in_transaction_)) return false;
  return !until_empty_ || (window_.empty() && drained_);
}

void forwarder_thread::run() {
  ::pthread_setname_np(::pthread_self(), "publisher");
  tell_journal(true);
  while (!finished()) {
    outcome ended = connect();
    if (!ended) {
      ended = forward();
      if (!ended) break;
      leave(*ended);
    }
    pause_before_retry(*ended);
  }
  if (!dead_end_) {
    if (!exactly_once_) advance();
    release_reserve();
    tell_journal(true);
    if (file_ && !file_->sync()) end_process("the checkpoint could not be synced");
  }
  producer_.reset();
  show();
  const std::lock_guard lock(shown_mutex_);
  shown_.state = state::stopped;
}

forwarder_thread::outcome forwarder_thread::connect() {
  auto opened = open_session({.publish = settings_,
                              .properties = properties_,
                              .journal = journal_.id(),
                              .known_cluster = embedded_ || settings_.development ? std::string() : position_.cluster,
                              .wake_fd = wake_.fd(),
                              .carry_on = [this] {
                                last_turn_ = now().time_since_epoch().count();
                                return !past_deadline() && !(stopping() && !until_empty_);
                              }});
  if (!opened) return trouble{error_class::outage, std::move(opened.error())};
  producer_ = std::move(opened->producer);
  if (opened->committed && opened->committed->unit > position_.unit) adopt(*opened->committed);
  position_.cluster = opened->cluster_id;
  cursor_ = journal_.read_after(position_.unit);
  if (!refused_) end_outage();
  observe::log(
      observe::level::info, "connected to Kafka",
      {{"cluster", position_.cluster}, {"after_unit", position_.unit}, {"unacknowledged", window_.unsettled_total()}});
  return {};
}

forwarder_thread::outcome forwarder_thread::forward() {
  for (;;) {
    last_turn_ = now().time_since_epoch().count();
    if (auto ended = take_reports()) return ended;
    if (auto ended = advance()) return ended;
    if (finished()) return {};
    if (!gathers())
      if (auto ended = feed()) return ended;
    if (exactly_once_) {
      if (auto ended = commit()) return ended;
    } else if (auto ended = advance()) {
      return ended;
    }
    if (auto ended = beat()) return ended;
    show();
    if (!drained_ && !blocked_ && !committing_ && !(stopping() && !until_empty_)) continue;
    auto until = now() + longest_wait;
    if (may_beat()) until = std::min(until, next_beat_);
    if (gathers()) until = std::min(until, next_feed_);
    if (unstored_) until = std::min(until, last_store_ + settings_.checkpoint_write_interval);
    if (position_.unit != told_journal_) until = std::min(until, last_sync_ + settings_.checkpoint_interval);
    if (committing_)
      until = std::min(until, next_commit_try_);
    else if (in_transaction_ && at_boundary())  // with half a unit handed over only a report helps, and that wakes
      until = std::min(until, std::max(transaction_began_ + settings_.commit_interval, next_commit_try_));
    const bool idle = drained_ && !committing_ && !gathers();
    if (!wait(until, idle && (!stopping() || until_empty_)) && idle) release_reserve();
  }
}

// Each hand-over wakes threads of the library, whatever it holds.
bool forwarder_thread::gathers() const { return drained_ && !stopping() && now() < next_feed_; }

bool forwarder_thread::wait(time_point until, bool for_more) {
  if (stopping()) until = std::min(until, time_point(time_point::duration(stop_deadline_.load())));
  const auto left = std::chrono::ceil<milliseconds>(until - now());
  pollfd ready[2] = {{wake_.fd(), POLLIN, 0}, {journal_.wake_fd(), POLLIN, 0}};
  int woken = 0;
  if (left.count() > 0) woken = ::poll(ready, for_more ? 2 : 1, static_cast<int>(std::min(left, longest_wait).count()));
  if (ready[0].revents != 0) read_empty(wake_.fd());
  if (for_more && ready[1].revents != 0) read_empty(journal_.wake_fd());
  return woken > 0;
}

void forwarder_thread::leave(const trouble& why) {
  observe::log(observe::level::warning, "the producer is thrown away and made again",
               {{"class", to_string(why.what)}, {"reason", why.reason}, {"in_flight", window_.in_flight()}});
  const auto deadline = now() + (exactly_once_ ? seconds(1) : flush_limit);
  do {
    producer_->purge_queue();  // again and again: what fails in the wake of an error goes back to the queue
    take_reports();
    advance();
    last_turn_ = now().time_since_epoch().count();
    if (window_.in_flight() != 0) wait(std::min(deadline, now() + purge_interval), false);
  } while (window_.in_flight() != 0 && now() < deadline && !past_deadline() && !dead_end_);
  take_reports();
  advance();
  producer_.reset();
  cursor_.reset();
  unit_ = nullptr;
  drained_ = blocked_ = in_transaction_ = committing_ = false;
  side_in_flight_ = 0;
  window_.replay(exactly_once_);
  if (exactly_once_) count_from_position();
  probe_.rebuilt();
  show();
  const std::lock_guard lock(shown_mutex_);
  ++shown_.rebuilds;
}

void forwarder_thread::pause_before_retry(const trouble& why) {
  if (why.what == error_class::record) return;  // each round tells a record apart
  ++failures_;
  if (why.what == error_class::outage || failures_ > 1) {
    set_outage(why.reason);
    next_beat_ = now();  // its delivery tells the end of the outage, even where nothing else is to be delivered
  }
  if (why.what == error_class::rebuild && failures_ == 1) return;
  const auto until = now() + std::min(longest_pause, milliseconds(100) * (1 << std::min(failures_, 6)));
  while (now() < until && !finished()) {
    last_turn_ = now().time_since_epoch().count();
    wait(until, false);
  }
}

}  // namespace switchboard::publish
