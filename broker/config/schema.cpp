#include "broker/config/schema.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cassert>

namespace switchboard::config {
namespace {

bool bounded(const option& o) {
  return o.least != std::numeric_limits<std::int64_t>::min() || o.most != std::numeric_limits<std::int64_t>::max();
}

std::string written(std::int64_t value, type t) {
  if (t == type::size) {
    for (const auto& [name, factor] : {std::pair{"GiB", 1ll << 30}, {"MiB", 1ll << 20}, {"KiB", 1ll << 10}})
      if (value >= factor && value % factor == 0) return fmt::format("{}{}", value / factor, name);
    return fmt::format("{}", value);
  }
  if (t == type::duration) {
    for (const auto& [name, factor] : {std::pair{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1000}})
      if (value >= factor && value % factor == 0) return fmt::format("{}{}", value / factor, name);
    return value == 0 ? std::string("0") : fmt::format("{}ms", value);
  }
  return fmt::format("{}", value);
}

std::string range(const option& o) {
  if (o.most == std::numeric_limits<std::int64_t>::max()) return fmt::format("at least {}", written(o.least, o.type));
  if (o.least == std::numeric_limits<std::int64_t>::min()) return fmt::format("at most {}", written(o.most, o.type));
  return fmt::format("{} to {}", written(o.least, o.type), written(o.most, o.type));
}

std::string example(const option& o) {
  switch (o.type) {
    case type::boolean:
      return "write true or false";
    case type::integer:
      return "write a whole number";
    case type::number:
      return "write a number";
    case type::duration:
      return "write a number with its unit, such as 500ms, 30s, 5m, 8h or 30d";
    case type::size:
      return "write bytes or a number with its unit, such as 64KiB, 10MiB or 2GiB";
    case type::choice:
      return fmt::format("write one of: {}", fmt::join(o.choices, ", "));
    default:
      return {};
  }
}

void check_scalar(const node& value, std::string_view key, const option& o, report& out) {
  if (value.type != node::kind::scalar) {
    out.error(value.at, fmt::format("'{}' is {}, expected {}", key, to_string(value.type), to_string(o.type)),
              example(o));
    return;
  }
  if (o.type == type::secret || o.type == type::string) {
    if (value.text.empty() && !value.referenced)
      out.error(value.at, fmt::format("'{}' is empty", key),
                o.type == type::secret ? "write ${NAME} or ${file:/path}; without a secret anyone gets in"
                                       : "give it a value or leave it out");
    return;
  }
  if (value.unresolved) return;
  std::optional<std::int64_t> measured;
  bool right = false;
  switch (o.type) {
    case type::boolean:
      right = !value.quoted && parse_boolean(value.text).has_value();
      break;
    case type::number:
      if (const auto n = parse_number(value.text); n && !value.quoted) {
        right = true;
        if (bounded(o) && (*n < static_cast<double>(o.least) || *n > static_cast<double>(o.most)))
          out.error(value.at, fmt::format("'{}' is out of range", key), fmt::format("allowed is {}", range(o)));
      }
      break;
    case type::integer:
      measured = value.quoted ? std::nullopt : parse_integer(value.text);
      right = measured.has_value();
      break;
    case type::duration:
      if (const auto d = parse_duration(value.text)) measured = d->count();
      right = measured.has_value();
      break;
    case type::size:
      measured = parse_size(value.text);
      right = measured.has_value();
      break;
    case type::choice:
      right = std::ranges::find(o.choices, value.text) != o.choices.end();
      break;
    default:
      right = true;
  }
  if (!right) {
    std::string hint = example(o);
    if (o.type == type::choice)
      if (const auto meant = nearest(value.text, o.choices)) hint = fmt::format("did you mean '{}'? {}", *meant, hint);
    const auto shown = value.referenced ? std::string("that value") : fmt::format("'{}'", value.text);
    out.error(value.at, fmt::format("'{}' cannot be {}, expected {}", key, shown, to_string(o.type)), std::move(hint));
  } else if (measured && (*measured < o.least || *measured > o.most)) {
    out.error(value.at, fmt::format("'{}' is out of range", key), fmt::format("allowed is {}", range(o)));
  }
}

void check_value(const node& value, std::string_view key, const option& o, report& out) {
  switch (o.type) {
    case type::any:
      return;
    case type::section:
      check(value, *o.nested, out);
      return;
    case type::sections:
      if (value.type != node::kind::list) {
        out.error(value.at, fmt::format("'{}' is {}, expected a list", key, to_string(value.type)),
                  "begin each entry with '- '");
        return;
      }
      for (const auto& entry : value.items) check(entry, *o.nested, out);
      return;
    case type::strings:
      if (value.type == node::kind::scalar) return;
      if (value.type != node::kind::list) {
        out.error(value.at, fmt::format("'{}' is {}, expected a list", key, to_string(value.type)), "write [a, b]");
        return;
      }
      for (const auto& entry : value.items)
        if (entry.type != node::kind::scalar || entry.text.empty())
          out.error(entry.at, fmt::format("an entry of '{}' is {}, expected text", key, to_string(entry.type)));
      return;
    case type::map:
      if (value.type != node::kind::map) {
        out.error(value.at, fmt::format("'{}' is {}, expected a map", key, to_string(value.type)), "write name: value");
        return;
      }
      for (const auto& entry : value.members)
        if (entry.value.type != node::kind::scalar || (entry.value.text.empty() && !entry.value.referenced))
          out.error(entry.value.at, fmt::format("'{}' has no text", entry.key), "give it a value");
      return;
    default:
      check_scalar(value, key, o, out);
  }
}

}  // namespace

std::string_view to_string(type t) noexcept {
  switch (t) {
    case type::boolean:
      return "true or false";
    case type::integer:
      return "a whole number";
    case type::number:
      return "a number";
    case type::string:
      return "text";
    case type::secret:
      return "a secret";
    case type::duration:
      return "a duration";
    case type::size:
      return "a size";
    case type::choice:
      return "one of a few words";
    case type::strings:
      return "a list of texts";
    case type::map:
      return "a map";
    case type::section:
      return "a map";
    case type::sections:
      return "a list";
    case type::any:
      return "anything";
  }
  return "";
}

const option* section::find(std::string_view wanted) const noexcept {
  const auto found = std::ranges::find(options, wanted, &option::name);
  return found == options.end() ? nullptr : &*found;
}

void check(const node& value, const section& table, report& out) {
  if (value.type == node::kind::null) {
    for (const auto& o : table.options)
      if (o.required)
        out.error(value.at, fmt::format("'{}' is missing in '{}'", o.name, table.name), std::string(o.text));
    return;
  }
  if (value.type != node::kind::map) {
    out.error(value.at, fmt::format("'{}' is {}, expected a map", table.name, to_string(value.type)),
              "write name: value");
    return;
  }
  std::vector<std::string_view> names;
  for (const auto& o : table.options) names.push_back(o.name);
  for (const auto& member : value.members) {
    const auto* o = table.find(member.key);
    if (o == nullptr) {
      if (!table.open.empty()) continue;
      const auto meant = nearest(member.key, names);
      out.error(
          member.at, fmt::format("unknown key '{}' in '{}'", member.key, table.name),
          meant ? fmt::format("did you mean '{}'?", *meant) : fmt::format("known are: {}", fmt::join(names, ", ")));
      continue;
    }
    if (member.value.type == node::kind::null && o->type != type::section) {
      if (o->required || o->type == type::secret)
        out.error(member.value.at, fmt::format("'{}' is empty", member.key),
                  o->type == type::secret ? "write ${NAME} or ${file:/path}; without a secret anyone gets in"
                                          : "give it a value");
      continue;
    }
    check_value(member.value, member.key, *o, out);
  }
  for (const auto& o : table.options)
    if (o.required && value.find(o.name) == nullptr)
      out.error(value.at, fmt::format("'{}' is missing in '{}'", o.name, table.name), std::string(o.text));
}

const option& view::known(std::string_view name, type expected) const {
  const auto* o = table_->find(name);
  assert(o != nullptr && "the table does not have this option");
  assert((o->type == expected || (expected == type::string && (o->type == type::secret || o->type == type::choice))) &&
         "bound as another type");
  (void)expected;
  return *o;
}

const node* view::raw(std::string_view name) const noexcept {
  if (value_ == nullptr) return nullptr;
  const auto* member = value_->find(name);
  return member == nullptr || member->value.type == node::kind::null ? nullptr : &member->value;
}

bool view::has(std::string_view name) const noexcept { return raw(name) != nullptr; }

place view::at(std::string_view name) const noexcept {
  if (const auto* found = raw(name)) return found->at;
  return value_ == nullptr ? place{} : value_->at;
}

std::string_view view::scalar(std::string_view name, const option& o) const {
  const auto* found = raw(name);
  const bool usable = found != nullptr && found->type == node::kind::scalar &&
                      (!found->unresolved || o.type == type::string || o.type == type::secret);
  return usable ? std::string_view(found->text) : o.default_value;
}

bool view::boolean(std::string_view name) const {
  const auto& o = known(name, type::boolean);
  return parse_boolean(scalar(name, o)).value_or(parse_boolean(o.default_value).value_or(false));
}
std::int64_t view::integer(std::string_view name) const {
  const auto& o = known(name, type::integer);
  return parse_integer(scalar(name, o)).value_or(parse_integer(o.default_value).value_or(0));
}
double view::number(std::string_view name) const {
  const auto& o = known(name, type::number);
  return parse_number(scalar(name, o)).value_or(parse_number(o.default_value).value_or(0));
}
std::string view::text(std::string_view name) const { return std::string(scalar(name, known(name, type::string))); }
std::chrono::milliseconds view::duration(std::string_view name) const {
  const auto& o = known(name, type::duration);
  return parse_duration(scalar(name, o))
      .value_or(parse_duration(o.default_value).value_or(std::chrono::milliseconds{0}));
}
std::int64_t view::size(std::string_view name) const {
  const auto& o = known(name, type::size);
  return parse_size(scalar(name, o)).value_or(parse_size(o.default_value).value_or(0));
}

std::vector<std::string> view::strings(std::string_view name) const {
  (void)known(name, type::strings);
  std::vector<std::string> result;
  const auto* found = raw(name);
  if (found == nullptr) return result;
  if (found->type == node::kind::scalar) return {found->text};
  for (const auto& entry : found->items) result.push_back(entry.text);
  return result;
}

std::vector<std::pair<std::string, std::string>> view::map(std::string_view name) const {
  (void)known(name, type::map);
  std::vector<std::pair<std::string, std::string>> result;
  if (const auto* found = raw(name))
    for (const auto& entry : found->members) result.emplace_back(entry.key, entry.value.text);
  return result;
}

view view::sub(std::string_view name) const {
  const auto& o = known(name, type::section);
  return {raw(name), *o.nested};
}

std::vector<view> view::subs(std::string_view name) const {
  const auto& o = known(name, type::sections);
  std::vector<view> result;
  if (const auto* found = raw(name))
    for (const auto& entry : found->items) result.emplace_back(&entry, *o.nested);
  return result;
}

std::vector<const node::member*> view::others() const {
  std::vector<const node::member*> result;
  if (value_ == nullptr) return result;
  for (const auto& member : value_->members)
    if (table_->find(member.key) == nullptr) result.push_back(&member);
  return result;
}

std::string markdown(const section& table, std::string_view path) {
  std::string out;
  if (!table.text.empty()) out += fmt::format("{}\n\n", table.text);
  out += "| Key | Type | Default | Meaning |\n|---|---|---|---|\n";
  for (const auto& o : table.options) {
    std::string kind(to_string(o.type));
    if (o.type == type::choice) kind = fmt::format("`{}`", fmt::join(o.choices, "` `"));
    if (bounded(o)) kind += fmt::format(", {}", range(o));
    const std::string fallback = o.required                ? "**required**"
                                 : o.default_value.empty() ? ""
                                                           : fmt::format("`{}`", o.default_value);
    out += fmt::format("| `{}{}` | {} | {} | {} |\n", path, o.name, kind, fallback, o.text);
  }
  if (!table.open.empty()) out += fmt::format("| `{}…` | text | | {} |\n", path, table.open);
  for (const auto& o : table.options) {
    if (o.nested == nullptr) continue;
    const auto inner = fmt::format("{}{}{}", path, o.name, o.type == type::sections ? "[]" : "");
    out += fmt::format("\n### `{}`\n\n{}", inner, markdown(*o.nested, inner + "."));
  }
  return out;
}

}  // namespace switchboard::config
