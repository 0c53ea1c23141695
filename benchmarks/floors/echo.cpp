// What HTTP costs by itself: Boost.Beast on one thread, callbacks, a concrete executor, no timers; a POST is read whole
// and answered 200 on a connection that stays.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <boost/asio/bind_allocator.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/recycling_allocator.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <memory>
#include <optional>

#include "benchmarks/floors/floor.hpp"

namespace switchboard::benchmarks::floors {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using error_code = boost::system::error_code;
using executor = asio::io_context::executor_type;
using acceptor = asio::basic_socket_acceptor<asio::ip::tcp, executor>;
using socket = asio::basic_stream_socket<asio::ip::tcp, executor>;

struct counts {
  std::uint64_t requests = 0, connections = 0;
};

class session : public std::enable_shared_from_this<session> {
 public:
  session(socket s, counts& c) : socket_(std::move(s)), counts_(c) {
    error_code ignored;
    socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
    answer_.set(http::field::content_type, "application/json");
    answer_.body() = R"({"status":"ok"})";
    answer_.prepare_payload();
    ++counts_.connections;
  }

  void read() {
    parser_.emplace();
    parser_->body_limit(1 << 20);
    http::async_read(socket_, buffer_, *parser_, [self = shared_from_this()](error_code error, std::size_t) {
      if (!error) self->write();
    });
  }

 private:
  void write() {
    ++counts_.requests;
    http::async_write(socket_, answer_, [self = shared_from_this()](error_code error, std::size_t) {
      if (!error) self->read();
    });
  }

  socket socket_;
  counts& counts_;
  beast::flat_buffer buffer_{64 << 10};
  std::optional<http::request_parser<http::string_body>> parser_;
  http::response<http::string_body> answer_{http::status::ok, 11};
};

class server {
 public:
  server(asio::io_context& io, std::uint16_t port)
      : acceptor_(io, {asio::ip::make_address("127.0.0.1"), port}), signals_(io, SIGINT, SIGTERM) {
    signals_.async_wait([&io](error_code, int) { io.stop(); });
    accept();
  }
  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  const counts& counted() const { return counts_; }

 private:
  void accept() {
    acceptor_.async_accept([this](error_code error, socket s) {
      if (!error) std::make_shared<session>(std::move(s), counts_)->read();
      accept();
    });
  }

  acceptor acceptor_;
  asio::signal_set signals_;
  counts counts_;
};

void serve(std::uint16_t port) {
  counts done;
  {
    asio::io_context io(1);
    const server s(io, port);
    fmt::print(stderr, "listening on 127.0.0.1:{}\n", s.port());
    io.run();
    done = s.counted();
  }
  const auto cpu = cpu_time().count();
  const auto events = static_cast<double>(done.requests);
  fmt::print("{{\"floor\":\"echo\",\"events\":{},\"connections\":{},\"cpu_us\":{:.1f},\"cpu_us_per_event\":{:.4f}}}\n",
             done.requests, done.connections, cpu, events > 0 ? cpu / events : 0);
}

}  // namespace
}  // namespace switchboard::benchmarks::floors

int main(int count, char** words) {
  std::uint16_t port = 0;
  CLI::App app("Answers every POST with 200 until SIGTERM, then says what it cost, as JSON.");
  app.footer("floor-echo --port 8081");
  app.add_option("--port", port, "Of 127.0.0.1; 0: a free one, which it names")->capture_default_str();
  CLI11_PARSE(app, count, words);
  try {
    switchboard::benchmarks::floors::serve(port);
  } catch (const std::exception& e) {
    fmt::print(stderr, "floor-echo: {}\n", e.what());
    return 1;
  }
  return 0;
}
