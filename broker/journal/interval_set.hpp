// Which numbers of a sequence have been seen, as merged intervals. Bounded: past the limit the oldest gap counts as
// seen.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

namespace switchboard::journal {

class interval_set {
 public:
  static constexpr std::size_t limit = 256;
  using interval = std::pair<std::uint64_t, std::uint64_t>;  // both ends included

  bool contains(std::uint64_t value) const {
    const auto after = behind(value);
    return after != intervals_.begin() && std::prev(after)->second >= value;
  }

  void insert(std::uint64_t value) {
    if (contains(value)) return;
    const auto after = behind(value);
    const bool joins_after = after != intervals_.end() && after->first - 1 == value;
    const bool joins_before = after != intervals_.begin() && std::prev(after)->second + 1 == value;
    if (joins_before && joins_after) {
      std::prev(after)->second = after->second;
      intervals_.erase(after);
    } else if (joins_before) {
      std::prev(after)->second = value;
    } else if (joins_after) {
      after->first = value;
    } else {
      intervals_.insert(after, {value, value});
      if (intervals_.size() > limit) {
        intervals_[1].first = intervals_[0].first;
        intervals_.erase(intervals_.begin());
      }
    }
  }

  const std::vector<interval>& intervals() const { return intervals_; }
  static interval_set from(std::vector<interval> intervals) {
    interval_set set;
    set.intervals_ = std::move(intervals);
    return set;
  }

 private:
  std::vector<interval>::const_iterator behind(std::uint64_t value) const {
    return std::ranges::upper_bound(intervals_, value, {}, &interval::first);
  }
  std::vector<interval>::iterator behind(std::uint64_t value) {
    return std::ranges::upper_bound(intervals_, value, {}, &interval::first);
  }

  std::vector<interval> intervals_;  // ascending, never touching
};

}  // namespace switchboard::journal
