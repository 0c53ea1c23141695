#include "benchmarks/load/schedule.hpp"

#include <cmath>

namespace switchboard::load {

schedule::schedule(std::vector<phase> phases, arrivals kind, std::uint64_t seed)
    : phases_(std::move(phases)), arrivals_(kind), state_(mixed(seed)) {
  if (arrivals_ == arrivals::poisson && !phases_.empty() && phases_[0].rate > 0)
    offset_ = -std::log(uniform_share()) / phases_[0].rate;
  place();
}

double schedule::uniform_share() {
  state_ = mixed(state_);
  return (static_cast<double>(state_ >> 11) + 1) * 0x1.0p-53;  // above 0, at most 1
}

void schedule::place() {
  for (; phase_ < phases_.size(); ++phase_, number_ = 0) {
    const auto& now = phases_[phase_];
    if (now.rate > 0) {
      if (arrivals_ == arrivals::uniform) offset_ = static_cast<double>(number_) / now.rate;
      const auto at = now.start + std::chrono::nanoseconds{std::llround(offset_ * 1e9)};
      if (at < now.end) {
        next_ = due_request{at, phase_};
        return;
      }
    }
    // A Poisson process has no memory: the next phase begins with a gap of its own.
    if (arrivals_ == arrivals::poisson && phase_ + 1 < phases_.size() && phases_[phase_ + 1].rate > 0)
      offset_ = -std::log(uniform_share()) / phases_[phase_ + 1].rate;
  }
  next_.reset();
}

void schedule::pop() {
  if (!next_) return;
  ++number_;
  if (arrivals_ == arrivals::poisson) offset_ -= std::log(uniform_share()) / phases_[phase_].rate;
  place();
}

}  // namespace switchboard::load
