// 64 bits over what a fact says: equal for two deliveries of one fact, other where the content differs. Not a secret
// and not a proof: it only tells a retry from an id that was used twice.
#pragma once

#include <cstdint>
#include <string_view>

namespace switchboard::connectors {

// XXH3 over the parts, each preceded by its length, so that parts cannot run into each other. One thread.
class fingerprint {
 public:
  fingerprint& add(std::string_view part);
  std::uint64_t value() const noexcept { return state_; }

 private:
  std::uint64_t state_ = 0x53776974'63686264;
};

}  // namespace switchboard::connectors
