// A log-linear histogram of times: every value is told within 0.4 %, in a fixed 40 KiB. Not for several threads.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>

namespace switchboard::load {

class histogram {
 public:
  using nanoseconds = std::chrono::nanoseconds;

  void add(nanoseconds);  // below zero counts as zero, more than half an hour as half an hour
  void merge(const histogram&);

  std::uint64_t count() const noexcept { return count_; }
  nanoseconds min() const noexcept { return count_ == 0 ? nanoseconds{} : nanoseconds{min_}; }
  nanoseconds max() const noexcept { return nanoseconds{max_}; }
  nanoseconds mean() const noexcept;
  // The least time that this share (0 to 1) of the values does not exceed; 0 where there is none.
  nanoseconds quantile(double share) const noexcept;

 private:
  static constexpr int linear_bits = 7;  // 128 buckets for each doubling
  static constexpr int largest_bits = 41;
  static constexpr std::size_t buckets = (largest_bits - linear_bits + 1) << linear_bits;
  static std::size_t bucket_of(std::uint64_t value) noexcept;
  static std::uint64_t middle_of(std::size_t bucket) noexcept;

  std::array<std::uint64_t, buckets> counts_{};
  std::uint64_t count_ = 0;
  std::int64_t min_ = INT64_MAX, max_ = 0;
  double sum_ = 0;
};

}  // namespace switchboard::load
