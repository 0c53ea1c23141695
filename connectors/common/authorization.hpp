// What stands in an Authorization header. Pure, any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "connectors/contract.hpp"

namespace switchboard::connectors {

// "user:password" of "Basic dXNlcjpwYXNzd29yZA==", as one text, so that it can be compared in one piece and in constant
// time; nullopt when the header is absent, of another scheme or no Base64.
std::optional<std::string> basic_credentials(const inbound&);
// The token of "Bearer …"; views into the request. nullopt when the header is absent, of another scheme or empty.
std::optional<std::string_view> bearer_token(const inbound&) noexcept;

}  // namespace switchboard::connectors
