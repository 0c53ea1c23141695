#include "broker/net/server_state.hpp"

namespace switchboard::net {

std::optional<refusal> server_state::open_connection(const ip_address& peer) {
  if (connections_.fetch_add(1) >= settings.limits.connections) {
    connections_.fetch_sub(1);
    return refusal::too_many_connections;
  }
  if (proxies.trusts(peer)) return std::nullopt;
  const std::lock_guard lock(mutex_);
  std::size_t& count = by_address_[peer.counted()];
  if (count >= settings.limits.connections_per_address) {
    connections_.fetch_sub(1);
    return refusal::too_many_connections_of_address;
  }
  ++count;
  return std::nullopt;
}

void server_state::close_connection(const ip_address& peer) {
  const std::lock_guard lock(mutex_);
  if (!proxies.trusts(peer)) {
    const auto found = by_address_.find(peer.counted());
    if (--found->second == 0) by_address_.erase(found);
  }
  if (connections_.fetch_sub(1) == 1) none_left_.notify_all();
}

bool server_state::wait_for_no_connection(std::chrono::steady_clock::time_point deadline) {
  std::unique_lock lock(mutex_);
  return none_left_.wait_until(lock, deadline, [&] { return connections_.load() == 0; });
}

bool server_state::charge(std::size_t bytes) noexcept {
  if (in_flight_.fetch_add(bytes, std::memory_order_relaxed) + bytes <= settings.limits.bytes_in_flight) return true;
  in_flight_.fetch_sub(bytes, std::memory_order_relaxed);
  return false;
}

bool server_state::would_fit(std::uint64_t bytes) const noexcept {
  const std::size_t used = in_flight(), bound = settings.limits.bytes_in_flight;
  return used <= bound && bytes <= bound - used;
}

tls_context server_state::tls() const {
  const std::lock_guard lock(tls_mutex_);
  return tls_;
}

void server_state::set_tls(tls_context context) {
  const std::lock_guard lock(tls_mutex_);
  tls_.swap(context);
}

}  // namespace switchboard::net
