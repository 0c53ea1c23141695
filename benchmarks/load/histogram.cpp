#include "benchmarks/load/histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace switchboard::load {

std::size_t histogram::bucket_of(std::uint64_t value) noexcept {
  if (value < (1u << linear_bits)) return value;
  const auto shift = static_cast<std::size_t>(std::bit_width(value)) - linear_bits - 1;
  return (shift << linear_bits) + (value >> shift);
}

std::uint64_t histogram::middle_of(std::size_t bucket) noexcept {
  if (bucket < (2u << linear_bits)) return bucket;
  const auto shift = (bucket >> linear_bits) - 1;
  const std::uint64_t low = (bucket - (shift << linear_bits)) << shift;
  return low + (std::uint64_t{1} << (shift - 1));
}

void histogram::add(nanoseconds time) {
  const auto value = std::clamp<std::int64_t>(time.count(), 0, (std::int64_t{1} << largest_bits) - 1);
  ++counts_[bucket_of(static_cast<std::uint64_t>(value))];
  ++count_;
  min_ = std::min(min_, value);
  max_ = std::max(max_, value);
  sum_ += static_cast<double>(value);
}

void histogram::merge(const histogram& other) {
  for (std::size_t i = 0; i < buckets; ++i) counts_[i] += other.counts_[i];
  count_ += other.count_;
  min_ = std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
  sum_ += other.sum_;
}

histogram::nanoseconds histogram::mean() const noexcept {
  return nanoseconds{count_ == 0 ? 0 : static_cast<std::int64_t>(sum_ / static_cast<double>(count_))};
}

histogram::nanoseconds histogram::quantile(double share) const noexcept {
  if (count_ == 0) return {};
  const auto rank =
      std::clamp<std::uint64_t>(static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_))), 1, count_);
  std::uint64_t passed = 0;
  for (std::size_t i = 0; i < buckets; ++i) {
    passed += counts_[i];
    if (passed >= rank) return nanoseconds{std::clamp(static_cast<std::int64_t>(middle_of(i)), min_, max_)};
  }
  return max();
}

}  // namespace switchboard::load
