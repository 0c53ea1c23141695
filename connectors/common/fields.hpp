// The members of a JSON object as fields: answers of a form whose names its author chose.
#pragma once

#include <vector>

#include "connectors/common/json.hpp"

namespace switchboard::connectors {

inline constexpr std::size_t most_fields = 200;

// Scalars as they say, a list of scalars as values, anything deeper as JSON. null is an empty value; a member without a
// name is left out, and so is what follows the first most_fields.
std::vector<schemas::field> fields_of(json::object);

}  // namespace switchboard::connectors
