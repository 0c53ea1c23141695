#pragma once

#include "connectors/common/meta.hpp"
#include "connectors/contract.hpp"

namespace switchboard::connectors::meta_whatsapp {

// Immutable, shared by all threads.
struct configuration final : prepared {
  meta::access access;
};

prepare_result prepare(const boost::json::object& settings, std::span<const credential> credentials);
verdict verify(const inbound&, const prepared&, const fetched_keys&);
outbound sign(const sample&, const prepared&, std::string_view public_url, const freshness&);

}  // namespace switchboard::connectors::meta_whatsapp
