#include "connectors/common/fingerprint.hpp"

#include <xxhash.h>

namespace switchboard::connectors {

// Each part is hashed with a seed made of what came before and of its length.
fingerprint& fingerprint::add(std::string_view part) {
  const std::uint64_t lengths[2] = {state_, part.size()};
  state_ = XXH3_64bits_withSeed(part.data(), part.size(), XXH3_64bits(lengths, sizeof lengths));
  return *this;
}

}  // namespace switchboard::connectors
