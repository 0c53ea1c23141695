// Notices when the wall clock runs away from the monotonic one: nothing may be stamped then. Not synchronised; the
// owner locks.
#pragma once

#include "broker/base/clock.hpp"

namespace switchboard::journal {

class clock_guard {
 public:
  static constexpr std::chrono::minutes allowed{5};

  explicit clock_guard(base::clock& clock) : clock_(clock), wall_(clock.wall()), monotonic_(clock.monotonic()) {}

  // The wall time now, nullopt while it is more than `allowed` ahead of what the monotonic clock says since it was last
  // believed. Going back is no jump: what is stamped never goes back anyway.
  std::optional<schemas::timestamp> now() {
    const auto wall = clock_.wall();
    const auto monotonic = clock_.monotonic();
    if ((wall - wall_) - (monotonic - monotonic_) > allowed) return std::nullopt;
    wall_ = wall;
    monotonic_ = monotonic;
    return wall;
  }

 private:
  base::clock& clock_;
  schemas::timestamp wall_;
  std::chrono::steady_clock::time_point monotonic_;
};

}  // namespace switchboard::journal
