#pragma once

#include "connectors/contract.hpp"

namespace switchboard::connectors::webhook {

// The three headers, under either of their names. Empty: not there.
struct signed_headers {
  std::string_view id, timestamp, signature;
};
signed_headers headers_of(const inbound&) noexcept;

verdict verify(const inbound&, const prepared&, const fetched_keys&);
outbound sign(const sample&, const prepared&, std::string_view public_url, const freshness&);

}  // namespace switchboard::connectors::webhook
