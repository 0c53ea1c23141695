#include "broker/app/http_client.hpp"

#include <fmt/format.h>
#include <netdb.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <memory>
#include <optional>

namespace switchboard::app {
namespace {

struct socket_handle {
  int fd = -1;
  explicit socket_handle(int f) : fd(f) {}
  socket_handle(socket_handle&& o) noexcept : fd(std::exchange(o.fd, -1)) {}
  socket_handle& operator=(socket_handle&&) = delete;
  ~socket_handle() {
    if (fd >= 0) ::close(fd);
  }
};
template <auto f>
struct with {
  void operator()(auto* p) const noexcept { f(p); }
};
using addresses = std::unique_ptr<addrinfo, with<::freeaddrinfo>>;
using tls_context = std::unique_ptr<SSL_CTX, with<::SSL_CTX_free>>;
using tls_stream = std::unique_ptr<SSL, with<::SSL_free>>;

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
  return out;
}

std::expected<socket_handle, std::string> connect_to(const http_url& url, std::chrono::seconds limit) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int error = ::getaddrinfo(url.host.c_str(), url.port.c_str(), &hints, &found); error != 0)
    return std::unexpected(fmt::format("{}: {}", url.host, ::gai_strerror(error)));
  const addresses all(found);
  std::string reason = "no address";
  for (const auto* a = all.get(); a != nullptr; a = a->ai_next) {
    socket_handle s(::socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC, a->ai_protocol));
    const timeval time{limit.count(), 0};
    ::setsockopt(s.fd, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time);
    ::setsockopt(s.fd, SOL_SOCKET, SO_SNDTIMEO, &time, sizeof time);
    if (::connect(s.fd, a->ai_addr, a->ai_addrlen) == 0) return s;
    reason = std::strerror(errno);
  }
  return std::unexpected(fmt::format("{}:{}: {}", url.host, url.port, reason));
}

// Reads and writes, through TLS or not.
class stream {
 public:
  static std::expected<stream, std::string> open(const http_call& c) {
    auto connected = connect_to(c.url, c.limit);
    if (!connected) return std::unexpected(connected.error());
    stream s(std::move(*connected));
    if (!c.url.tls) return s;
    s.context_.reset(SSL_CTX_new(TLS_client_method()));
    SSL_CTX_set_min_proto_version(s.context_.get(), TLS1_2_VERSION);
    SSL_CTX_set_default_verify_paths(s.context_.get());
    if (c.verify_certificate) SSL_CTX_set_verify(s.context_.get(), SSL_VERIFY_PEER, nullptr);
    s.tls_.reset(SSL_new(s.context_.get()));
    SSL_set_fd(s.tls_.get(), s.socket_.fd);
    SSL_set_tlsext_host_name(s.tls_.get(), c.url.host.c_str());
    if (c.verify_certificate) SSL_set1_host(s.tls_.get(), c.url.host.c_str());
    if (SSL_connect(s.tls_.get()) != 1) {
      char reason[256] = "handshake failed";
      if (const auto code = ERR_get_error(); code != 0) ERR_error_string_n(code, reason, sizeof reason);
      return std::unexpected(fmt::format("TLS with {}: {}", c.url.host, reason));
    }
    return s;
  }

