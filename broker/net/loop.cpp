#include "broker/net/loop.hpp"

#include <fmt/format.h>
#include <pthread.h>
#include <sys/socket.h>

#include <boost/asio/post.hpp>
#include <cstring>

#include "broker/base/clock.hpp"
#include "broker/net/connection.hpp"
#include "broker/net/reply_writer.hpp"
#include "broker/observe/log.hpp"

namespace switchboard::net {
namespace {

thread_local const loop* this_loop = nullptr;

constexpr int accept_pause_ticks = 2;
constexpr std::chrono::seconds accept_log_interval{10};
constexpr std::uint64_t most_ticks = 100'000;  // caught up with at once, after the machine slept

ip_address address_of(const tcp::endpoint& endpoint) {
  ip_address address;
  if (endpoint.address().is_v6()) {
    address.bytes = endpoint.address().to_v6().to_bytes();
    return address;
  }
  const auto bytes = endpoint.address().to_v4().to_bytes();
  return ip_address::v4({bytes[0], bytes[1], bytes[2], bytes[3]});
}

}  // namespace

struct loop::connections : boost::intrusive::list<connection, boost::intrusive::base_hook<registry_hook>,
                                                  boost::intrusive::constant_time_size<false>> {};

loop::loop(std::shared_ptr<server_state> state, int index)
    : state_(std::move(state)), index_(index), connections_(std::make_unique<connections>()) {}
loop::~loop() = default;

std::expected<std::uint16_t, std::string> loop::listen(const asio::ip::address& address, std::uint16_t port,
                                                       bool shared_port) {
  const tcp::endpoint endpoint(address, port);
  error_code error;
  acceptor_.open(endpoint.protocol(), error);
  if (!error) acceptor_.set_option(asio::socket_base::reuse_address(true), error);
  if (!error && shared_port) {
    const int on = 1;
    if (::setsockopt(acceptor_.native_handle(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) != 0)
      error.assign(errno, boost::system::system_category());
  }
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
  if (!error) acceptor_.non_blocking(true, error);
  if (error)
    return std::unexpected(fmt::format("cannot listen on {} port {}: {}", address.to_string(), port, error.message()));
  return acceptor_.local_endpoint().port();
}

void loop::start() {
  accepting_ = true;
  last_tick_ = std::chrono::steady_clock::now();
  tick();
  accept_next();
  thread_ = std::thread([this] { run(); });
  ::pthread_setname_np(thread_.native_handle(), fmt::format("net-{}", index_).c_str());
}

void loop::run() {
  this_loop = this;
  context_.run();
  this_loop = nullptr;
}

bool loop::is_this_thread() const noexcept { return this_loop == this; }

bool loop::turned_since(std::chrono::steady_clock::time_point time) const noexcept {
  return heartbeat_.load(std::memory_order_relaxed) >= time.time_since_epoch().count();
}

// --- mailbox ---

// What is refused after the end is destroyed by the caller's frame, outside the lock: it may hold responders that post
// in turn.
void loop::post(std::move_only_function<void()> work) {
  bool first = false;
  {
    const std::lock_guard lock(mutex_);
    if (closed_) return;
    first = posted_.empty();
    posted_.push_back(std::move(work));
  }
  if (first) asio::post(context_, [this] { run_posted(); });
}

void loop::run_posted() {
  std::vector<std::move_only_function<void()>> batch;
  {
    const std::lock_guard lock(mutex_);
    batch.swap(posted_);
  }
  for (auto& work : batch) work();
}

void loop::stop_accepting() {
  post([this] {
    if (!std::exchange(accepting_, false)) return;
    accept_backlog();
    error_code error;
    acceptor_.close(error);
  });
}

void loop::close_idle() {
  post([this] {
    for (auto next = connections_->begin(); next != connections_->end();) (next++)->close_if_idle();
  });
}

void loop::stop() {
  if (!thread_.joinable()) return;
  post([this] {
    stopping_ = true;
    accepting_ = false;
    error_code error;
    acceptor_.close(error);
    timer_.cancel();
    while (!connections_->empty()) connections_->front().close();
  });
  thread_.join();
  std::vector<std::move_only_function<void()>> dropped;
  const std::lock_guard lock(mutex_);
  closed_ = true;
  dropped.swap(posted_);
}

// --- the loop's thread ---

void loop::add(connection& c) { connections_->push_back(c); }

void loop::tick() {
  const auto now = std::chrono::steady_clock::now();
  heartbeat_.store(now.time_since_epoch().count(), std::memory_order_relaxed);
  const auto ticks = static_cast<std::uint64_t>((now - last_tick_) / timer_wheel::tick);
  last_tick_ += ticks * timer_wheel::tick;
  wheel_.advance(std::min(ticks, most_ticks));
  if (const auto second = std::chrono::floor<std::chrono::seconds>(base::real_clock().wall()); second != date_second_) {
    date_second_ = second;
    date_ = date_header(second);
  }
  if (index_ == 0) state_->probe.bytes_in_flight.Set(static_cast<double>(state_->in_flight()));
  if (accept_paused_ > 0 && --accept_paused_ == 0) accept_next();
  if (stopping_) return;
  timer_.expires_at(last_tick_ + timer_wheel::tick);
  timer_.async_wait([this](error_code error) {
    if (!error && !stopping_) tick();
  });
}

void loop::accept_next() {
  if (!accepting_) return;
  acceptor_.async_accept(peer_, [this](error_code error, tcp_socket socket) {
    if (!accepting_) return;
    if (!error) {
      accepted(std::move(socket), peer_);
      return accept_next();
    }
    state_->probe.accept_errors.Increment();
    if (error == asio::error::connection_aborted) return accept_next();
    // Out of descriptors or memory: a connection that waits in the backlog keeps the listener readable, so trying on
    // would spin.
    if (last_tick_ - accept_error_logged_ > accept_log_interval) {
      accept_error_logged_ = last_tick_;
      observe::log(observe::level::error, "cannot accept connections", {{"reason", ::strerrordesc_np(error.value())}});
    }
    accept_paused_ = accept_pause_ticks;
  });
}

void loop::accept_backlog() {
  for (error_code error; !error;) {
    tcp::endpoint peer;
    tcp_socket socket = acceptor_.accept(peer, error);
    if (!error) accepted(std::move(socket), peer);
  }
}

void loop::accepted(tcp_socket socket, const tcp::endpoint& endpoint) {
  error_code error;
  socket.non_blocking(true, error);
  if (!error) socket.set_option(tcp::no_delay(true), error);
  if (error) return;
  const ip_address peer = address_of(endpoint);
  auto tls = state_->tls();
  if (const auto refused = state_->open_connection(peer)) {
    if (!tls && state_->take_refusal())
      make_plain_connection(*this, std::move(socket), peer)->start_refused(*refused);
    else
      state_->probe.refused(*refused);
    return;
  }
  const auto fresh = tls ? make_tls_connection(*this, std::move(socket), peer, std::move(tls))
                         : make_plain_connection(*this, std::move(socket), peer);
  fresh->start();
}

}  // namespace switchboard::net
