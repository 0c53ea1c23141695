// SIGINT and SIGTERM as a flag, while the object lives: for commands that run until they are told to stop.
#pragma once

#include <csignal>

namespace switchboard::app {

class interruption {
 public:
  interruption() {
    struct sigaction action{};
    action.sa_handler = [](int) { raised_ = 1; };
    ::sigaction(SIGINT, &action, &before_[0]);
    ::sigaction(SIGTERM, &action, &before_[1]);
  }
  interruption(const interruption&) = delete;
  ~interruption() {
    ::sigaction(SIGINT, &before_[0], nullptr);
    ::sigaction(SIGTERM, &before_[1], nullptr);
  }
  bool requested() const noexcept { return raised_ != 0; }

 private:
  static inline volatile std::sig_atomic_t raised_ = 0;
  struct sigaction before_[2]{};
};

}  // namespace switchboard::app
