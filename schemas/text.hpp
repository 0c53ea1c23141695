// The texts inside JSON: identifiers, times, strings. Total on any bytes, any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "schemas/event.hpp"

namespace switchboard::schemas {

// 36 characters, lower case. Reading takes either case.
std::string to_string(const uuid&);
void append_uuid(std::string& out, const uuid&);
std::optional<uuid> uuid_from_string(std::string_view) noexcept;

// RFC 3339, UTC, Z, exactly three fractional digits: 24 characters for years 0000–9999 (others are clamped).
std::string to_string(timestamp);
void append_timestamp(std::string& out, timestamp);
// Any RFC 3339 time with any offset and 0–9 fractional digits (rounded down to ms); nullopt when malformed or out of
// range. A leap second is the first second of the next day.
std::optional<timestamp> timestamp_from_rfc3339(std::string_view) noexcept;

void append_json_string(std::string& out, std::string_view utf8);  // quotes, escapes; invalid UTF-8 becomes U+FFFD

void append_base64(std::string& out, std::string_view bytes);  // RFC 4648 section 4, padded
// 20 digits, so that texts sort as the numbers do: sbseq.
void append_sequence_number(std::string& out, std::uint64_t);
// One path segment of a URI: all but the unreserved characters escaped.
void append_uri_segment(std::string& out, std::string_view);

}  // namespace switchboard::schemas
