// systemd's notification protocol: what a unit of Type=notify is told, and its watchdog. Nothing happens where
// NOTIFY_SOCKET is not set. One thread.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace switchboard::app {

class supervisor {
 public:
  supervisor();  // from the environment of the process
  ~supervisor();
  supervisor(const supervisor&) = delete;

  void ready() const;
  void reloading(std::chrono::steady_clock::time_point now) const;
  // Asks for the time that the drain may take, so that no shorter time-out of the unit cuts it off.
  void stopping(std::chrono::seconds at_most) const;
  void alive() const;  // to be told more often than watchdog(), only while the program does what it is for

  // The supervisor restarts what has not been alive for so long; nothing: it does not watch.
  std::optional<std::chrono::microseconds> watchdog() const noexcept { return watchdog_; }

 private:
  void tell(std::string_view state) const;

  int socket_ = -1;
  std::string address_;  // sun_path; an abstract one begins with NUL
  std::optional<std::chrono::microseconds> watchdog_;
};

}  // namespace switchboard::app
