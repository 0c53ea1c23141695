#pragma once

#include <string>
#include <vector>

#include "connectors/contract.hpp"

namespace switchboard::connectors::twilio_messaging {

struct token {
  std::string account_sid;  // empty: any account
  std::string secret;
  std::string shared_key_id;  // of a shared key (HMAC-SHA256); empty: an Auth Token (HMAC-SHA1)
};

// Immutable, shared by all threads.
struct configuration final : prepared {
  std::vector<token> tokens;
  std::string reply_text;
  std::string calling_code;
  bool keywords = true;
};

extern const std::span<const option> credential_options, setting_options;
prepare_result prepare(const boost::json::object& settings, std::span<const credential> credentials);

}  // namespace switchboard::connectors::twilio_messaging
