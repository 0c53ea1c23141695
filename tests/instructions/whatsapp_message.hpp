// One text message as WhatsApp sends it: a signed body of a kibibyte. What benchmarks and instruction counts work on.
#pragma once

#include "broker/intake/pipeline.hpp"
#include "tests/connectors/support/request.hpp"

namespace switchboard::tests {

// A request of a provider with the source that takes it. Owns what `in` points to.
struct workload {
  intake::source source;
  request sent;
  connectors::inbound in;

  workload(const connectors::connector&, const connectors::sample&);
  workload(const workload&) = delete;
  workload& operator=(const workload&) = delete;
};

std::unique_ptr<workload> whatsapp_message();

// The units that `made` copies of it become in the journal, each with an id of its own from `first` on.
std::vector<journal::unit> whatsapp_units(std::uint64_t first, std::size_t made);
schemas::uuid numbered_id(std::uint64_t);

}  // namespace switchboard::tests
