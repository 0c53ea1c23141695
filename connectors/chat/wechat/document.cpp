#include "connectors/chat/wechat/document.hpp"

#include <pugixml.hpp>

#include "connectors/common/json.hpp"

namespace switchboard::connectors::wechat {

// Fills a document; the first thing that is wrong ends it.
class reader {
 public:
  reader(document& out, std::size_t depth) : out_(out), depth_(depth) { out_.nodes_.emplace_back(); }

  std::optional<reject_code> xml(std::string_view text) {
    out_.bytes_.assign(text.begin(), text.end());
    pugi::xml_document parsed;
    constexpr unsigned how = pugi::parse_default | pugi::parse_doctype | pugi::parse_ws_pcdata_single;
    if (!parsed.load_buffer_inplace(out_.bytes_.data(), out_.bytes_.size(), how, pugi::encoding_utf8))
      return reject_code::malformed_body;
    for (const pugi::xml_node each : parsed)
      if (each.type() == pugi::node_doctype) return reject_code::malformed_body;
    const pugi::xml_node top = parsed.document_element();
    if (!top) return reject_code::malformed_body;
    elements(top, document::root, 1);
    return wrong_;
  }

  std::optional<reject_code> json(std::string_view text) {
    const auto parsed = json::parse_copy(text, depth_);
    if (!parsed) return parsed.error();
    json::object object;
    if (parsed->get(object)) return reject_code::wrong_type;
    members(object, document::root);
    return wrong_;
  }

 private:
  std::optional<document::id> add(std::string_view name, document::id parent) {
    if (out_.nodes_.size() >= document::most_nodes) {
      wrong_ = reject_code::too_many_items;
      return std::nullopt;
    }
    out_.nodes_[parent].leaf = false;
    out_.nodes_.push_back({name, {}, parent});
    return static_cast<document::id>(out_.nodes_.size() - 1);
  }

  void elements(pugi::xml_node from, document::id parent, std::size_t depth) {
    if (depth > depth_) wrong_ = reject_code::too_deep;
    for (const pugi::xml_node each : from) {
      if (wrong_) return;
      if (each.type() != pugi::node_element) continue;
      const auto made = add(each.name(), parent);
      if (!made) return;
      out_.nodes_[*made].value = text_of(each);
      elements(each, *made, depth + 1);
    }
  }

  // A text that holds ]]> comes as several CDATA sections.
  std::string_view text_of(pugi::xml_node element) {
    std::string_view one;
    std::string* many = nullptr;
    for (const pugi::xml_node each : element) {
      if (each.type() != pugi::node_cdata && each.type() != pugi::node_pcdata) continue;
      if (!many && !one.empty()) many = &out_.joined_.emplace_back(one);
      if (many)
        *many += each.value();
      else
        one = each.value();
    }
    return many ? std::string_view(*many) : one;
  }

  void members(json::object from, document::id parent) {
    for (const auto member : from) value(member.key, member.value, parent);
  }

  void value(std::string_view name, json::element from, document::id parent) {
    if (wrong_) return;
    if (json::array list; !from.get(list)) {
      for (const json::element each : list) value(name, each, parent);
      return;
    }
    const auto made = add(name, parent);
    if (!made) return;
    if (json::object object; !from.get(object)) {
      members(object, *made);
    } else if (const auto text = json::text(from)) {
      out_.nodes_[*made].value = *text;
    } else if (auto scalar = json::scalar(from)) {
      out_.nodes_[*made].value = out_.joined_.emplace_back(std::move(*scalar));
    }
  }

  document& out_;
  std::size_t depth_;
  std::optional<reject_code> wrong_;
};

bool is_json(std::string_view text) noexcept {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  return first != text.npos && text[first] == '{';
}

std::expected<document, reject_code> document::parse(std::string_view text, std::size_t depth) {
  document out;
  reader from(out, depth);
  if (const auto wrong = is_json(text) ? from.json(text) : from.xml(text)) return std::unexpected(*wrong);
  return out;
}

std::optional<document::id> document::child(id parent, std::string_view name) const noexcept {
  for (id i = parent + 1; i < nodes_.size(); ++i)
    if (nodes_[i].parent == parent && nodes_[i].name == name) return i;
  return std::nullopt;
}

std::vector<document::id> document::children(id parent, std::string_view name) const {
  std::vector<id> out;
  for (id i = parent + 1; i < nodes_.size(); ++i)
    if (nodes_[i].parent == parent && nodes_[i].name == name) out.push_back(i);
  return out;
}

std::string_view document::get(id parent, std::string_view name) const noexcept {
  const auto found = child(parent, name);
  return found ? nodes_[*found].value : std::string_view{};
}

}  // namespace switchboard::connectors::wechat
