// Samples: realistic requests that `send` and the load generator fill with fresh ids and times and sign.
//
// Placeholders, each the same wherever it stands in one body and another in the next: {{uuid}}, {{uuid:name}},
// {{sid:SM}} (the prefix and 32 hex digits), {{number:n}} (n digits), {{unix}}, {{unix_ms}}, {{rfc3339}}, {{rfc2822}},
// {{counter}}, {{run}} (digits that follow from freshness.random alone). Anything else between braces stays. Pure, any
// thread.
#pragma once

#include <string>
#include <string_view>

#include "connectors/contract.hpp"

namespace switchboard::connectors {

std::string filled(std::string_view body, const freshness&);
// 128 fresh bits that go with a name, as 32 hex digits.
std::string fresh_hex(std::string_view name, const freshness&);

}  // namespace switchboard::connectors
