// A journal that is not running: locked, identified, ready to be read. What the tools share.
#pragma once

#include "broker/journal/recovery.hpp"

namespace switchboard::journal::offline {

struct opened {
  base::file_system& fs;
  format::paths paths;
  std::unique_ptr<base::file_lock> lock;
  format::identity identity;

  std::expected<scan_result, std::string> scan(
      const std::optional<snapshot>&, const std::function<void(const segment_info&, const group_view&)>&) const;
  // In front of the oldest segment whose header reads.
  std::expected<position, std::string> first_position() const;
};

std::expected<opened, std::string> open(base::file_system&, const std::string& directory);

// False: a unit is malformed. `visit` returns false to stop.
bool for_each_unit(const group_view&, const std::function<bool(const format::decoded_unit&)>& visit);

}  // namespace switchboard::journal::offline
