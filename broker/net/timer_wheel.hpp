// Deadlines of many connections, coarse and cheap: one timer a thread ticks, arming a deadline moves a list node. Owned
// and used by one thread.
#pragma once

#include <array>
#include <boost/intrusive/list.hpp>
#include <chrono>
#include <cstdint>

namespace switchboard::net {

class wheel_entry
    : public boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
  virtual void on_deadline() = 0;  // may arm entries, and destroy any

 protected:
  ~wheel_entry() = default;

 private:
  friend class timer_wheel;
  std::uint64_t due_ = 0;
};

class timer_wheel {
 public:
  static constexpr std::chrono::milliseconds tick{100};

  // Fires once, not before `delay` and not much more than a tick after it. Replaces what was armed before.
  void arm(wheel_entry& entry, std::chrono::milliseconds delay) {
    if (entry.is_linked()) entry.unlink();
    entry.due_ = now_ + 1 + static_cast<std::uint64_t>((delay + tick - std::chrono::milliseconds(1)) / tick);
    slots_[entry.due_ % slots].push_back(entry);
  }
  static void disarm(wheel_entry& entry) {
    if (entry.is_linked()) entry.unlink();
  }

  void advance(std::uint64_t ticks) {
    for (; ticks > 0; --ticks) {
      ++now_;
      list due;
      due.splice(due.end(), slots_[now_ % slots]);
      while (!due.empty()) {
        wheel_entry& entry = due.front();
        due.pop_front();
        if (entry.due_ <= now_)
          entry.on_deadline();
        else
          slots_[entry.due_ % slots].push_back(entry);
      }
    }
  }

 private:
  static constexpr std::size_t slots = 1024;
  using list = boost::intrusive::list<wheel_entry, boost::intrusive::constant_time_size<false>>;
  std::array<list, slots> slots_;
  std::uint64_t now_ = 0;
};

}  // namespace switchboard::net
