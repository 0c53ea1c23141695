#pragma once

#include <string>
#include <vector>

#include "connectors/common/mapping.hpp"
#include "connectors/contract.hpp"

namespace switchboard::connectors::cloudevents {

struct signing_key {
  std::string secret, header, prefix;
  bool base64 = false;  // else hex
};

// Who may ask for our consent to deliver, and what is answered. Off without origins.
struct handshake_policy {
  std::vector<std::string> origins;  // DNS names in lower case, or "*"
  std::string rate;                  // requests a minute, or "*"
  std::vector<std::string> callback_hosts;
};

// Immutable, shared by all threads.
struct configuration final : prepared {
  std::vector<std::string> tokens;  // bearer
  std::vector<std::string> logins;  // "user:password"
  std::vector<signing_key> keys;
  handshake_policy handshake;
  mapping_settings mapping;
};

extern const std::span<const option> credential_options, setting_options;
prepare_result prepare(const boost::json::object& settings, std::span<const credential> credentials);

}  // namespace switchboard::connectors::cloudevents