  bool write(std::string_view data) {
    while (!data.empty()) {
      const auto n =
          tls_ ? SSL_write(tls_.get(), data.data(), static_cast<int>(std::min<std::size_t>(data.size(), 1 << 20)))
               : ::send(socket_.fd, data.data(), data.size(), MSG_NOSIGNAL);
      if (n <= 0) return false;
      data.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
  }
  // Bytes read, 0 at the end, negative on an error or the time limit.
  std::ptrdiff_t read(std::span<char> out) {
    if (!tls_) return ::recv(socket_.fd, out.data(), out.size(), 0);
    const int n = SSL_read(tls_.get(), out.data(), static_cast<int>(out.size()));
    if (n > 0) return n;
    return SSL_get_error(tls_.get(), n) == SSL_ERROR_ZERO_RETURN ? 0 : -1;
  }

 private:
  explicit stream(socket_handle s) : socket_(std::move(s)) {}
  socket_handle socket_;
  tls_context context_;
  tls_stream tls_;
};

std::optional<std::size_t> parse_head(std::string_view head, http_reply& reply) {
  const auto line = head.substr(0, head.find("\r\n"));
  if (!line.starts_with("HTTP/1.") || line.size() < 12) return std::nullopt;
  const auto digits = line.substr(9, 3);
  if (std::from_chars(digits.data(), digits.data() + 3, reply.status).ec != std::errc{}) return std::nullopt;
  std::optional<std::size_t> length;
  for (auto rest = head.substr(std::min(line.size() + 2, head.size())); !rest.empty();) {
    const auto end = std::min(rest.find("\r\n"), rest.size());
    const auto field = rest.substr(0, end);
    const auto colon = field.find(':');
    if (colon != std::string_view::npos) {
      auto value = field.substr(colon + 1);
      while (value.starts_with(' ')) value.remove_prefix(1);
      reply.headers.emplace_back(lower(field.substr(0, colon)), value);
      if (reply.headers.back().first == "content-length") {
        std::size_t n = 0;
        if (std::from_chars(value.data(), value.data() + value.size(), n).ec == std::errc{}) length = n;
      }
    }
    rest.remove_prefix(std::min(end + 2, rest.size()));
  }
  return length.value_or(std::string::npos);
}

}  // namespace

std::expected<http_url, std::string> parse_url(std::string_view text) {
  http_url url;
  url.tls = text.starts_with("https://");
  if (!url.tls && !text.starts_with("http://")) return std::unexpected("a URL begins with http:// or https://");
  text.remove_prefix(url.tls ? 8 : 7);
  const auto slash = std::min(text.find('/'), text.size());
  auto authority = text.substr(0, slash);
  url.target = slash == text.size() ? "/" : std::string(text.substr(slash));
  url.port = url.tls ? "443" : "80";
  if (authority.starts_with('[')) {
    const auto end = authority.find(']');
    if (end == std::string_view::npos) return std::unexpected("the address is not closed with ]");
    url.host = authority.substr(1, end - 1);
    authority.remove_prefix(end + 1);
    if (authority.starts_with(':')) url.port = authority.substr(1);
  } else {
    const auto colon = authority.find(':');
    url.host = authority.substr(0, colon);
    if (colon != std::string_view::npos) url.port = authority.substr(colon + 1);
  }
  const bool digits = !url.port.empty() && std::ranges::all_of(url.port, [](char c) { return c >= '0' && c <= '9'; });
  if (url.host.empty() || !digits) return std::unexpected("a URL is http://host:port/path");
  return url;
}

std::expected<http_reply, std::string> call(const http_call& c) {
  auto opened = stream::open(c);
  if (!opened) return std::unexpected(opened.error());
  const bool v6 = c.url.host.find(':') != std::string::npos;
  auto request =
      fmt::format("{} {} HTTP/1.1\r\nHost: {}{}{}:{}\r\nConnection: close\r\nContent-Length: {}\r\n", c.method,
                  c.url.target, v6 ? "[" : "", c.url.host, v6 ? "]" : "", c.url.port, c.body.size());
  for (const auto& [name, value] : c.headers) request += fmt::format("{}: {}\r\n", name, value);
  request += "\r\n";
  request += c.body;
  // A server that refuses early closes while we write; its answer is still there to read.
  (void)opened->write(request);

  std::string received;
  http_reply reply;
  std::optional<std::size_t> length;
  std::size_t body_at = 0;
  std::vector<char> buffer(64 << 10);
  const auto deadline = std::chrono::steady_clock::now() + c.limit;
  for (;;) {
    if (!length) {
      if (const auto end = received.find("\r\n\r\n"); end != std::string::npos) {
        length = parse_head(std::string_view(received).substr(0, end), reply);
        if (!length) return std::unexpected("the answer is no HTTP");
        body_at = end + 4;
      }
    }
    if (length && *length != std::string::npos && received.size() - body_at >= *length) break;
    const auto n = opened->read(buffer);
    if (n == 0 && length && *length == std::string::npos) break;
    if (n <= 0)
      return std::unexpected(received.empty() ? "the connection closed without an answer" : "the answer is not whole");
    received.append(buffer.data(), static_cast<std::size_t>(n));
    if (received.size() > c.largest_reply) return std::unexpected("the answer is too large");
    if (std::chrono::steady_clock::now() > deadline) return std::unexpected("no answer in time");
  }
  reply.body = received.substr(body_at, *length);
  return reply;
}

}  // namespace switchboard::app
