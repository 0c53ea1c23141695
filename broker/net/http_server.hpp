// The HTTP/1.1 server: limits, deadlines, TLS. Knows nothing of contacts; Beast stays behind this header.
//
// One io_context per network thread, each with its own listener (SO_REUSEPORT); a connection lives and dies on one of them. The handler is
// called on that thread with a whole request, and answers once, from any thread, through the responder.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "connectors/contract.hpp"

namespace switchboard::net {

struct http_limits {
  std::size_t header_bytes = 8 << 10, headers = 100, target_bytes = 8 << 10;
  std::size_t connections = 10000, connections_per_address = 1000;
  std::size_t bytes_in_flight = 256u << 20;                 // bodies in memory, all connections together
  std::chrono::seconds tls_handshake{10}, header{10}, body{30}, idle{75}, reply{60};
};

struct http_settings {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;                                   // 0: any; see http_server::port()
  int threads = 1;
  http_limits limits;
  struct tls { std::string certificate_file, key_file, client_ca_file, client_crl_file; bool require_client = false; };
  std::optional<tls> tls_files;
  std::vector<std::string> trusted_proxies;                 // CIDR; only these are believed about X-Forwarded-For/-Proto
};

struct http_response {
  int status = 200;
  std::string content_type, body;
  std::vector<std::pair<std::string, std::string>> headers;
  bool close = false;
};

// One line of JSON: {"error":{"code":"body_too_large","message":"…"}}
http_response error_response(int status, std::string_view code, std::string_view message);

// The head of a request, before its body is read. Views live until the call returns.
struct request_head {
  std::string_view method, target;
  std::span<const connectors::header> headers;
  std::string_view peer;
  std::string_view scheme;                                  // as the client called it, proxies considered
  std::string_view client_certificate;                      // subject of a verified client certificate
};

// Decided on the head alone, so that overload and unknown paths cost no body: either read a body of at most body_limit, or refuse.
struct admission {
  std::size_t body_limit = 0;
  std::shared_ptr<const void> context;                      // handed back with the request (the source, pinned over a reload)
};
using admit_result = std::expected<admission, http_response>;

// A whole request. Owned by the responder: valid until the reply is sent.
struct request {
  request_head head;
  std::string_view body;                                    // inbound::body_padding bytes follow
  std::shared_ptr<const void> context;
};

// Answers one request, once. Any thread. Dropping it unanswered closes the connection.
class responder {
 public:
  virtual ~responder() = default;
  virtual const net::request& request() const = 0;
  virtual void send(http_response) = 0;
  virtual int thread_index() const = 0;                     // of the network thread that owns the connection
};

// Called on network threads, concurrently. Must not block.
class handler {
 public:
  virtual ~handler() = default;
  virtual admit_result admit(const request_head&) = 0;
  virtual void handle(std::unique_ptr<responder>) = 0;
};

class probe;  // metrics; probe.hpp

class http_server {
 public:
  static std::expected<std::unique_ptr<http_server>, std::string> start(http_settings, handler&, probe&);
  virtual ~http_server() = default;
  virtual std::uint16_t port() const = 0;
  virtual std::expected<void, std::string> reload_tls() = 0;  // new connections get the new certificate, old ones go on
  virtual bool healthy() const = 0;                           // every loop turned within the last seconds
  // Runs `work` on a network thread (completions are grouped: one wake-up a batch). Any thread.
  virtual void post(int thread_index, std::move_only_function<void()> work) = 0;
  virtual void stop_accepting() = 0;
  // Idle connections are closed, busy ones finish; returns when all are gone or at the deadline.
  virtual bool drain(std::chrono::steady_clock::time_point deadline) = 0;
  virtual void stop() = 0;
};

}  // namespace switchboard::net
