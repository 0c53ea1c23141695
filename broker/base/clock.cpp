#include "broker/base/clock.hpp"

namespace switchboard::base {
namespace {

class system_clock final : public clock {
 public:
  schemas::timestamp wall() const override {
    return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  }
  std::chrono::steady_clock::time_point monotonic() const override { return std::chrono::steady_clock::now(); }
};

}  // namespace

clock& real_clock() {
  static system_clock instance;
  return instance;
}

}  // namespace switchboard::base
