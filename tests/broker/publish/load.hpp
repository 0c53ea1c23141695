// A load that goes on while a test does something else.
#pragma once

#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "tests/broker/publish/fake_journal.hpp"

namespace switchboard::publish::testing {

class load {
 public:
  explicit load(fake_journal& journal, std::chrono::microseconds pause = std::chrono::microseconds(200))
      : thread_([&journal, pause, this] {
          for (int i = 0; !stop_; ++i) {
            journal.append(fmt::format("key-{}", i % 50), fmt::format("value {}", i));
            std::this_thread::sleep_for(pause);
          }
        }) {}
  ~load() { end(); }
  load(const load&) = delete;
  load& operator=(const load&) = delete;
  void end() {
    stop_ = true;
    if (thread_.joinable()) thread_.join();
  }

 private:
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

}  // namespace switchboard::publish::testing
