#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "connectors/common/text_map.hpp"
#include "connectors/contract.hpp"

namespace switchboard::connectors::kiosk {

struct device {
  std::vector<std::string> keys;  // several while one replaces another
  std::string account;            // the device's own id where none is set
  schemas::event::place_info place;
};

// Immutable, shared by all threads.
struct configuration final : prepared {
  text_map<device> devices;
  text_map<schemas::scale> scales;  // by kind of rating, where an item names none
  std::string calling_code;
  std::size_t attachment_bytes = 0;
  std::size_t attachments = 0;
};

extern const std::span<const option> credential_options, setting_options;
prepare_result prepare(const boost::json::object& settings, std::span<const credential> credentials);

}  // namespace switchboard::connectors::kiosk
