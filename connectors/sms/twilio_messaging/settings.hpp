#pragma once

#include <string>
#include <vector>

#include "connectors/common/twilio.hpp"
#include "connectors/contract.hpp"

namespace switchboard::connectors::twilio_messaging {

// Immutable, shared by all threads.
struct configuration final : prepared {
  std::vector<twilio::token> tokens;
  std::string reply_text;
  std::string calling_code;
  bool keywords = true;
};

extern const std::span<const option> setting_options;
prepare_result prepare(const boost::json::object& settings, std::span<const credential> credentials);

}  // namespace switchboard::connectors::twilio_messaging
