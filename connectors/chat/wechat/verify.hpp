#pragma once

#include "connectors/chat/wechat/envelope.hpp"

namespace switchboard::connectors::wechat {

// The account whose token signed; nullptr when none did.
const access* signer_of(const proof&, const configuration&);

verdict verify(const inbound&, const prepared&, const fetched_keys&);
outbound sign(const sample&, const prepared&, std::string_view public_url, const freshness&);

}  // namespace switchboard::connectors::wechat
