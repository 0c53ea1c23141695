// One connection: reads requests one at a time, hands them to the application, writes the answers in order.
//
// Lives on one loop's thread; only its destructor may run elsewhere, after close(). Kept alive by the operation that is
// outstanding and by the responder of the request that is being handled, whose views point into its buffers.
#pragma once

#include <boost/intrusive/list.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "broker/net/byte_buffer.hpp"
#include "broker/net/chunked_body.hpp"
#include "broker/net/head_scanner.hpp"
#include "broker/net/io.hpp"
#include "broker/net/loop.hpp"
#include "broker/net/message_head.hpp"

namespace switchboard::net {

class connection;
using registry_hook = boost::intrusive::list_base_hook<boost::intrusive::tag<connection>,
                                                       boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

class connection : public std::enable_shared_from_this<connection>, public wheel_entry, public registry_hook {
 public:
  connection(net::loop& loop, const ip_address& peer);
  virtual ~connection();
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;

  void start();
  void start_refused(refusal);  // past a bound: tells the client so and ends
  void close_if_idle();
  void close();

  // From the responder, by the number of its request; another number is stale and ignored.
  void reply(std::uint64_t number, http_response);
  void abandon(std::uint64_t number);

  net::loop& loop() noexcept { return *loop_; }
  void on_deadline() final;

 protected:
  using buffers = std::array<asio::const_buffer, 2>;
  // The transport, plain or TLS. Each start_ has one completion, called later (on_shutdown may be called from inside).
  // At most one is outstanding; cancel() ends a read early.
  virtual void start_handshake() = 0;                          // on_handshake
  virtual void start_read(char* to, std::size_t size) = 0;     // on_read
  virtual std::size_t write_now(const buffers&) = 0;           // what can be written without waiting; may be nothing
  virtual void start_write(const buffers&) = 0;                // on_written, when all is
  virtual void start_shutdown() = 0;                           // on_shutdown
  virtual void start_discard(char* to, std::size_t size) = 0;  // on_read, of raw bytes after the shutdown
  virtual void cancel() = 0;
  virtual bool has_input() = 0;  // bytes that no read has taken yet
  virtual void close_socket() = 0;
  virtual bool is_tls() const = 0;

  void on_handshake(error_code, std::string client_certificate);
  void on_read(error_code, std::size_t);
  void on_written(error_code);
  void on_shutdown();

 private:
  enum class phase : std::uint8_t {
    handshake,
    head,
    sending_continue,
    body,
    chunks,
    handling,
    writing,
    lingering,
    closed
  };
  struct interruption {
    std::optional<refusal> reason;
  };

  void pump();
  void read_more_of_head();
  void begin_request();
  void begin_body();
  void read_on();
  void read_body();
  void feed_chunks();
  bool charge_to(std::size_t bytes);
  void dispatch(std::string_view body);
  void respond(http_response);
  void refuse(refusal);
  void refuse_unread(http_response);
  void flush();
  void written();
  void write_piece();
  void next_message();
  void linger();
  void interrupt(std::optional<refusal>);

  const std::shared_ptr<net::loop> loop_;
  server_state& state_;
  const ip_address peer_;
  const std::string peer_text_;
  std::string client_certificate_;

  phase phase_ = phase::handshake;
  bool counted_ = true, fresh_ = true, head_armed_ = false, in_handler_ = false, early_abandon_ = false,
       close_after_ = false;
  std::optional<interruption> interruption_;
  std::optional<http_response> early_reply_;
  std::uint64_t number_ = 0;  // of the request being handled

  byte_buffer in_;  // head, and a body that fits; then what was pipelined
  head_scanner scanner_;
  message_head head_;
  std::vector<connectors::header> fields_;
  std::string forwarded_peer_;
  request_id request_id_;  // of the message being read or answered
  request_head request_head_;
  std::shared_ptr<const void> context_;
  std::size_t consumed_ = 0, body_limit_ = 0;
  byte_buffer body_;      // a body that does not fit in_
  byte_buffer chunk_in_;  // chunked framing, as it arrives
  std::optional<chunked_body> chunks_;
  std::size_t charged_ = 0;

  std::string out_, tail_;
  std::shared_ptr<const body_source> streamed_;
  std::uint64_t streamed_bytes_ = 0;  // of which so many are written
  std::size_t discarded_ = 0;
};

// A socket of its own kind behind each.
std::shared_ptr<connection> make_plain_connection(loop&, tcp_socket, const ip_address& peer);
std::shared_ptr<connection> make_tls_connection(loop&, tcp_socket, const ip_address& peer, tls_context);

}  // namespace switchboard::net
