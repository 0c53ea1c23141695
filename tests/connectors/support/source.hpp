// A source.json of the table tests as intake takes it; equal input gives equal bytes.
#pragma once

#include <algorithm>
#include <string>

#include "broker/intake/keys.hpp"
#include "broker/intake/pipeline.hpp"
#include "schemas/codec.hpp"
#include "tests/connectors/support/request.hpp"

namespace switchboard::tests {

inline intake::source source_from(const std::string& path, std::string id) {
  const configured made = configure_file(path);
  intake::source out;
  out.id = std::move(id);
  out.connector = made.connector;
  out.prepared = made.prepared;
  out.name_space = *schemas::uuid_from_string("0b5f6a2e-94d8-4a52-8f0b-3a1c8f3e7d10");
  out.tenant =
      std::make_shared<intake::tenant>(intake::derive_tenant("acme", "a secret of the tests, 32 bytes and more"));
  out.public_url = made.public_url;
  out.limits = made.connector->limits;
  return out;
}

inline intake::environment fixed_environment() {
  intake::environment out;
  out.random = [](std::span<std::uint8_t> bytes) { std::ranges::fill(bytes, std::uint8_t{7}); };
  return out;
}

}  // namespace switchboard::tests
