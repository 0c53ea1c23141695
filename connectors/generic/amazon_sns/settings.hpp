#pragma once

#include "connectors/common/mapping.hpp"
#include "connectors/common/sns.hpp"

namespace switchboard::connectors::amazon_sns {

// Immutable, shared by all threads.
struct configuration final : prepared {
  sns::access access;
  mapping_settings mapping;
  // Nothing in a message is looked at: it is carried as it came, also where it is damaged JSON.
  bool untouched = true;
};

extern const std::span<const option> setting_options;
prepare_result prepare(const boost::json::object& settings, std::span<const credential> credentials);

}  // namespace switchboard::connectors::amazon_sns
