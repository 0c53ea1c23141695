// What identities need of Unicode: lower case for the scripts that have it, domains as A-labels (RFC 3492),
// percent-escapes.
//
// Pure functions, any thread. No composition is applied: a domain that was typed decomposed keeps an A-label of its
// own.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace switchboard::connectors {

// Takes the first code point off `text`; an ill-formed byte is taken alone and given as U+FFFD. `text` is not empty.
char32_t next_code_point(std::string_view& text) noexcept;
void append_utf8(std::string& out, char32_t code_point);

// Simple lower case of the Latin, Greek, Cyrillic and Armenian letters; nullopt when it is not UTF-8.
std::optional<std::string> lower_utf8(std::string_view text);
// Lower case, every label an A-label where it is not ASCII; a final dot is dropped. An address literal ([192.0.2.1])
// stays. nullopt: an empty or overlong label, a character that no domain has, not UTF-8.
std::optional<std::string> domain_to_ascii(std::string_view domain);
// Undoes percent-escapes into `out`; false when one is malformed.
bool unescape(std::string_view text, std::string& out);

}  // namespace switchboard::connectors
