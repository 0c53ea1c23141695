#include "benchmarks/load/verification.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "schemas/text.hpp"

namespace switchboard::load {
namespace {

using steady = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr auto poll = 100ms;
constexpr auto look = 1s;
constexpr std::size_t lost_shown = 10;

// The clock of a wait that ends when nothing new has come for so long.
class patience {
 public:
  explicit patience(std::chrono::nanoseconds wait) : wait_(wait) {}
  void progress() { since_ = steady::now(); }
  bool over() const { return steady::now() - since_ > wait_; }

 private:
  std::chrono::nanoseconds wait_;
  steady::time_point since_ = steady::now();
};

}  // namespace

consumer::consumer(topics& from)
    : topics_(from), thread_([this](const std::stop_token& stop) {
        topics::record record;
        while (!stop.stop_requested()) {
          const auto got = topics_.next(record, poll);
          if (!got) {
            error_ = got.error();
            return;
          }
          if (*got && record.is_event) arrivals_.push_back({record.event, steady::now()});
        }
      }) {}

std::deque<arrival> consumer::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
  return std::move(arrivals_);
}

std::expected<verification_result, std::string> verify_ids(const request_maker& maker, outcome& run, topics& from,
                                                           const topic_names& names, consumer* consuming,
                                                           std::chrono::nanoseconds wait, const on_progress& tell) {
  const auto began = steady::now();
  verification_result result;
  result.acknowledged = run.acknowledged.size();
  deliveries known;
  for (std::uint64_t i = 0; i < run.acknowledged.size(); ++i) {
    const auto& request = run.acknowledged[i];
    bool any = false;
    maker.events(request.number, request.made_at, [&](const schemas::uuid& id, const std::string& topic) {
      const auto place = std::ranges::find(names, topic, &topic_names::value_type::first);
      known.expect(id, static_cast<std::uint16_t>(place - names.begin()), i);
      any = true;
    });
    if (!any) ++result.without_event;
  }

  const auto take = [&](const deliveries::seen& event, steady::time_point when) {
    const auto* about = known.arrived(event);
    if (about == nullptr) return false;
    const auto& request = run.acknowledged[*about];
    if (consuming != nullptr && request.phase < run.phases.size())
      run.phases[request.phase].end_to_end.add(when - request.due);
    return true;
  };
  if (consuming != nullptr) {
    for (const auto& a : consuming->stop()) take(a.event, a.at);
    if (!consuming->error().empty()) return std::unexpected(consuming->error());
  }

  patience waiting(wait);
  topics::record record;
  auto next_look = steady::now() + look;
  std::uint64_t holes_before = UINT64_MAX;
  for (;;) {
    const auto got = from.next(record, poll);
    if (!got) return std::unexpected(got.error());
    const auto now = steady::now();
    if (*got && record.is_event && take(record.event, now)) waiting.progress();
    // Counting holes sorts what came: only when nothing comes, and once a second.
    if (*got && now < next_look) continue;
    next_look = now + look;
    tell(known.found(), known.expected());
    if (known.all_arrived()) {
      const auto holes = known.holes();
      if (holes == 0) break;
      if (holes < holes_before) waiting.progress();
      holes_before = holes;
    }
    if (waiting.over()) break;
  }
  result.expected = known.expected();
  result.found = known.found();
  result.lost = known.expected() - known.found();
  result.copies = known.copies();
  result.foreign = known.foreign();
  result.unnumbered = known.unnumbered();
  result.spans = known.spans();
  for (const auto& s : result.spans) result.holes += s.missing;
  for (const auto& id : known.lost(lost_shown)) result.lost_ids.push_back(schemas::to_string(id));
  result.seconds = std::chrono::duration<double>(steady::now() - began).count();
  result.passed = result.lost == 0 && result.holes == 0 && result.without_event == 0;
  return result;
}

std::expected<verification_result, std::string> verify_count(std::uint64_t acknowledged, topics& from,
                                                             std::chrono::nanoseconds wait, const on_progress& tell) {
  const auto began = steady::now();
  verification_result result;
  result.acknowledged = result.expected = acknowledged;
  patience waiting(wait);
  topics::record record;
  auto next_look = steady::now() + look;
  for (;;) {
    const auto got = from.next(record, poll);
    if (!got) return std::unexpected(got.error());
    if (*got) {
      ++result.found;
      waiting.progress();
    }
    if (steady::now() >= next_look) {
      tell(result.found, result.expected);
      next_look = steady::now() + look;
    }
    if (!*got && (result.found >= acknowledged || waiting.over())) break;
  }
  result.lost = acknowledged - std::min(acknowledged, result.found);
  result.copies = result.found - std::min(acknowledged, result.found);
  result.seconds = std::chrono::duration<double>(steady::now() - began).count();
  result.passed = result.lost == 0;
  return result;
}

}  // namespace switchboard::load
