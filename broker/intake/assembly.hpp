// What an authentic request becomes: one unit for the journal. The stage behind verify and decode; process() runs both.
//
// Pure but for its arguments. Any thread.
#pragma once

#include "broker/intake/pipeline.hpp"

namespace switchboard::intake {

// The first stage: verified and decoded, nothing lost or made yet. `result.outcome` is final for rejected, needs_key
// and control; otherwise `items_decoded` says what the decoder found, and assemble() goes on.
struct received {
  processed result;
  bool decoded = false;
};
received receive(const source&, const connectors::inbound&, const environment&);

// The second stage: each item becomes an event or a quarantine record of the unit.
processed assemble(const source&, const connectors::inbound&, const environment&, received);

// What a reject code means, for a person.
std::string_view explanation(connectors::reject_code) noexcept;
// The company's account decides the tenant where `accounts` are configured. nullptr: unmapped.
const tenant* tenant_of(const source&, const schemas::event::account_info&) noexcept;
// Who owns what cannot be mapped.
const tenant& owner_of(const source&) noexcept;
// "20261122": the day under which blobs of a request are stored.
std::string day_of(schemas::timestamp);

}  // namespace switchboard::intake
