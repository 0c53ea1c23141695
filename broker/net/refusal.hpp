// Every reason for which the server itself refuses: bounded, so that the names serve as metric labels and as wire
// codes.
//
// Overload is 503 with Retry-After, never 429: several providers never retry a 4xx. 410 is never sent: some unsubscribe
// on it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "broker/net/http_server.hpp"

namespace switchboard::net {

enum class refusal : std::uint8_t {
  // the head; framing cannot be trusted any more, so the connection is closed
  malformed_request_line,
  unsupported_version,
  bad_target,
  target_too_long,
  header_too_large,
  too_many_headers,
  malformed_header,
  obsolete_folding,
  bare_line_ending,
  forbidden_character,
  missing_host,
  multiple_hosts,
  bad_host,
  bad_content_length,
  ambiguous_length,
  bad_transfer_encoding,
  unsupported_transfer_encoding,
  unsupported_expectation,
  unsupported_content_encoding,
  // the body
  body_too_large,
  malformed_chunk,
  chunk_extensions_too_large,
  trailers,
  // deadlines
  header_timeout,
  body_timeout,
  reply_timeout,
  // bounds
  overloaded,
  too_many_connections,
  too_many_connections_of_address,
  // ours
  unusable_response,
};
inline constexpr std::size_t refusal_count = 30;

struct refusal_facts {
  int status;
  std::string_view code, message;
};
const refusal_facts& facts(refusal) noexcept;

inline constexpr int retry_after_seconds = 5;

}  // namespace switchboard::net
