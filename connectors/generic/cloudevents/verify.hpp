#pragma once

#include "connectors/contract.hpp"
#include "connectors/generic/cloudevents/settings.hpp"

namespace switchboard::connectors::cloudevents {

// POST: any credential that fits. OPTIONS: whether its origin may ask; it proves nothing, so that decode() makes no
// event of it.
verdict verify(const inbound&, const prepared&, const fetched_keys&);
// The answer to an OPTIONS that verified.
handshake granted(const inbound&, const handshake_policy&);
outbound sign(const sample&, const prepared&, std::string_view public_url, const freshness&);

}  // namespace switchboard::connectors::cloudevents
