// Telegram's objects, read leniently: what is absent or of another type reads as nothing, so that a member that means
// something new tomorrow costs that member, not the update. What must be there is checked by who reads it.
#pragma once

#include "connectors/common/json.hpp"

namespace switchboard::connectors::telegram {

class node {
 public:
  node() = default;
  explicit node(json::element from) {
    if (json::object o; !from.get(o)) object_ = o;
  }
  explicit operator bool() const noexcept { return object_.has_value(); }

  std::optional<json::element> find(std::string_view name) const {
    json::element found;
    if (!object_ || object_->at_key(name).get(found) || found.is_null()) return std::nullopt;
    return found;
  }
  bool has(std::string_view name) const { return find(name).has_value(); }
  node operator[](std::string_view name) const {
    const auto found = find(name);
    return found ? node(*found) : node();
  }
  std::string_view text(std::string_view name) const {
    const auto found = find(name);
    return found ? json::text(*found).value_or(std::string_view()) : std::string_view();
  }
  std::optional<std::int64_t> integer(std::string_view name) const {
    const auto found = find(name);
    return found ? json::integer(*found) : std::nullopt;
  }
  // An integer as text, empty without one.
  std::string digits(std::string_view name) const {
    const auto value = integer(name);
    return value ? std::to_string(*value) : std::string();
  }
  bool truth(std::string_view name) const {
    const auto found = find(name);
    return found && json::boolean(*found).value_or(false);
  }
  std::optional<double> number(std::string_view name) const {
    const auto found = find(name);
    return found ? json::number(*found) : std::nullopt;
  }
  std::optional<json::array> list(std::string_view name) const {
    json::array out;
    const auto found = find(name);
    if (!found || found->get(out)) return std::nullopt;
    return out;
  }
  // Calls with each object of a list, at most `most` of them.
  template <class Call>
  void each(std::string_view name, std::size_t most, Call call) const {
    if (const auto all = list(name))
      for (const json::element one : *all) {
        if (most-- == 0) return;
        if (const node n(one); n) call(n);
      }
  }
  const std::optional<json::object>& object() const noexcept { return object_; }

 private:
  std::optional<json::object> object_;
};

}  // namespace switchboard::connectors::telegram
