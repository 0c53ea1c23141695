// Notices when the wall clock runs away from the monotonic one: nothing may be stamped then. Not synchronised; the
// owner locks.
#pragma once

#include <algorithm>
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

  // The wall time now, nullopt while it is more than `allowed` ahead of what the monotonic clock says since it was last
  // believed. Going back is no jump: what is stamped never goes back anyway.
  std::optional<schemas::timestamp> now() {
    const auto [wall, monotonic] = read();
    if (wall > highest_ && (wall - wall_) - (monotonic - monotonic_) > allowed) return std::nullopt;
    wall_ = wall;
    highest_ = std::max(highest_, wall);
    monotonic_ = monotonic;
    return wall;
  }

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

  base::clock& clock_;
  schemas::timestamp wall_, highest_;
  std::chrono::steady_clock::time_point monotonic_;
};

}  // namespace switchboard::journal
