#include "tests/broker/net/support.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <thread>
#include <utility>

namespace switchboard::net::testing {
namespace {

bool wait_readable(int fd, std::chrono::milliseconds limit) {
  pollfd p{fd, POLLIN, 0};
  return ::poll(&p, 1, static_cast<int>(limit.count())) > 0;
}

sockaddr_in v4_name(const std::string& address, std::uint16_t port) {
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_port = htons(port);
  ::inet_pton(AF_INET, address.c_str(), &name.sin_addr);
  return name;
}

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

}  // namespace

std::string response::code() const {
  constexpr std::string_view key = "{\"error\":{\"code\":\"";
  if (!body.starts_with(key)) return {};
  return body.substr(key.size(), body.find('"', key.size()) - key.size());
}

client::client(family f) : fd_(::socket(f.value, SOCK_STREAM | SOCK_CLOEXEC, 0)) { EXPECT_GE(fd_, 0); }

client client::unconnected() { return client(family{AF_INET}); }

client::client(std::uint16_t port, const std::string& address, const std::string& from)
    : client(family{address.find(':') == address.npos ? AF_INET : AF_INET6}) {
  if (address.find(':') == address.npos) {
    if (!from.empty()) {
      const sockaddr_in name = v4_name(from, 0);
      EXPECT_EQ(::bind(fd_, reinterpret_cast<const sockaddr*>(&name), sizeof name), 0) << std::strerror(errno);
    }
    connect(port);
    return;
  }
  sockaddr_in6 to{};
  to.sin6_family = AF_INET6;
  to.sin6_port = htons(port);
  ::inet_pton(AF_INET6, address.c_str(), &to.sin6_addr);
  EXPECT_EQ(::connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to), 0) << std::strerror(errno);
}

void client::connect(std::uint16_t port) {
  const sockaddr_in to = v4_name("127.0.0.1", port);
  EXPECT_EQ(::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to), 0) << std::strerror(errno);
  const int on = 1;
  ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

client& client::operator=(client&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(buffer_, other.buffer_);
  return *this;
}

client::~client() {
  if (fd_ >= 0) ::close(fd_);
}

client::client(client&& other) noexcept : fd_(std::exchange(other.fd_, -1)), buffer_(std::move(other.buffer_)) {}

bool client::send(std::string_view bytes) {
  while (!bytes.empty()) {
    pollfd p{fd_, POLLOUT, 0};
    if (::poll(&p, 1, static_cast<int>(std::chrono::milliseconds(patience).count())) <= 0) return false;
    const ssize_t n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0 && errno == EAGAIN) continue;
    if (n < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

bool client::fill() {
  if (!wait_readable(fd_, patience)) {
    ADD_FAILURE() << "nothing arrived in time";
    return false;
  }
  char part[65536];
  const ssize_t n = ::recv(fd_, part, sizeof part, 0);
  if (n <= 0) return false;
  buffer_.append(part, static_cast<std::size_t>(n));
  return true;
}

std::optional<response> client::receive(bool to_head_request) {
  std::size_t end = 0;
  while ((end = buffer_.find("\r\n\r\n")) == buffer_.npos)
    if (!fill()) return std::nullopt;
  response result;
  result.head = buffer_.substr(0, end + 2);
  buffer_.erase(0, end + 4);
  EXPECT_TRUE(result.head.starts_with("HTTP/1.1 ")) << result.head;
  result.status = std::atoi(result.head.c_str() + 9);
  for (std::size_t line = result.head.find("\r\n") + 2; line < result.head.size();) {
    const std::size_t stop = result.head.find("\r\n", line), colon = result.head.find(": ", line);
    EXPECT_LT(colon, stop) << result.head;
    result.headers[lower(result.head.substr(line, colon - line))] = result.head.substr(colon + 2, stop - colon - 2);
    line = stop + 2;
  }
  if (to_head_request || result.status < 200 || result.status == 204 || result.status == 304) return result;
  EXPECT_TRUE(result.headers.contains("content-length")) << result.head;
  const std::size_t length = std::stoul(result.headers["content-length"]);
  while (buffer_.size() < length)
    if (!fill()) return std::nullopt;
  result.body = buffer_.substr(0, length);
  buffer_.erase(0, length);
  return result;
}

std::string client::receive_bytes(std::size_t least) {
  while (buffer_.size() < least && fill()) {
  }
  return std::exchange(buffer_, {});
}

bool client::closed_by_peer() {
  char part[65536];
  for (;;) {
    if (!wait_readable(fd_, patience)) return false;
    const ssize_t n = ::recv(fd_, part, sizeof part, 0);
    if (n == 0 || (n < 0 && errno == ECONNRESET)) return true;
    if (n < 0) return false;
  }
}

bool client::silent() { return buffer_.empty() && !wait_readable(fd_, 0ms); }

void client::finish_sending() { ::shutdown(fd_, SHUT_WR); }

void client::reset() {
  const linger hard{1, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  ::close(std::exchange(fd_, -1));
}

std::optional<response> ask(std::uint16_t port, std::string_view bytes) {
  client c(port);
  c.send(bytes);
  return c.receive();
}

std::string post_request(std::string_view body, std::string_view extra_header, std::string_view target) {
  std::string text = "POST ";
  ((text += target) += " HTTP/1.1\r\nHost: broker.example\r\nContent-Length: ") += std::to_string(body.size());
  (((text += "\r\n") += extra_header) += "\r\n") += body;
  return text;
}

seen_request::seen_request(const request& r)
    : method(r.head.method),
      target(r.head.target),
      peer(r.head.peer),
      scheme(r.head.scheme),
      host(r.head.host),
      client_certificate(r.head.client_certificate),
      body(r.body) {
  for (const auto& [name, value] : r.head.headers) headers.emplace_back(name, value);
}

std::string seen_request::header(std::string_view name) const {
  for (const auto& [n, value] : headers)
    if (lower(n) == name) return value;
  return {};
}

admit_result test_handler::admit(const request_head& head) {
  if (on_admit) return on_admit(head);
  return admission{body_limit, nullptr};
}

void test_handler::handle(std::unique_ptr<responder> r) {
  {
    const std::lock_guard lock(mutex_);
    seen_.emplace_back(r->request());
  }
  if (on_handle) return on_handle(std::move(r));
  std::string body(r->request().body);
  r->send({200, "application/octet-stream", std::move(body), {}, false});
}

std::vector<seen_request> test_handler::seen() const {
  const std::lock_guard lock(mutex_);
  return seen_;
}

test_server::test_server(http_settings settings, std::function<void(test_handler&)> prepare) {
  if (prepare) prepare(handler);
  auto started = http_server::start(std::move(settings), handler, probe);
  if (!started) throw std::runtime_error(started.error());
  server = std::move(*started);
}

test_server::~test_server() { server->stop(); }

}  // namespace switchboard::net::testing
