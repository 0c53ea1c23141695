#pragma once

#include "connectors/common/form.hpp"
#include "connectors/contract.hpp"

namespace switchboard::connectors::twilio_messaging {

// How Twilio packs the parameters, and so what its signature covers.
enum class packing : std::uint8_t {
  query,  // GET: the URL alone
  form,   // POST: the URL and every parameter, sorted
  json,   // POST: the URL, which carries the body's hash
};
packing packing_of(const inbound&);

verdict verify(const inbound&, const prepared&, const fetched_keys&);
outbound sign(const sample&, const prepared&, std::string_view public_url, const freshness&);

}  // namespace switchboard::connectors::twilio_messaging
