// The head of a request as fields, and how its body is framed. Pure; Beast parses behind this header.
#pragma once

#include <cstdint>
#include <expected>
#include <span>
#include <string_view>
#include <vector>

#include "broker/net/refusal.hpp"
#include "connectors/contract.hpp"

namespace switchboard::net {

enum class framing : std::uint8_t { none, length, chunked };

struct message_head {
  std::string_view method, target, host;  // views into the bytes
  bool http_1_0 = false;
  bool keep_alive = false;
  bool expects_continue = false;
  net::framing framing = framing::none;
  std::uint64_t content_length = 0;
};

// `bytes` is one whole head that head_scanner has passed. Fills `fields` with views into the bytes. Refuses whatever
// does not frame the body beyond doubt, no or several hosts, and what we cannot serve: other expectations and content
// encodings.
std::expected<message_head, refusal> read_head(std::string_view bytes, std::vector<connectors::header>& fields);

// The value of the first field of that name, compared without case; a null view when there is none.
std::string_view find_field(std::span<const connectors::header>, std::string_view name) noexcept;
bool equal_ignoring_case(std::string_view, std::string_view) noexcept;
bool is_host(std::string_view) noexcept;  // host[:port], [v6][:port]

}  // namespace switchboard::net
