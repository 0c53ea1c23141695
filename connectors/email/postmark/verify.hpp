#pragma once

#include "connectors/contract.hpp"

namespace switchboard::connectors::postmark {

verdict verify(const inbound&, const prepared&, const fetched_keys&);
outbound sign(const sample&, const prepared&, std::string_view public_url, const freshness&);

}  // namespace switchboard::connectors::postmark
