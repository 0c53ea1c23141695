// When the oldest unit that is not in Kafka yet was recorded. One point a second at most, thinned when the backlog is
// very old, so that memory stays flat. Owned by the journal thread.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

namespace switchboard::journal {

class backlog_age {
 public:
  void add(std::uint64_t first_unit, std::int64_t recorded_at_ms) {
    if (!points_.empty() && recorded_at_ms - points_.back().recorded_at < spacing_ms_) return;
    points_.push_back({first_unit, recorded_at_ms});
    if (points_.size() < limit) return;
    std::deque<point> thinned;
    for (std::size_t i = 0; i < points_.size(); i += 2) thinned.push_back(points_[i]);
    points_.swap(thinned);
    spacing_ms_ *= 2;
  }

  void published(std::uint64_t unit) {
    while (points_.size() > 1 && points_[1].first_unit <= unit + 1) points_.pop_front();
    if (points_.size() < limit / 4) spacing_ms_ = least_spacing_ms;
  }

  // Of the point at or before the oldest unpublished unit; nullopt when there is none.
  std::optional<std::int64_t> oldest(std::uint64_t published_unit, std::uint64_t last_unit) const {
    if (published_unit >= last_unit || points_.empty()) return std::nullopt;
    return points_.front().recorded_at;
  }

  static constexpr std::size_t limit = 1u << 16;

 private:
  static constexpr std::int64_t least_spacing_ms = 1000;
  struct point {
    std::uint64_t first_unit;
    std::int64_t recorded_at;
  };
  std::deque<point> points_;
  std::int64_t spacing_ms_ = least_spacing_ms;
};

}  // namespace switchboard::journal
