// Realistic events, at least one of each type: golden files and schemas/examples/ hold what the codec makes of them.
#pragma once

#include <string_view>
#include <vector>

#include "schemas/codec.hpp"

namespace switchboard::schemas {

struct sample_event {
  std::string_view name;  // of its golden file
  encoded_event encoded;
  timestamp recorded_at;
  std::uint64_t sequence_number;
};

// In a fixed order, all fields fixed: equal bytes at every call.
std::vector<sample_event> samples();

}  // namespace switchboard::schemas
