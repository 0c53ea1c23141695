#include "connectors/common/fields.hpp"

namespace switchboard::connectors {

namespace {

bool set_values(json::element from, std::vector<std::string>& out) {
  json::array list;
  if (from.get(list)) return false;
  for (const json::element each : list) {
    auto text = json::scalar(each);
    if (!text) return out.clear(), false;
    out.push_back(*std::move(text));
  }
  return !out.empty();
}

}  // namespace

std::vector<schemas::field> fields_of(json::object from) {
  std::vector<schemas::field> out;
  for (const auto member : from) {
    if (out.size() == most_fields) break;
    if (member.key.empty()) continue;
    schemas::field f;
    f.name = member.key;
    if (auto text = json::scalar(member.value))
      f.value = *std::move(text);
    else if (!set_values(member.value, f.values) && !member.value.is_null())
      f.value = json::minified(member.value);
    out.push_back(std::move(f));
  }
  return out;
}

}  // namespace switchboard::connectors
