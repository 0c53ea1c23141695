// Times as providers write them. nullopt outside the years 1970 to 9999 or when malformed. Pure, any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "schemas/codec.hpp"

namespace switchboard::connectors {

std::optional<schemas::timestamp> from_unix_seconds(std::int64_t) noexcept;
std::optional<schemas::timestamp> from_unix_milliseconds(std::int64_t) noexcept;
// Providers that mix both: ten digits or fewer are seconds, more are milliseconds.
std::optional<schemas::timestamp> from_unix(std::int64_t) noexcept;
// RFC 3339, also with a zone written +0000; any number of fraction digits.
std::optional<schemas::timestamp> from_iso8601(std::string_view) noexcept;
// Digits only, no sign, no space: "1614265330".
std::optional<std::int64_t> plain_integer(std::string_view) noexcept;
// "Thu, 05 May 2026 10:00:00 +0200", the day of the week optional; also "+02:00", "GMT", "UT", "Z", the eight American
// zones of old, and a comment behind it ("(CEST)").
std::optional<schemas::timestamp> from_rfc2822(std::string_view) noexcept;
std::string to_rfc2822(schemas::timestamp);  // "Tue, 05 May 2026 10:00:00 +0000"

}  // namespace switchboard::connectors
