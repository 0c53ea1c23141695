#pragma once

#include <string>
#include <vector>

#include "connectors/common/text_map.hpp"
#include "connectors/common/twilio.hpp"
#include "connectors/contract.hpp"

namespace switchboard::connectors::twilio_voice {

// Immutable, shared by all threads.
struct configuration final : prepared {
  std::vector<twilio::token> tokens;
  text_map<std::string> documents;  // TwiML by the name of the hook that it answers
  std::string calling_code;
  bool voicemail = true;  // what <Record> recorded
};

extern const std::span<const option> setting_options;
prepare_result prepare(const boost::json::object& settings, std::span<const credential> credentials);

// "{{From}}" becomes that parameter, percent-escaped: safe inside the XML, and what a URL in it needs.
std::string fill_document(std::string_view document, const form& parameters);

}  // namespace switchboard::connectors::twilio_voice
