// Rich messages: a tree of blocks that stands instead of text. Its words are kept in the order of reading, a line for
// each block; how they look is not.
#include "connectors/chat/telegram/content.hpp"

namespace switchboard::connectors::telegram {

namespace {

// A text, a list of rich texts, or an object around one.
void append_text(std::string& out, json::element from) {
  if (const auto text = json::text(from)) {
    out += *text;
  } else if (json::array list; !from.get(list)) {
    for (const json::element each : list) append_text(out, each);
  } else if (const node object(from); object) {
    for (const std::string_view name : {"text", "expression", "alternative_text"})
      if (const auto inner = object.find(name)) return append_text(out, *inner);
  }
}

void append_line(std::string& out, const node& from, std::string_view name) {
  const auto found = from.find(name);
  if (!found) return;
  std::string line;
  append_text(line, *found);
  if (line.empty()) return;
  if (!out.empty()) out += '\n';
  out += line;
}

void append_cells(std::string& out, const node& table) {
  const auto rows = table.list("cells");
  if (!rows) return;
  for (const json::element row : *rows) {
    json::array cells;
    if (row.get(cells)) continue;
    std::string line;
    for (const json::element cell : cells) {
      if (!line.empty()) line += '\t';
      append_text(line, cell);
    }
    if (!out.empty()) out += '\n';
    out += line;
  }
}

void append_blocks(const node& from, schemas::event& event) {
  from.each("blocks", most_parts, [&](const node& block) {
    append_line(event.text, block, "summary");
    append_line(event.text, block, "text");
    append_line(event.text, block, "expression");
    append_blocks(block, event);
    block.each("items", most_parts, [&](const node& item) { append_blocks(item, event); });
    append_cells(event.text, block);
    fill_files(block, event);
    append_line(event.text, block, "caption");
    append_line(event.text, block, "credit");
  });
}

}  // namespace

void fill_rich(const node& rich_message, contact& fact) { append_blocks(rich_message, fact.event); }

}  // namespace switchboard::connectors::telegram
