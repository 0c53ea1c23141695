// The HTTP/1.1 server: limits, deadlines, TLS. Knows nothing of contacts; Beast stays behind this header.
//
// One io_context per network thread, each with its own listener (SO_REUSEPORT); a connection lives and dies on one of
// them. The handler is called on that thread with a whole request, and answers once, from any thread, through the
// responder.
//
// Framing is strict: whatever two readers could frame differently is refused with a definite status and the connection
// closed (refusal.hpp lists the reasons). Overload is answered 503 with Retry-After before the body is read; 429 and
// 410 are never sent.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "connectors/contract.hpp"

struct ssl_ctx_st;  // OpenSSL's SSL_CTX

namespace switchboard::net {

struct http_limits {
  std::size_t header_bytes = 8 << 10, headers = 100, target_bytes = 8 << 10;
  std::size_t connections = 10000, connections_per_address = 1000;
  std::size_t bytes_in_flight = 256u << 20;  // bodies in memory, all connections together, as they arrive
  std::chrono::seconds tls_handshake{10}, header{10}, body{30}, idle{75}, reply{60};
};

struct http_settings {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  // 0: any; see http_server::port()
  int threads = 1;
  http_limits limits;
  struct tls {
    std::string certificate_file, key_file, client_ca_file, client_crl_file;
    bool require_client = false;
  };
  std::optional<tls> tls_files;
  std::vector<std::string> trusted_proxies;  // CIDR; only these are believed about X-Forwarded-For/-Proto/-Host,
                                             // and they are exempt from connections_per_address
};

// Certificate, key and authorities as read from the files, proven to belong together. Immutable; any thread.
using tls_context = std::shared_ptr<ssl_ctx_st>;
enum class tls_file : std::uint8_t { certificate, key, client_ca, client_crl };
struct tls_problem {
  tls_file file;
  std::string message;  // for a person: names the file and what is wrong with it
};
std::expected<tls_context, tls_problem> load_tls(const http_settings::tls&);

// A body that is not held in memory but read while it is written, on the network thread of its connection.
class body_source {
 public:
  virtual ~body_source() = default;
  virtual std::uint64_t size() const = 0;
  // Fills `out`, which lies within size(). False: it cannot be read, and the connection ends short of what was
  // promised.
  virtual bool read(std::uint64_t offset, std::span<char> out) const = 0;
};

struct http_response {
  int status = 200;
  std::string content_type, body;
  std::vector<std::pair<std::string, std::string>> headers;
  bool close = false;
  std::shared_ptr<const body_source> streamed = nullptr;  // in place of `body`
};

// A 503 without Retry-After gets one. A status of 429 or 410 is a programming error, and so is a control character in a
// header.

// One line of JSON: {"error":{"code":"body_too_large","message":"…"}}
http_response error_response(int status, std::string_view code, std::string_view message);

// The head of a request, before its body is read. Views live until the call returns.
struct request_head {
  std::string_view method, target;
  std::span<const connectors::header> headers;
  std::string_view peer;
  std::string_view scheme;              // as the client called it, proxies considered
  std::string_view client_certificate;  // subject (RFC 2253) of a verified client certificate
  std::string_view host;                // host[:port] as the client called it, proxies considered; may be empty
  std::string_view id;                  // ours; every reply says it as X-Request-Id, the log as `request`
};

// Decided on the head alone, so that overload and unknown paths cost no body: either read a body of at most body_limit,
// or refuse.
struct admission {
  std::size_t body_limit = 0;
  std::shared_ptr<const void> context;  // handed back with the request (the source, pinned over a reload)
};
using admit_result = std::expected<admission, http_response>;

// A whole request. Owned by the responder: valid until the reply is sent.
struct request {
  request_head head;
  std::string_view body;  // inbound::body_padding bytes follow
  std::shared_ptr<const void> context;
};

// Answers one request, once. Any thread, at any time: after the client is gone, after the reply deadline (which
// answered 503), after the server has stopped. Dropping it unanswered closes the connection.
class responder {
 public:
  virtual ~responder() = default;
  virtual const net::request& request() const = 0;
  virtual void send(http_response) = 0;
  virtual int thread_index() const = 0;  // of the network thread that owns the connection
};

// Called on network threads, concurrently. Must not block, must not throw.
class handler {
 public:
  virtual ~handler() = default;
  virtual admit_result admit(const request_head&) = 0;
  virtual void handle(std::unique_ptr<responder>) = 0;
};

class probe;  // metrics; probe.hpp

// Any thread may call it, except that stop() and drain() must not be called on a network thread. Handler and probe
// outlive stop().
class http_server {
 public:
  // Listens when it returns. The error is for a person: which file, address or range, and what is wrong with it.
  static std::expected<std::unique_ptr<http_server>, std::string> start(http_settings, handler&, probe&);
  virtual ~http_server() = default;
  virtual std::uint16_t port() const = 0;
  // New connections get this one, old ones go on with theirs. Only of a server that was started with tls_files.
  virtual void use_tls(tls_context) = 0;
  virtual bool healthy() const = 0;  // every loop turned within the last seconds
  // Runs `work` on a network thread (completions are grouped: one wake-up a batch). Any thread. After stop() it is
  // dropped unrun.
  virtual void post(int thread_index, std::move_only_function<void()> work) = 0;
  virtual void stop_accepting() = 0;  // what already waits in the backlog is still accepted
  // Stops accepting. Idle connections are closed, busy ones finish; returns when all are gone or at the deadline.
  virtual bool drain(std::chrono::steady_clock::time_point deadline) = 0;
  virtual void stop() = 0;  // closes everything and joins the threads; a second call does nothing
};

}  // namespace switchboard::net
