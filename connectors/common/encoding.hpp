// Base64 and hex, strict: what is not exactly an encoding of bytes is refused. Pure, any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace switchboard::connectors {

std::string to_hex(std::string_view bytes);                      // lower case
std::optional<std::string> from_hex(std::string_view) noexcept;  // either case

enum class padding : std::uint8_t { required, optional };
std::string to_base64(std::string_view bytes);  // RFC 4648 section 4, padded
// No white space, no characters of another alphabet, no stray bits in the last character.
std::optional<std::string> from_base64(std::string_view, padding = padding::required);

}  // namespace switchboard::connectors
