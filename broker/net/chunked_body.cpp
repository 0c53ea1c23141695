#include "broker/net/chunked_body.hpp"

#include <boost/beast/http/basic_parser.hpp>
#include <optional>

namespace switchboard::net {
namespace {

namespace http = boost::beast::http;
using boost::beast::error_code;
using beast_view = boost::beast::string_view;

}  // namespace

class chunked_body::parser final : public http::basic_parser<true> {
 public:
  explicit parser(std::size_t limit) : limit_(limit) {
    // The head was read elsewhere; this one only brings Beast to the point where chunks begin.
    constexpr std::string_view head = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
    body_limit(boost::none);
    error_code error;
    put(boost::asio::const_buffer(head.data(), head.size()), error);
    eager(true);
    in_body_ = true;
  }

  std::expected<progress, refusal> decode(std::string_view input, byte_buffer& body) {
    body_ = &body;
    error_code error;
    const std::size_t consumed = put(boost::asio::const_buffer(input.data(), input.size()), error);
    if (refused_) return std::unexpected(*refused_);
    if (error == http::error::bad_chunk_extension) return std::unexpected(refusal::malformed_chunk);
    if (error && error != http::error::need_more) return std::unexpected(refusal::malformed_chunk);
    return progress{consumed, is_done()};
  }

 private:
  void refuse(refusal r, error_code& error) {
    refused_ = r;
    error = http::error::bad_chunk;
  }

  void on_field_impl(http::field, beast_view, beast_view, error_code& error) override {
    if (in_body_) refuse(refusal::trailers, error);
  }
  void on_chunk_header_impl(std::uint64_t size, beast_view extensions, error_code& error) override {
    extensions_ += extensions.size();
    if (extensions_ > extension_bytes) return refuse(refusal::chunk_overhead_too_large, error);
    for (const char c : extensions)
      if ((static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f)
        return refuse(refusal::malformed_chunk, error);
    if (size > limit_ - total_) return refuse(refusal::body_too_large, error);
    total_ += static_cast<std::size_t>(size);
  }
  std::size_t on_chunk_body_impl(std::uint64_t, beast_view part, error_code&) override {
    body_->append({part.data(), part.size()});
    return part.size();
  }
  void on_request_impl(http::verb, beast_view, beast_view, int, error_code&) override {}
  void on_response_impl(int, beast_view, int, error_code&) override {}
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(beast_view, error_code&) override { return 0; }
  void on_finish_impl(error_code&) override {}

  const std::size_t limit_;
  std::size_t total_ = 0, extensions_ = 0;
  byte_buffer* body_ = nullptr;
  std::optional<refusal> refused_;
  bool in_body_ = false;
};

chunked_body::chunked_body(std::size_t limit) : parser_(std::make_unique<parser>(limit)) {}
chunked_body::~chunked_body() = default;

std::expected<chunked_body::progress, refusal> chunked_body::decode(std::string_view input, byte_buffer& body) {
  return parser_->decode(input, body);
}

}  // namespace switchboard::net
