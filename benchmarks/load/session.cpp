#include "benchmarks/load/session.hpp"

#include <openssl/ssl.h>
#include <sys/socket.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <optional>
#include <type_traits>

#include "broker/net/io.hpp"

namespace switchboard::load {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using net::error_code;
using net::tcp;
using net::tcp_socket;
using tls_stream = asio::ssl::stream<tcp_socket>;

constexpr std::size_t read_at_once = 4096;
constexpr std::uint64_t largest_reply = 16u << 20;

// Keeps the status and lets everything else go.
class reply_parser final : public http::basic_parser<false> {
 public:
  reply_parser() {
    eager(true);
    body_limit(largest_reply);
  }
  int status() const noexcept { return status_; }

 private:
  using text = beast::string_view;
  void on_request_impl(http::verb, text, text, int, error_code&) override {}
  void on_response_impl(int status, text, int, error_code&) override { status_ = status; }
  void on_field_impl(http::field, text, text, error_code&) override {}
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(text body, error_code&) override { return body.size(); }
  void on_chunk_header_impl(std::uint64_t, text, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, text body, error_code&) override { return body.size(); }
  void on_finish_impl(error_code&) override {}

  int status_ = 0;
};

template <class Stream>
class session_over final : public session, public std::enable_shared_from_this<session_over<Stream>> {
 public:
  template <class... Arguments>
  session_over(session_owner& owner, std::uint32_t slot, Arguments&&... arguments)
      : owner_(owner), slot_(slot), stream_(std::forward<Arguments>(arguments)...) {}

  Stream& stream() noexcept { return stream_; }

  void open(const tcp::endpoint& to) override {
    socket().async_connect(to, [self = this->shared_from_this()](error_code error) { self->on_connected(error); });
  }

  std::string& wire() override { return wire_; }

  void send() override {
    parser_.emplace();
    writing_ = true;
    asio::async_write(stream_, asio::buffer(wire_), [self = this->shared_from_this()](error_code error, std::size_t) {
      self->writing_ = false;
      // What the server said before it hung up is still there to read.
      if (!self->over_ && error && !self->reading_) self->fail(error);
    });
    read();
  }

  bool is_gone() override {
    char byte = 0;
    const auto n = ::recv(socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return n == 0 || (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK);
  }

  void abort() override {
    over_ = true;
    error_code ignored;
    socket().close(ignored);
  }

 private:
  auto& socket() noexcept { return stream_.lowest_layer(); }

  void fail(error_code error) {
    abort();
    owner_.failed(slot_, error.message());
  }

  void on_connected(error_code error) {
    if (over_) return;
    if (error) return fail(error);
    error_code ignored;
    socket().set_option(tcp::no_delay(true), ignored);
    if constexpr (std::is_same_v<Stream, tls_stream>) {
      stream_.async_handshake(asio::ssl::stream_base::client, [self = this->shared_from_this()](error_code failure) {
        if (self->over_) return;
        if (failure) return self->fail(failure);
        self->owner_.opened(self->slot_);
      });
    } else {
      owner_.opened(slot_);
    }
  }

  void read() {
    reading_ = true;
    stream_.async_read_some(
        buffer_.prepare(read_at_once),
        [self = this->shared_from_this()](error_code error, std::size_t size) { self->on_read(error, size); });
  }

  void on_read(error_code error, std::size_t size) {
    reading_ = false;
    if (over_) return;
    buffer_.commit(size);
    error_code wrong;
    if (error == asio::error::eof && parser_->got_some())
      parser_->put_eof(wrong);
    else if (error)
      return fail(error);
    while (!wrong && buffer_.size() > 0 && !parser_->is_done()) {
      const auto used = parser_->put(buffer_.cdata(), wrong);
      buffer_.consume(used);
      if (used == 0) break;
    }
    if (wrong && wrong != http::error::need_more) return fail(wrong);
    if (!parser_->is_done()) return error ? fail(error) : read();
    // A reply before the request is written whole is a refusal: the rest of the request would follow.
    const bool kept = parser_->keep_alive() && !error && !writing_;
    const int status = parser_->status();
    if (!kept) abort();
    owner_.replied(slot_, status, kept);
  }

  session_owner& owner_;
  const std::uint32_t slot_;
  Stream stream_;
  std::string wire_;
  beast::flat_buffer buffer_;
  std::optional<reply_parser> parser_;
  bool over_ = false, reading_ = false, writing_ = false;
};

}  // namespace

std::shared_ptr<session> make_session(asio::io_context& context, session_owner& owner, std::uint32_t slot,
                                      asio::ssl::context* tls, const std::string& host, bool verify) {
  if (tls == nullptr) return std::make_shared<session_over<tcp_socket>>(owner, slot, context.get_executor());
  auto made = std::make_shared<session_over<tls_stream>>(owner, slot, tcp_socket(context.get_executor()), *tls);
  error_code is_name;
  asio::ip::make_address(host, is_name);
  if (is_name) SSL_set_tlsext_host_name(made->stream().native_handle(), host.c_str());
  if (verify) {
    made->stream().set_verify_mode(asio::ssl::verify_peer);
    made->stream().set_verify_callback(asio::ssl::host_name_verification(host));
  }
  return made;
}

}  // namespace switchboard::load
