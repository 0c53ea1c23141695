#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "connectors/contract.hpp"

namespace switchboard::connectors::kiosk {

struct text_hash {
  using is_transparent = void;
  std::size_t operator()(std::string_view s) const noexcept { return std::hash<std::string_view>{}(s); }
};
template <class T>
using text_map = std::unordered_map<std::string, T, text_hash, std::equal_to<>>;

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
