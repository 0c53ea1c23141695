// A request as one line of JSON: what capture and quarantine export write, what `decode`, `replay` and test fixtures
// read.
//
//   {"source":"kiosks","method":"POST","target":"/in/kiosks","headers":[["Content-Type","application/json"]],
//    "body":"…","received_at":"2026-11-22T09:15:04.412Z","peer":"192.0.2.7"}
//
// `body` where the bytes are UTF-8 without NUL, else `body_base64`. Reading ignores members it does not know, so that
// marks can be added to lines; a member that stands twice is refused. Pure functions, any thread.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/contract.hpp"

namespace switchboard::intake {

struct request_line_limits {
  std::size_t line_bytes = 64u << 20, body_bytes = 32u << 20;
  std::size_t headers = 200, text_bytes = 64u << 10;  // text_bytes: each name, value, target
};

// `field` is the member that is wrong ("headers[3]"), empty where the line as a whole is; `message` is for a person and
// holds nothing of the line's text.
struct request_line_error {
  std::string field, message;
};
std::string to_string(const request_line_error&);  // "received_at: is not an RFC 3339 time"

// A read line; owns its bytes. Moves keep its views, so it is not copied.
class request_line {
 public:
  // Required: source, target. Defaults: method POST, no headers, an empty body, received_at 1970, no peer.
  static std::expected<request_line, request_line_error> parse(std::string_view line, const request_line_limits& = {});

  request_line(request_line&&) = default;
  request_line& operator=(request_line&&) = default;
  request_line(const request_line&) = delete;
  request_line& operator=(const request_line&) = delete;

  std::string_view source() const noexcept { return source_; }
  std::string_view target() const noexcept { return in_.target; }
  std::string_view host() const noexcept { return in_.find("host").value_or(std::string_view{}); }
  bool has_time() const noexcept { return has_time_; }
  void received_at(schemas::timestamp at) noexcept { in_.received_at = at; }
  // The URL that the provider called, which signatures cover: called_url() gives it.
  void public_url(std::string url);
  // Valid as long as this object; body_padding readable bytes follow the body.
  const connectors::inbound& inbound() const noexcept { return in_; }

 private:
  request_line() = default;
  std::vector<char> text_, body_;  // heap blocks, so that moves keep what the views point to
  std::vector<char> url_;
  std::string source_;
  std::vector<connectors::header> headers_;
  connectors::inbound in_;
  bool has_time_ = false;
};

// Credentials that a header carries as they are: Authorization, cookies, tokens and keys. Signatures are none: they
// prove one body and open nothing.
bool is_secret_header(std::string_view name) noexcept;

// as_it_came keeps everything; without_secrets writes "redacted" for the value of every secret header.
enum class redaction : std::uint8_t { as_it_came, without_secrets };
// One line without the line feed.
void append_request_line(std::string& out, std::string_view source, const connectors::inbound&, redaction);

}  // namespace switchboard::intake
