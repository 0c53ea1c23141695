#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>

#include "broker/net/connection.hpp"
#include "broker/net/tls.hpp"

namespace switchboard::net {
namespace {

class plain_connection final : public connection {
 public:
  plain_connection(net::loop& loop, tcp_socket socket, const ip_address& peer)
      : connection(loop, peer), socket_(std::move(socket)) {}

 private:
  std::shared_ptr<plain_connection> self() { return std::static_pointer_cast<plain_connection>(shared_from_this()); }

  bool is_tls() const override { return false; }
  void start_handshake() override {}
  void start_read(char* to, std::size_t size) override {
    socket_.async_read_some(asio::buffer(to, size),
                            [me = self()](error_code error, std::size_t n) { me->on_read(error, n); });
  }
  void start_discard(char* to, std::size_t size) override { start_read(to, size); }
  std::size_t write_now(const buffers& parts) override {
    error_code error;
    const std::size_t n = parts[1].size() == 0 ? socket_.write_some(parts[0], error) : socket_.write_some(parts, error);
    return error ? 0 : n;  // a lasting error comes back from start_write
  }
  void start_write(const buffers& parts) override {
    asio::async_write(socket_, parts, [me = self()](error_code error, std::size_t) { me->on_written(error); });
  }
  void start_shutdown() override {
    error_code error;
    socket_.shutdown(tcp::socket::shutdown_send, error);
    on_shutdown();
  }
  void cancel() override {
    error_code error;
    socket_.cancel(error);
  }
  bool has_input() override {
    error_code error;
    return socket_.available(error) > 0;
  }
  void close_socket() override {
    error_code error;
    socket_.close(error);
  }

  tcp_socket socket_;
};

class tls_connection final : public connection {
 public:
  tls_connection(net::loop& loop, tcp_socket socket, const ip_address& peer, tls_context context)
      : connection(loop, peer), context_(std::move(context)), stream_(std::move(socket), SSL_new(context_.get())) {}

 private:
  std::shared_ptr<tls_connection> self() { return std::static_pointer_cast<tls_connection>(shared_from_this()); }

  bool is_tls() const override { return true; }
  void start_handshake() override {
    stream_.async_handshake(asio::ssl::stream_base::server, [me = self()](error_code error) {
      me->on_handshake(error, error ? std::string() : client_subject(me->stream_.native_handle()));
    });
  }
  void start_read(char* to, std::size_t size) override {
    stream_.async_read_some(asio::buffer(to, size),
                            [me = self()](error_code error, std::size_t n) { me->on_read(error, n); });
  }
  void start_discard(char* to, std::size_t size) override {
    stream_.next_layer().async_read_some(asio::buffer(to, size),
                                         [me = self()](error_code error, std::size_t n) { me->on_read(error, n); });
  }
  std::size_t write_now(const buffers&) override { return 0; }
  void start_write(const buffers& parts) override {
    asio::async_write(stream_, parts, [me = self()](error_code error, std::size_t) { me->on_written(error); });
  }
  void start_shutdown() override {
    stream_.async_shutdown([me = self()](error_code) {
      error_code error;
      me->stream_.next_layer().shutdown(tcp::socket::shutdown_send, error);
      me->on_shutdown();
    });
  }
  void cancel() override {
    error_code error;
    stream_.next_layer().cancel(error);
  }
  bool has_input() override {
    error_code error;
    return stream_.next_layer().available(error) > 0;
  }
  void close_socket() override {
    error_code error;
    stream_.next_layer().close(error);
  }

  const tls_context context_;
  asio::ssl::stream<tcp_socket> stream_;
};

}  // namespace

std::shared_ptr<connection> make_plain_connection(loop& home, tcp_socket socket, const ip_address& peer) {
  return std::make_shared<plain_connection>(home, std::move(socket), peer);
}

std::shared_ptr<connection> make_tls_connection(loop& home, tcp_socket socket, const ip_address& peer,
                                                tls_context context) {
  return std::make_shared<tls_connection>(home, std::move(socket), peer, std::move(context));
}

}  // namespace switchboard::net
