// What WeChat tells: an XML document or a JSON object, both read into one list of named values. One thread.
#pragma once

#include <cstdint>
#include <deque>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/contract.hpp"

namespace switchboard::connectors::wechat {

// Nodes in the order of the document, parents first. A list in JSON is the same name several times, as it is in XML.
// Values are bytes as they came: XML does not check that they are UTF-8. JSON's strings live until the next nested
// parse on this thread.
class document {
 public:
  using id = std::uint32_t;
  static constexpr id root = 0;
  static constexpr std::size_t most_nodes = 4000;
  struct node {
    std::string_view name, value;
    id parent = root;
    bool leaf = true;
  };

  // malformed_body (a DOCTYPE too: nothing may define entities), too_deep, too_many_items, and what JSON may be.
  static std::expected<document, reject_code> parse(std::string_view text, std::size_t depth);

  const std::vector<node>& nodes() const noexcept { return nodes_; }
  // The first child of that name; nullopt when there is none.
  std::optional<id> child(id parent, std::string_view name) const noexcept;
  std::vector<id> children(id parent, std::string_view name) const;
  // Its value; empty when it is not there.
  std::string_view get(id parent, std::string_view name) const noexcept;
  std::string_view get(std::string_view member) const noexcept { return get(root, member); }

 private:
  friend class reader;
  std::vector<node> nodes_;
  std::vector<char> bytes_;         // of XML, cut in place
  std::deque<std::string> joined_;  // values that do not stand in one piece in the text
};

bool is_json(std::string_view text) noexcept;  // begins with {

}  // namespace switchboard::connectors::wechat
