// How text becomes one harmless token of a log line. Pure.
//
// Escaped are quotes, backslashes, C0 and C1 controls, line and paragraph separators, zero-width and bidirectional
// characters: what could forge a line, hide text or drive a terminal. Bytes that are not UTF-8 appear as \xNN (logfmt)
// or U+FFFD (JSON).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace switchboard::observe {

inline constexpr std::size_t longest_logged_value = 2048;  // bytes; the rest is replaced by an ellipsis

void append_json(std::string& line, std::string_view text);    // always quoted
void append_logfmt(std::string& line, std::string_view text);  // quoted where it needs to be
// For a person to read on a terminal: quotes and backslashes stay as they are, so that JSON can be read and copied.
void append_harmless(std::string& line, std::string_view text);

}  // namespace switchboard::observe
