// What the loops of one server share. Outlives the server: a connection whose answer is late holds it.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "broker/net/address.hpp"
#include "broker/net/http_server.hpp"
#include "broker/net/probe.hpp"
#include "broker/net/proxies.hpp"

namespace switchboard::net {

// Any thread, except where a line says otherwise.
class server_state {
 public:
  server_state(http_settings s, proxy_list p, handler& h, net::probe& m)
      : settings(std::move(s)), proxies(std::move(p)), application(h), probe(m) {}

  const http_settings settings;
  const proxy_list proxies;
  handler& application;  // network threads only, so not after stop()
  net::probe& probe;     // likewise
  std::atomic<bool> draining = false;

  // Counts a connection in, or says which bound it is past.
  std::optional<refusal> open_connection(const ip_address& peer);
  void close_connection(const ip_address& peer);
  bool wait_for_no_connection(std::chrono::steady_clock::time_point deadline);
  // How many clients at once are told that they were refused; the others just see their connection end.
  bool take_refusal() noexcept { return refusals_.fetch_add(1) < most_refusals || (refusals_.fetch_sub(1), false); }
  void release_refusal() noexcept { refusals_.fetch_sub(1); }
  std::size_t connections() const noexcept { return connections_.load(std::memory_order_relaxed); }

  // Bodies are charged as their bytes arrive, not as they are announced: announcing costs a client nothing.
  bool charge(std::size_t bytes) noexcept;
  void uncharge(std::size_t bytes) noexcept { in_flight_.fetch_sub(bytes, std::memory_order_relaxed); }
  bool would_fit(std::uint64_t bytes) const noexcept;
  std::size_t in_flight() const noexcept { return in_flight_.load(std::memory_order_relaxed); }

  tls_context tls() const;
  void set_tls(tls_context);

 private:
  static constexpr std::size_t most_refusals = 256;
  std::atomic<std::size_t> connections_ = 0, refusals_ = 0, in_flight_ = 0;
  std::mutex mutex_;  // guards the two below
  std::unordered_map<ip_address, std::size_t> by_address_;
  std::condition_variable none_left_;
  mutable std::mutex tls_mutex_;
  tls_context tls_;
};

}  // namespace switchboard::net
