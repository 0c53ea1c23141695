// Time as the broker sees it, replaceable in tests.
#pragma once

#include <chrono>

#include "schemas/event.hpp"

namespace switchboard::base {

// Any thread.
class clock {
 public:
  virtual ~clock() = default;
  virtual schemas::timestamp wall() const = 0;                          // what `recordedtime` is made from
  virtual std::chrono::steady_clock::time_point monotonic() const = 0;  // what every deadline is made from
};

clock& real_clock();

}  // namespace switchboard::base
