// One HTTP/1.1 connection of the client, plain or TLS: one request at a time, kept until somebody ends it.
// One thread, that of the io_context; nothing is called from inside send() or open().
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <memory>
#include <string>

namespace boost::asio::ssl {
class context;
}

namespace switchboard::load {

class session_owner {
 public:
  virtual ~session_owner() = default;
  virtual void opened(std::uint32_t slot) = 0;
  // `kept`: the connection takes another request; otherwise it is at its end.
  virtual void replied(std::uint32_t slot, int status, bool kept) = 0;
  virtual void failed(std::uint32_t slot, const std::string& reason) = 0;
};

class session {
 public:
  virtual ~session() = default;
  virtual void open(const boost::asio::ip::tcp::endpoint&) = 0;
  // The bytes of the next request; cleared by whoever fills it.
  virtual std::string& wire() = 0;
  virtual void send() = 0;
  // The other side has closed it while nothing was asked.
  virtual bool is_gone() = 0;
  // Closes; nothing is called afterwards.
  virtual void abort() = 0;
};

// `tls` is null for plain HTTP; `host` is the name that the certificate must carry and the server is told.
std::shared_ptr<session> make_session(boost::asio::io_context&, session_owner&, std::uint32_t slot,
                                      boost::asio::ssl::context* tls, const std::string& host, bool verify);

}  // namespace switchboard::load
