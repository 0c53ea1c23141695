#pragma once

#include <optional>
#include <string>
#include <vector>

#include "connectors/common/crypto.hpp"
#include "connectors/common/mapping.hpp"

namespace switchboard::connectors::webhook {

// Immutable, shared by all threads.
struct configuration final : prepared {
  std::vector<std::string> secrets;      // v1
  std::vector<key_handle> public_keys;   // v1a
  std::vector<key_handle> private_keys;  // v1a, for signing samples
  std::chrono::milliseconds tolerance{};

  mapping_settings mapping;
};

extern const std::span<const option> credential_options, setting_options;
prepare_result prepare(const boost::json::object& settings, std::span<const credential> credentials);

}  // namespace switchboard::connectors::webhook
