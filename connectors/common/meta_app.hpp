// prepare, verify, reply and sign of Meta's connectors that have no settings of their own: the app's credentials say
// it all. Pure, any thread.
#pragma once

#include "connectors/common/meta.hpp"

namespace switchboard::connectors::meta {

prepare_result prepare_app(const boost::json::object& settings, std::span<const credential>);
verdict verify_app(const inbound&, const prepared&, const fetched_keys&);
response reply_received(const inbound&, const prepared&, const decoded&, std::span<const item_outcome>);
outbound sign_app(const sample&, const prepared&, std::string_view public_url, const freshness&);

}  // namespace switchboard::connectors::meta
