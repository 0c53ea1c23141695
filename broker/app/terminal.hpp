// Colour where a person looks: only on a terminal, never with NO_COLOR set.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>

namespace switchboard::app {

enum class colour : unsigned char { red, green, yellow, blue, grey, bold };

bool colourful(std::FILE*);
// The text in that colour where `on`, as it is otherwise.
std::string paint(colour, std::string_view text, bool on);

// What came from outside, safe for a terminal: control and bidirectional characters escaped.
std::string harmless(std::string_view text);

}  // namespace switchboard::app
