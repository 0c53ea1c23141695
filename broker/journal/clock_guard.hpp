// Decides whether the wall clock can be believed. It cannot where it runs away from the monotonic one, and where it is
// further ahead of what the journal recorded last than the journal can have been stopped. Not synchronised; the owner
// locks.
#pragma once

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

#include "broker/base/clock.hpp"

namespace switchboard::journal {

class clock_guard {
 public:
  static constexpr std::chrono::minutes allowed{5};

  explicit clock_guard(base::clock& clock) : clock_(clock) {
    std::tie(wall_, monotonic_) = read();
    highest_ = wall_;
  }

  // Before the first now(): the journal holds units up to `last`, and was stopped for `longest_stop` at most.
  void resume(schemas::timestamp last, std::chrono::milliseconds longest_stop) {
    held_ = wall_ = last;
    longest_stop_ = longest_stop;
  }

  // The time to record. Nothing while the wall clock is more than `allowed` ahead of what the monotonic clock says
  // since it was last believed. Going back is no jump: what is stamped never goes back anyway. A clock that cannot be
  // right from the start is left aside: time goes on from the last record until it is put right.
  std::optional<schemas::timestamp> now() {
    const auto [wall, monotonic] = read();
    if (held_) {
      const auto gone_on = *held_ + since(monotonic);
      distrusted_ = wall > gone_on + longest_stop_;
      if (distrusted_) return gone_on;
      if (wall < *held_) return wall;
      held_.reset();
      highest_ = wall;  // what it was at the start may have been wrong
    } else if (wall > highest_ && (wall - wall_) - (monotonic - monotonic_) > allowed) {
      return std::nullopt;
    }
    wall_ = wall;
    highest_ = std::max(highest_, wall);
    monotonic_ = monotonic;
    return wall;
  }

  // The last time that was believed, carried on by the monotonic clock.
  schemas::timestamp carried_on() const { return wall_ + since(clock_.monotonic()); }
  bool distrusted() const { return distrusted_; }  // as of the last now()

 private:
  using instant = std::pair<schemas::timestamp, std::chrono::steady_clock::time_point>;
  // Both at the same moment: a process may be stopped for long between two readings.
  instant read() const {
    while (true) {
      const auto before = clock_.monotonic();
      const auto wall = clock_.wall();
      const auto after = clock_.monotonic();
      if (after - before < std::chrono::seconds(1)) return {wall, after};
    }
  }
  std::chrono::milliseconds since(std::chrono::steady_clock::time_point monotonic) const {
    return std::chrono::floor<std::chrono::milliseconds>(monotonic - monotonic_);
  }

  base::clock& clock_;
  schemas::timestamp wall_, highest_;                // last believed; the highest of them
  std::chrono::steady_clock::time_point monotonic_;  // when that was
  std::optional<schemas::timestamp> held_;           // what the journal holds, until the wall clock was believed once
  std::chrono::milliseconds longest_stop_{};
  bool distrusted_ = false;
};

}  // namespace switchboard::journal
