// A strict look at the raw bytes of a request's head, before any parser sees them.
//
// Beast accepts heads that two readers could understand differently, and shows an application the result instead of the
// bytes. So every byte passes here first, as it arrives: line endings, characters, the request line, the shape of each
// field, the limits. What passes, Beast parses to the same fields (a fuzz target holds them to that). Owned by a
// connection, used on its thread.
#pragma once

#include <cstddef>
#include <expected>
#include <string_view>

#include "broker/net/http_server.hpp"
#include "broker/net/refusal.hpp"

namespace switchboard::net {

class head_scanner {
 public:
  explicit head_scanner(const http_limits& limits) noexcept : limits_(&limits) {}

  // `received` is all that has arrived of this message; what an earlier call saw is not looked at again. True when the
  // head is complete.
  std::expected<bool, refusal> scan(std::string_view received) noexcept;

  // Of a complete head: where the request line begins (one empty line before it is forgiven) and where the body does.
  std::size_t begin() const noexcept { return begin_; }
  std::size_t end() const noexcept { return position_; }

 private:
  std::expected<bool, refusal> end_of_line(std::string_view received) noexcept;
  std::expected<bool, refusal> within_limits() const noexcept;

  const http_limits* limits_;
  std::size_t begin_ = 0, line_ = 0, fields_begin_ = 0, position_ = 0, fields_ = 0;
};

bool is_token(std::string_view) noexcept;  // RFC 9110 token, not empty

}  // namespace switchboard::net
