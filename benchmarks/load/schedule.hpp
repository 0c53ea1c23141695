// When requests are due, fixed before the first is sent: an answer that comes late delays nothing that is due after it.
// Pure: the same seed gives the same times. One thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

namespace switchboard::load {

// A stretch of the run with one rate. Phases follow each other without a gap.
struct phase {
  std::chrono::nanoseconds start{}, end{};  // since the run began
  double rate = 0;                          // requests a second; 0: as fast as replies come
  bool measured = true;                     // false: warm-up
};

enum class arrivals : std::uint8_t { uniform, poisson };

struct due_request {
  std::chrono::nanoseconds at{};  // since the run began
  std::size_t phase = 0;
};

class schedule {
 public:
  schedule(std::vector<phase>, arrivals, std::uint64_t seed);

  const std::vector<phase>& phases() const noexcept { return phases_; }
  // The next that is due, nullopt after the last. Phases without a rate have none.
  const std::optional<due_request>& next() const noexcept { return next_; }
  void pop();

 private:
  void place();
  double uniform_share();

  std::vector<phase> phases_;
  arrivals arrivals_;
  std::uint64_t state_;
  std::size_t phase_ = 0;
  std::uint64_t number_ = 0;  // in this phase, uniform
  double offset_ = 0;         // in this phase, in seconds
  std::optional<due_request> next_;
};

// splitmix64: numbers that look random and follow from `value` alone.
constexpr std::uint64_t mixed(std::uint64_t value) noexcept {
  value += 0x9E3779B97F4A7C15;
  value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
  value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
  return value ^ (value >> 31);
}

}  // namespace switchboard::load
