// The only list of connectors. A duplicate name fails to compile.
#pragma once

#include <span>

#include "connectors/contract.hpp"

namespace switchboard::connectors {

// In the order of the documentation's table. Static storage.
std::span<const connector* const> all() noexcept;
// nullptr when there is none of that name.
const connector* find(std::string_view name) noexcept;

}  // namespace switchboard::connectors
