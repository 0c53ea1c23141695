// What the bytes of an attachment are, by their first bytes, against what the provider said they are.
//
// After WHATWG's MIME Sniffing, with more of the formats that people send to companies. Pure, any thread; reads at most
// sniffed_bytes, so the cost does not grow with the file.
#pragma once

#include <cstddef>
#include <string_view>

namespace switchboard::intake {

inline constexpr std::size_t sniffed_bytes = 1445;
inline constexpr std::string_view no_known_type = "application/octet-stream";

// The media type that the bytes show, text/plain for what is no binary data; no_known_type for the rest; empty for no
// bytes. Static storage.
std::string_view detected_media_type(std::string_view bytes) noexcept;

// Whether bytes that show `detected` may honestly come as `declared` (lower case, without parameters): the same type
// under another name, a container of it, or a type whose bytes show nothing. A provider that says nothing, or
// octet-stream, does not lie.
bool may_be(std::string_view detected, std::string_view declared) noexcept;

}  // namespace switchboard::intake
