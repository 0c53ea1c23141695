// What a run came to, as JSON for programs and as a few lines for people. docs/load.md tells the members.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>

#include "benchmarks/load/measures.hpp"
#include "benchmarks/load/options.hpp"
#include "benchmarks/load/verification.hpp"

namespace switchboard::load {

struct run_facts {
  std::string connector, sample, url;
  std::size_t body_bytes = 0;
  std::uint64_t seed = 0;
  schemas::timestamp started_at{};
};

boost::json::object report(const options&, const run_facts&, const outcome&, const std::optional<verification_result>&);
std::string text(const options&, const outcome&, const std::optional<verification_result>&, bool coloured);

}  // namespace switchboard::load
