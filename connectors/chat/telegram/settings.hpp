#pragma once

#include <string>
#include <vector>

#include "connectors/contract.hpp"

namespace switchboard::connectors::telegram {

// Immutable, shared by all threads.
struct configuration final : prepared {
  std::vector<std::string> secret_tokens;  // several while one replaces another
  std::int64_t bot_id = 0;
  std::string bot;       // bot_id as text: the account, and what scopes ids that are the bot's own
  std::string username;  // "@acme_bot", may be empty
};

extern const std::span<const option> credential_options, setting_options;
prepare_result prepare(const boost::json::object& settings, std::span<const credential> credentials);

}  // namespace switchboard::connectors::telegram
