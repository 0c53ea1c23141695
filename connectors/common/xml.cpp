#include "connectors/common/xml.hpp"

#include <algorithm>
#include <pugixml.hpp>

#include "connectors/common/text.hpp"

namespace switchboard::connectors {

namespace {

bool bare_ampersand(std::string_view text) {
  for (std::size_t at = 0; (at = text.find('&', at)) != std::string_view::npos; ++at) {
    const std::string_view name = text.substr(at + 1, text.find(';', at) - at - 1);
    constexpr std::string_view named[] = {"amp", "lt", "gt", "quot", "apos"};
    const bool number = name.size() > 1 && name[0] == '#' && std::ranges::all_of(name.substr(1), [](char c) {
                          return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == 'x';
                        });
    if (!number && std::ranges::find(named, name) == std::end(named)) return true;
  }
  return false;
}

// What pugixml lets pass: an ampersand that begins no reference.
struct ampersands final : pugi::xml_tree_walker {
  bool for_each(pugi::xml_node& node) override {
    bare = bare || (node.type() == pugi::node_pcdata && bare_ampersand(node.value()));
    for (const pugi::xml_attribute& each : node.attributes()) bare = bare || bare_ampersand(each.value());
    return !bare;
  }
  bool bare = false;
};

}  // namespace

std::optional<std::string> wrong_in_xml(std::string_view text, std::string_view root) {
  if (!valid_utf8(text)) return "it is not UTF-8";
  pugi::xml_document document;
  const auto parsed =
      document.load_buffer(text.data(), text.size(), pugi::parse_full & ~pugi::parse_escapes, pugi::encoding_utf8);
  if (!parsed) return std::string(parsed.description()) + " at byte " + std::to_string(parsed.offset);
  std::size_t elements = 0;
  for (const pugi::xml_node& each : document.children()) {
    if (each.type() == pugi::node_doctype) return "a DTD is not allowed";
    elements += each.type() == pugi::node_element;
  }
  if (elements != 1 || document.document_element().name() != root)
    return "its one root element is not <" + std::string(root) + ">";
  ampersands found;
  document.traverse(found);
  if (found.bare) return "an & that begins no entity is written &amp;";
  return std::nullopt;
}

}  // namespace switchboard::connectors
