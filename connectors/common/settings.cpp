#include "connectors/common/settings.hpp"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <cassert>

#include "connectors/common/text.hpp"
#include "connectors/common/time.hpp"

namespace switchboard::connectors {

namespace {

std::string escaped_token(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c == '~')
      out += "~0";
    else if (c == '/')
      out += "~1";
    else
      out += c;
  }
  return out;
}

bool is_pointer(std::string_view s) noexcept {
  if (s.empty()) return true;
  if (s.front() != '/') return false;
  for (std::size_t i = 0; i < s.size(); ++i)
    if (s[i] == '~' && (i + 1 == s.size() || (s[i + 1] != '0' && s[i + 1] != '1'))) return false;
  return true;
}

std::optional<std::chrono::milliseconds> parse_duration(std::string_view s) noexcept {
  const std::size_t end = std::min(s.find_first_not_of("0123456789"), s.size());
  const auto value = plain_integer(s.substr(0, end));
  const std::string_view unit = s.substr(end);
  if (!value || *value > 1'000'000'000) return std::nullopt;
  using std::chrono::milliseconds;
  if (unit == "ms") return milliseconds(*value);
  if (unit == "s") return milliseconds(*value * 1000);
  if (unit == "m") return milliseconds(*value * 60'000);
  if (unit == "h") return milliseconds(*value * 3'600'000);
  if (unit == "d") return milliseconds(*value * 86'400'000);
  return std::nullopt;
}

std::string names_of(std::span<const option> table) {
  std::string out = "known: ";
  for (const option& each : table) {
    if (&each != table.data()) out += ", ";
    out += each.name;
  }
  return out;
}

}  // namespace

std::optional<std::string> scalar_text(const boost::json::value& value) {
  if (value.is_null() || value.is_object() || value.is_array()) return std::nullopt;
  if (const auto* text = value.if_string()) return std::string(text->data(), text->size());
  return boost::json::serialize(value);
}

settings_reader::settings_reader(const boost::json::object& from, std::span<const option> table, std::string pointer,
                                 std::vector<settings_error>& errors)
    : from_(from), table_(table), pointer_(std::move(pointer)), errors_(errors) {
  check(from, {});
  for (const option& each : table_) {
    const boost::json::value* value = raw(each.name);
    if (each.required && (!value || value->is_null()))
      error(each.name, "'" + std::string(each.name) + "' is missing", std::string(each.text));
    if (value && each.type == value_type::secret && value->is_string() && value->get_string().empty())
      error(each.name, "'" + std::string(each.name) + "' is empty", "a secret must not be empty: anyone could sign");
  }
}

void settings_reader::check(const boost::json::object& from, const std::string& prefix) {
  for (const auto& member : from) {
    const std::string name = prefix + std::string(member.key());
    if (std::ranges::find(table_, name, &option::name) != table_.end()) continue;
    const std::string nested = name + '.';
    const bool group = std::ranges::any_of(table_, [&](const option& o) { return o.name.starts_with(nested); });
    if (group && member.value().is_object())
      check(member.value().get_object(), nested);
    else if (group)
      error(name, "'" + name + "' is a map", names_of(table_));
    else
      error(name, "'" + name + "' is not known here", names_of(table_));
  }
}

const boost::json::value* settings_reader::raw(std::string_view name) const {
  if (const auto* whole = from_.if_contains(name)) return whole;
  const boost::json::object* object = &from_;
  while (object) {
    const std::size_t dot = name.find('.');
    const boost::json::value* value = object->if_contains(name.substr(0, dot));
    if (dot == std::string_view::npos || !value) return value;
    object = value->if_object();
    name.remove_prefix(dot + 1);
    if (object)
      if (const auto* rest = object->if_contains(name)) return rest;
  }
  return nullptr;
}

const option& settings_reader::known(std::string_view name) const {
  const auto found = std::ranges::find(table_, name, &option::name);
  assert(found != table_.end());
  return *found;
}

std::optional<std::string> settings_reader::scalar(std::string_view name) {
  const boost::json::value* value = raw(name);
  if (!value || value->is_null()) return std::nullopt;
  auto text = scalar_text(*value);
  if (!text) error(name, "'" + std::string(name) + "' must be one value", std::string(known(name).text));
  return text;
}

std::string settings_reader::text(std::string_view name) {
  return scalar(name).value_or(std::string(known(name).default_value));
}

std::int64_t settings_reader::integer(std::string_view name, std::int64_t least, std::int64_t most) {
  const auto fallback = plain_integer(known(name).default_value).value_or(least);
  const auto written = scalar(name);
  if (!written) return fallback;
  const auto value = plain_integer(*written);
  if (value && *value >= least && *value <= most) return *value;
  error(name,
        "'" + std::string(name) + "' must be a whole number from " + std::to_string(least) + " to " +
            std::to_string(most),
        std::string(known(name).text));
  return fallback;
}

bool settings_reader::boolean(std::string_view name) {
  const bool fallback = known(name).default_value == "true";
  const auto written = scalar(name);
  if (!written) return fallback;
  if (*written == "true") return true;
  if (*written == "false") return false;
  error(name, "'" + std::string(name) + "' must be true or false", std::string(known(name).text));
  return fallback;
}

std::chrono::milliseconds settings_reader::duration(std::string_view name) {
  const auto fallback = parse_duration(known(name).default_value).value_or(std::chrono::milliseconds::zero());
  const auto written = scalar(name);
  if (!written) return fallback;
  if (const auto value = parse_duration(*written)) return *value;
  error(name, "'" + std::string(name) + "' must be a duration", "such as 5m, 300s or 1500ms");
  return fallback;
}

std::optional<settings_reader::source> settings_reader::pointer(std::string_view name) {
  auto written = scalar(name);
  if (!written) {
    if (known(name).default_value.empty()) return std::nullopt;
    written = std::string(known(name).default_value);
  }
  if (written->starts_with('=')) return source{true, written->substr(1)};
  if (is_pointer(*written)) return source{false, std::move(*written)};
  error(name, "'" + std::string(name) + "' must be a JSON Pointer or a constant", "such as /data/text or =complaint");
  return std::nullopt;
}

std::vector<const boost::json::object*> settings_reader::objects(std::string_view name) {
  std::vector<const boost::json::object*> out;
  const boost::json::value* value = raw(name);
  if (!value || value->is_null()) return out;
  const auto* list = value->if_array();
  if (list && std::ranges::all_of(*list, [](const boost::json::value& each) { return each.is_object(); })) {
    for (const boost::json::value& each : *list) out.push_back(&each.get_object());
  } else {
    error(name, "'" + std::string(name) + "' must be a list of maps", std::string(known(name).text));
  }
  return out;
}

std::vector<std::pair<std::string, std::string>> settings_reader::map(std::string_view name) {
  std::vector<std::pair<std::string, std::string>> out;
  const boost::json::value* value = raw(name);
  if (!value || value->is_null()) return out;
  if (const auto* object = value->if_object()) {
    for (const auto& member : *object) {
      if (auto text = scalar_text(member.value()))
        out.emplace_back(member.key(), std::move(*text));
      else
        error(name, "'" + std::string(name) + "' must map names to texts", std::string(known(name).text));
    }
  } else {
    error(name, "'" + std::string(name) + "' must be a map", std::string(known(name).text));
  }
  return out;
}

std::vector<std::string> settings_reader::texts(std::string_view name) {
  std::vector<std::string> out;
  const boost::json::value* value = raw(name);
  if (!value || value->is_null()) return out;
  const auto take = [&](const boost::json::value& each) {
    if (auto text = scalar_text(each))
      out.push_back(std::move(*text));
    else
      error(name, "'" + std::string(name) + "' must be a list of texts", std::string(known(name).text));
  };
  if (const auto* list = value->if_array())
    for (const boost::json::value& each : *list) take(each);
  else
    take(*value);
  return out;
}

void settings_reader::error(std::string_view name, std::string message, std::string hint) {
  errors_.push_back({path(name), std::move(message), std::move(hint)});
}

std::string settings_reader::path(std::string_view name) const {
  std::string out = pointer_;
  while (!name.empty()) {
    const std::size_t dot = std::min(name.find('.'), name.size());
    out += '/';
    out += escaped_token(name.substr(0, dot));
    name.remove_prefix(std::min(name.size(), dot + 1));
  }
  return out;
}

}  // namespace switchboard::connectors
