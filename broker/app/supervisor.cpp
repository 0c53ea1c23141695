#include "broker/app/supervisor.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <cstring>

namespace switchboard::app {
namespace {

std::optional<std::int64_t> number(const char* variable) {
  const char* text = std::getenv(variable);
  if (text == nullptr) return std::nullopt;
  std::int64_t value = 0;
  const char* const end = text + std::strlen(text);
  const auto [stopped, error] = std::from_chars(text, end, value);
  if (error != std::errc{} || stopped != end || value <= 0) return std::nullopt;
  return value;
}

}  // namespace

supervisor::supervisor() {
  const char* path = std::getenv("NOTIFY_SOCKET");
  if (path == nullptr || (*path != '/' && *path != '@')) return;
  address_ = path;
  if (address_.size() >= sizeof sockaddr_un::sun_path) return;
  if (*path == '@') address_[0] = '\0';
  socket_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const auto pid = number("WATCHDOG_PID");
  if (const auto limit = number("WATCHDOG_USEC"); limit && (!pid || *pid == ::getpid()))
    watchdog_ = std::chrono::microseconds{*limit};
}

supervisor::~supervisor() {
  if (socket_ >= 0) ::close(socket_);
}

// A supervisor that does not listen is no reason to stop or to wait.
void supervisor::tell(std::string_view state) const {
  if (socket_ < 0) return;
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  std::memcpy(to.sun_path, address_.data(), address_.size());
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address_.size());
  (void)::sendto(socket_, state.data(), state.size(), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&to), size);
}

void supervisor::ready() const { tell("READY=1"); }

void supervisor::reloading(std::chrono::steady_clock::time_point now) const {
  const auto since = std::chrono::duration_cast<std::chrono::microseconds>(now.time_since_epoch()).count();
  tell(fmt::format("RELOADING=1\nMONOTONIC_USEC={}", since));
}

void supervisor::stopping(std::chrono::seconds at_most) const {
  tell(fmt::format("STOPPING=1\nEXTEND_TIMEOUT_USEC={}", std::chrono::microseconds(at_most).count()));
}

void supervisor::alive() const { tell("WATCHDOG=1"); }

}  // namespace switchboard::app
