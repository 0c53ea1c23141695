// What the floors share: the cost of this process, and percentiles of what they time.
#pragma once

#include <time.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <vector>

namespace switchboard::benchmarks::floors {

using clock = std::chrono::steady_clock;
using microseconds = std::chrono::duration<double, std::micro>;

// What all threads of this process have run, those that ended included.
inline microseconds cpu_time() {
  timespec t{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return std::chrono::seconds(t.tv_sec) + std::chrono::nanoseconds(t.tv_nsec);
}

// By nearest rank; 0 when there are none. Sorts.
inline double percentile(std::vector<double>& values, double share) {
  if (values.empty()) return 0;
  const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(values.size())));
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(std::max<std::size_t>(rank, 1) - 1);
  std::ranges::nth_element(values, at);
  return *at;
}

// The schedule of an open loop: how many events were due `since` ago at a rate, none lost to rounding.
inline std::uint64_t due(clock::duration since, double rate) {
  return static_cast<std::uint64_t>(std::chrono::duration<double>(since).count() * rate);
}

}  // namespace switchboard::benchmarks::floors
