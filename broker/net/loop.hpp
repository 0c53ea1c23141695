// One network thread: an io_context, its listener, its connections and their deadlines, and a mailbox for other
// threads.
#pragma once

#include <array>
#include <atomic>
#include <boost/intrusive/list.hpp>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include "broker/net/io.hpp"
#include "broker/net/request_id.hpp"
#include "broker/net/server_state.hpp"
#include "broker/net/timer_wheel.hpp"
#include "broker/observe/log.hpp"

namespace switchboard::net {

class connection;

// Held by the server and by its connections, so that an answer which comes after stop() still finds the io_context its
// socket belongs to.
class loop : public std::enable_shared_from_this<loop> {
 public:
  loop(std::shared_ptr<server_state> state, int index);
  ~loop();

  // Before run().
  std::expected<std::uint16_t, std::string> listen(const asio::ip::address&, std::uint16_t port, bool shared_port);
  void start();

  // Any thread.
  void post(std::move_only_function<void()>);
  bool is_this_thread() const noexcept;
  bool turned_since(std::chrono::steady_clock::time_point) const noexcept;
  void stop_accepting();
  void close_idle();
  void stop();  // and joins; not on a network thread

  // The loop's thread.
  int index() const noexcept { return index_; }
  server_state& state() noexcept { return *state_; }
  timer_wheel& deadlines() noexcept { return wheel_; }
  std::string_view date() const noexcept { return date_; }
  std::span<char> scratch() noexcept { return scratch_; }  // for what is read and thrown away
  void add(connection&);
  request_id next_request_id() noexcept { return request_ids_.next(); }
  observe::log_budget& refusals_logged() noexcept { return refusals_logged_; }

 private:
  void run();
  void run_posted();
  void tick();
  void accept_next();
  void accepted(tcp_socket, const tcp::endpoint&);
  void accept_backlog();

  const std::shared_ptr<server_state> state_;
  const int index_;
  asio::io_context context_{1};
  tcp_acceptor acceptor_{context_};
  tcp::endpoint peer_;
  steady_timer timer_{context_};
  timer_wheel wheel_;
  std::chrono::steady_clock::time_point last_tick_;
  int accept_paused_ = 0;  // ticks
  bool accepting_ = false, stopping_ = false;
  std::chrono::steady_clock::time_point accept_error_logged_;
  std::chrono::sys_seconds date_second_;
  std::string date_;
  std::array<char, 16 << 10> scratch_;
  request_ids request_ids_;
  observe::log_budget refusals_logged_{20};
  struct connections;
  std::unique_ptr<connections> connections_;
  std::atomic<std::chrono::steady_clock::rep> heartbeat_ = 0;
  std::thread thread_;

  std::mutex mutex_;  // guards the two below
  std::vector<std::move_only_function<void()>> posted_;
  bool closed_ = false;
};

}  // namespace switchboard::net
