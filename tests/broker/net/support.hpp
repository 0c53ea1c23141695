// A raw client, and a server around functions: what the network tests share.
#pragma once

#include <gtest/gtest.h>
#include <prometheus/registry.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "broker/net/http_server.hpp"
#include "broker/net/probe.hpp"

namespace switchboard::net::testing {

using namespace std::chrono_literals;
inline constexpr std::chrono::seconds patience{20};  // no test waits longer for what must come

template <class Condition>
bool eventually(Condition&& condition) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(2ms);
  }
  return true;
}

struct response {
  int status = 0;
  std::map<std::string, std::string> headers;  // names in lower case
  std::string head, body;
  std::string code() const;  // of the one-line JSON error
};

// A blocking TCP client over loopback. Every wait has a deadline.
class client {
 public:
  explicit client(std::uint16_t port, const std::string& address = "127.0.0.1", const std::string& from = "");
  static client unconnected();
  ~client();
  client(client&&) noexcept;
  client& operator=(client&&) noexcept;
  client(const client&) = delete;

  void connect(std::uint16_t port);
  bool send(std::string_view bytes);  // false: the peer has closed
  std::optional<response> receive(bool to_head_request = false);
  std::string receive_bytes(std::size_t least);  // fewer when the peer closes
  bool closed_by_peer();                         // waits for the end; discards what still comes
  bool silent();                                 // nothing to read right now, and not closed
  void finish_sending();
  void reset();  // ends with RST
  int descriptor() const noexcept { return fd_; }

 private:
  struct family {
    int value;
  };
  explicit client(family);
  bool fill();  // false at the end

  int fd_ = -1;
  std::string buffer_;
};

// Sends everything, reads one response.
std::optional<response> ask(std::uint16_t port, std::string_view bytes);
std::string post_request(std::string_view body, std::string_view extra_header = "",
                         std::string_view target = "/in/test");

struct seen_request {
  std::string method, target, peer, scheme, host, client_certificate, body;
  std::vector<std::pair<std::string, std::string>> headers;
  explicit seen_request(const request&);
  std::string header(std::string_view name) const;
};

// Answers 200 with the body it got, and remembers what it saw, unless told otherwise.
class test_handler : public handler {
 public:
  admit_result admit(const request_head&) override;
  void handle(std::unique_ptr<responder>) override;

  std::function<admit_result(const request_head&)> on_admit;  // set before the server starts
  std::function<void(std::unique_ptr<responder>)> on_handle;
  std::size_t body_limit = 1 << 20;

  std::vector<seen_request> seen() const;
  std::size_t count() const { return seen().size(); }

 private:
  mutable std::mutex mutex_;
  std::vector<seen_request> seen_;
};

struct test_server {
  explicit test_server(http_settings settings = {}, std::function<void(test_handler&)> prepare = {});
  ~test_server();

  prometheus::Registry registry;
  net::probe probe{registry};
  test_handler handler;
  std::unique_ptr<http_server> server;

  std::uint16_t port() const { return server->port(); }
  double refused(refusal r) const { return probe.refusals[static_cast<std::size_t>(r)]->Value(); }
  double hit(deadline d) const { return probe.deadlines[static_cast<std::size_t>(d)]->Value(); }
};

}  // namespace switchboard::net::testing
