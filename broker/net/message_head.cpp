#include "broker/net/message_head.hpp"

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <limits>
#include <optional>

namespace switchboard::net {
namespace {

namespace http = boost::beast::http;
using boost::beast::error_code;
using beast_view = boost::beast::string_view;

std::string_view view(beast_view s) noexcept { return {s.data(), s.size()}; }

// Keeps views where http::parser would copy every field into a node of its own.
class head_parser final : public http::basic_parser<true> {
 public:
  head_parser(message_head& head, std::vector<connectors::header>& fields) : head_(head), fields_(fields) {}

 private:
  void on_request_impl(http::verb, beast_view method, beast_view target, int version, error_code&) override {
    head_.method = view(method);
    head_.target = view(target);
    head_.http_1_0 = version == 10;
  }
  void on_field_impl(http::field, beast_view name, beast_view value, error_code&) override {
    fields_.push_back({view(name), view(value)});
  }
  void on_response_impl(int, beast_view, int, error_code&) override {}
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(beast_view, error_code&) override { return 0; }
  void on_chunk_header_impl(std::uint64_t, beast_view, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, beast_view, error_code&) override { return 0; }
  void on_finish_impl(error_code&) override {}

  message_head& head_;
  std::vector<connectors::header>& fields_;
};

char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }
bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

// What the framing and the policy hang on, gathered in one pass.
struct decisive_fields {
  int hosts = 0, lengths = 0, transfer_encodings = 0;
  std::string_view host, length, transfer_encoding, expect;
  bool encoded = false;

  explicit decisive_fields(std::span<const connectors::header> fields) noexcept {
    for (const auto& [name, value] : fields) switch (name.size()) {
        case 4:
          if (equal_ignoring_case(name, "host")) ++hosts, host = value;
          break;
        case 6:
          if (equal_ignoring_case(name, "expect")) expect = value;
          break;
        case 14:
          if (equal_ignoring_case(name, "content-length")) ++lengths, length = value;
          break;
        case 16:
          if (equal_ignoring_case(name, "content-encoding") && !value.empty() &&
              !equal_ignoring_case(value, "identity"))
            encoded = true;
          break;
        case 17:
          if (equal_ignoring_case(name, "transfer-encoding")) ++transfer_encodings, transfer_encoding = value;
          break;
        default:
          break;
      }
  }
};

std::optional<refusal> decide_framing(const decisive_fields& fields, message_head& head) noexcept {
  if (fields.transfer_encodings > 0) {
    if (fields.lengths > 0) return refusal::ambiguous_length;
    if (head.http_1_0 || fields.transfer_encodings > 1) return refusal::bad_transfer_encoding;
    if (fields.transfer_encoding.empty() || fields.transfer_encoding.find(',') != std::string_view::npos)
      return refusal::bad_transfer_encoding;
    if (!equal_ignoring_case(fields.transfer_encoding, "chunked")) return refusal::unsupported_transfer_encoding;
    head.framing = framing::chunked;
    return std::nullopt;
  }
  if (fields.lengths == 0) return std::nullopt;
  constexpr std::size_t most_digits = 18;  // below 2^63 whatever the digits
  const std::string_view digits = fields.length;
  if (fields.lengths > 1 || digits.empty() || digits.size() > most_digits || !std::ranges::all_of(digits, is_digit))
    return refusal::bad_content_length;
  for (const char c : digits) head.content_length = head.content_length * 10 + static_cast<std::uint64_t>(c - '0');
  head.framing = framing::length;
  return std::nullopt;
}

}  // namespace

bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); });
}

bool is_host(std::string_view host) noexcept {
  const auto unreserved = [](char c) {
    return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z') || c == '-' || c == '.' || c == '_' || c == '~';
  };
  const auto in_brackets = [](char c) {
    return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'f') || c == ':' || c == '.';
  };
  std::size_t end = 0;
  if (host.starts_with('[')) {
    end = host.find(']');
    if (end == host.npos || end == 1 || !std::ranges::all_of(host.substr(1, end - 1), in_brackets)) return false;
    ++end;
  } else {
    end = std::min(host.find(':'), host.size());
    if (end == 0 || !std::ranges::all_of(host.substr(0, end), unreserved)) return false;
  }
  if (end == host.size()) return true;
  const std::string_view port = host.substr(end + 1);
  return host[end] == ':' && !port.empty() && port.size() <= 5 && std::ranges::all_of(port, is_digit);
}

std::string_view find_field(std::span<const connectors::header> fields, std::string_view name) noexcept {
  for (const auto& field : fields)
    if (equal_ignoring_case(field.name, name)) return field.value;
  return {};
}

std::expected<message_head, refusal> read_head(std::string_view bytes, std::vector<connectors::header>& fields) {
  fields.clear();
  message_head head;
  head_parser parser(head, fields);
  parser.header_limit(std::numeric_limits<std::uint32_t>::max());
  parser.body_limit(boost::none);
  error_code error;
  parser.put(boost::asio::const_buffer(bytes.data(), bytes.size()), error);

  // Our own look at the decisive fields comes first, since its reasons are the more exact ones. Beast stops at the
  // first field it refuses, and what follows that field is not needed to refuse it.
  const decisive_fields decisive(fields);
  if (error == http::error::bad_content_length || error == http::error::multiple_content_length)
    return std::unexpected(decisive.transfer_encodings > 0 ? refusal::ambiguous_length : refusal::bad_content_length);
  if (error == http::error::bad_transfer_encoding)
    return std::unexpected(decisive.lengths > 0 ? refusal::ambiguous_length : refusal::bad_transfer_encoding);
  if (error) return std::unexpected(refusal::malformed_header);

  if (const auto wrong = decide_framing(decisive, head)) return std::unexpected(*wrong);
  if (decisive.hosts > 1) return std::unexpected(refusal::multiple_hosts);
  if (decisive.hosts == 0 && !head.http_1_0) return std::unexpected(refusal::missing_host);
  if (decisive.hosts == 1 && !is_host(decisive.host)) return std::unexpected(refusal::bad_host);
  if (!decisive.expect.empty() && !head.http_1_0) {
    if (!equal_ignoring_case(decisive.expect, "100-continue")) return std::unexpected(refusal::unsupported_expectation);
    head.expects_continue = true;
  }
  if (decisive.encoded) return std::unexpected(refusal::unsupported_content_encoding);
  head.host = decisive.host;
  head.keep_alive = parser.keep_alive();
  return head;
}

}  // namespace switchboard::net
