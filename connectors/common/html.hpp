// HTML as a reader sees it, in plain text. Pure, any thread, linear time.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace switchboard::connectors {

// Tags, comments, scripts and styles go; blocks and line breaks become lines, cells and runs of white space one space,
// list items begin with "- ", character references become what they stand for. Nothing is fetched and nothing is
// guessed: what is no tag stays as text.
std::string text_of_html(std::string_view utf8);

// The parts of the same mail that the HTML shows: what follows "cid:", unescaped, each once.
std::vector<std::string> content_ids_of_html(std::string_view utf8);

}  // namespace switchboard::connectors
