// Texts from outside: UTF-8, cuts, identifiers, media types. Pure, any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "schemas/event.hpp"

namespace switchboard::connectors {

bool equal_without_case(std::string_view a, std::string_view b) noexcept;  // ASCII
std::string lower(std::string_view);                                       // ASCII
std::string_view trimmed(std::string_view) noexcept;                       // spaces and tabs

bool valid_utf8(std::string_view) noexcept;
// The same text where it is UTF-8; else every ill-formed sequence (its longest valid start) becomes U+FFFD: a repair
// that can be seen.
std::string repaired(std::string_view);
// At most `bytes` bytes, cut between code points.
std::string_view cut(std::string_view utf8, std::size_t bytes) noexcept;
// Repairs and cuts; sets the event's flag `truncated` when something was cut off.
std::string words(std::string_view, std::size_t bytes, schemas::event&);

// What may serve as an identifier: 1 to `bytes` bytes of UTF-8 without control characters.
bool identifier(std::string_view, std::size_t bytes = 512) noexcept;

// The tag when it has the form of BCP 47 ("de", "zh-Hant-TW"); else empty: a language is stated or it is not known.
std::string_view language_tag(std::string_view) noexcept;

// "text/plain" for "Text/Plain; charset=UTF-8".
std::string media_type(std::string_view content_type);
schemas::attachment_kind attachment_kind_of(std::string_view media_type) noexcept;

// An amount with its currency; nullopt unless it is a decimal ("12.50") of a currency that has a code ("EUR", "XTR").
std::optional<schemas::money> money_of(std::string amount, std::string_view currency);

// The text of an XML element: &, <, > and quotes escaped, characters that XML cannot hold left out.
void append_xml(std::string& out, std::string_view utf8);

}  // namespace switchboard::connectors
