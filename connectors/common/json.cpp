#include "connectors/common/json.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <vector>

#include "connectors/common/text.hpp"
#include "connectors/common/time.hpp"

namespace switchboard::connectors::json {

namespace {

constexpr std::size_t least_capacity = 64 << 10, kept_capacity = 4 << 20;

simdjson::dom::parser& parser_of(slot s, std::size_t depth, std::size_t bytes) {
  thread_local std::array<simdjson::dom::parser, 2> parsers;
  simdjson::dom::parser& parser = parsers[static_cast<std::size_t>(s)];
  // A parser keeps the room of the largest text it has read, and only its end gives that back.
  if (parser.capacity() > kept_capacity && bytes <= kept_capacity) parser = simdjson::dom::parser();
  if (parser.max_depth() != depth || parser.capacity() < bytes)
    static_cast<void>(parser.allocate(std::max(bytes, least_capacity), depth));  // parsing tells when it failed
  return parser;
}

reject_code code_of(simdjson::error_code error) noexcept {
  switch (error) {
    case simdjson::DEPTH_ERROR:
      return reject_code::too_deep;
    case simdjson::NUMBER_ERROR:
    case simdjson::NUMBER_OUT_OF_RANGE:
      return reject_code::out_of_range;
    case simdjson::UTF8_ERROR:
      return reject_code::invalid_utf8;
    case simdjson::CAPACITY:
      return reject_code::too_large;
    default:
      return reject_code::malformed_body;
  }
}

// Whether the escapes of the text's strings pair their surrogates.
bool surrogates_are_paired(std::string_view raw) noexcept {
  const auto unit = [&](std::size_t at) -> int {  // -1 when no such escape stands there
    int value = 0;
    if (raw.substr(at, 2) != "\\u" || raw.size() - at < 6) return -1;
    const auto [end, error] = std::from_chars(raw.data() + at + 2, raw.data() + at + 6, value, 16);
    return error == std::errc{} && end == raw.data() + at + 6 ? value : -1;
  };
  for (std::size_t at = raw.find('\\'); at != std::string_view::npos; at = raw.find('\\', at)) {
    const int first = unit(at);
    if (first >= 0xDC00 && first < 0xE000) return false;
    if (first < 0xD800 || first >= 0xE000) {
      at += 2;
      continue;
    }
    const int second = unit(at + 6);
    if (second < 0xDC00 || second >= 0xE000) return false;
    at += 12;
  }
  return true;
}

std::expected<element, reject_code> parse_into(slot s, std::string_view text, std::size_t depth, bool copy) {
  element result;
  const auto error = parser_of(s, depth, text.size()).parse(text.data(), text.size(), copy).get(result);
  // Some releases of simdjson refuse a surrogate that stands alone, some write it as three bytes that are no UTF-8.
  if ((!error || error == simdjson::STRING_ERROR) && !surrogates_are_paired(text))
    return std::unexpected(reject_code::invalid_utf8);
  if (error) return std::unexpected(code_of(error));
  return result;
}

}  // namespace

std::expected<element, reject_code> parse(std::string_view text, std::size_t depth) {
  return parse_into(slot::request, text, depth, false);
}

std::expected<element, reject_code> parse_copy(std::string_view text, std::size_t depth, slot s) {
  if (text.empty()) return std::unexpected(reject_code::malformed_body);  // simdjson would copy from nowhere
  return parse_into(s, text, depth, true);
}

bool has_duplicate_keys(object o) {
  constexpr std::size_t few = 16;
  std::array<std::string_view, few> first;
  std::size_t count = 0;
  for (const auto member : o) {
    if (count == few) {
      std::vector<std::string_view> keys;
      for (const auto each : o) keys.push_back(each.key);
      std::ranges::sort(keys);
      return std::ranges::adjacent_find(keys) != keys.end();
    }
    if (std::find(first.begin(), first.begin() + count, member.key) != first.begin() + count) return true;
    first[count++] = member.key;
  }
  return false;
}

std::optional<element> at(element from, std::string_view pointer) {
  element found;
  if (from.at_pointer(pointer).get(found)) return std::nullopt;
  return found;
}

std::optional<std::string_view> text(element e) {
  std::string_view value;
  if (e.get(value)) return std::nullopt;
  return value;
}

std::optional<std::int64_t> integer(element e) {
  std::int64_t value;
  if (!e.is_int64() || e.get(value)) return std::nullopt;
  return value;
}

std::optional<double> number(element e) {
  double value;
  if (!e.is_number() || e.get(value) || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::optional<bool> boolean(element e) {
  bool value;
  if (e.get(value)) return std::nullopt;
  return value;
}

std::optional<std::string> scalar(element e) {
  if (e.is_null() || e.is_object() || e.is_array()) return std::nullopt;
  if (const auto s = text(e)) return std::string(*s);
  return minified(e);
}

std::string minified(element e) { return simdjson::minify(e); }

std::optional<element> reader::find(std::string_view name) {
  element found;
  if (object_.at_key(name).get(found) || found.is_null()) return std::nullopt;
  return found;
}

std::string_view reader::text(std::string_view name) {
  const auto found = find(name);
  if (!found) return {};
  const auto value = json::text(*found);
  if (!value) fail(reject_code::wrong_type, name);
  return value.value_or(std::string_view{});
}

std::string_view reader::identifier(std::string_view name, std::size_t bytes) {
  const std::string_view value = text(name);
  if (value.empty() || connectors::identifier(value, bytes)) return value;
  fail(reject_code::out_of_range, name);
  return {};
}

std::optional<std::int64_t> reader::integer(std::string_view name) {
  const auto found = find(name);
  if (!found) return std::nullopt;
  const auto value = json::integer(*found);
  if (!value) fail(found->is_uint64() ? reject_code::out_of_range : reject_code::wrong_type, name);
  return value;
}

std::optional<std::int64_t> reader::count(std::string_view name) {
  const auto value = integer(name);
  if (!value || *value >= 0) return value;
  fail(reject_code::out_of_range, name);
  return std::nullopt;
}

std::optional<double> reader::number(std::string_view name) {
  const auto found = find(name);
  if (!found) return std::nullopt;
  const auto value = json::number(*found);
  if (!value) fail(reject_code::wrong_type, name);
  return value;
}

std::optional<bool> reader::boolean(std::string_view name) {
  const auto found = find(name);
  if (!found) return std::nullopt;
  const auto value = json::boolean(*found);
  if (!value) fail(reject_code::wrong_type, name);
  return value;
}

std::optional<object> reader::sub(std::string_view name) {
  const auto found = find(name);
  if (!found) return std::nullopt;
  object value;
  if (!found->get(value)) return value;
  fail(reject_code::wrong_type, name);
  return std::nullopt;
}

std::optional<array> reader::list(std::string_view name) {
  const auto found = find(name);
  if (!found) return std::nullopt;
  array value;
  if (!found->get(value)) return value;
  fail(reject_code::wrong_type, name);
  return std::nullopt;
}

std::optional<timestamp> reader::time(std::string_view name) {
  const auto found = find(name);
  if (!found) return std::nullopt;
  std::optional<timestamp> value;
  if (const auto written = json::text(*found))
    value = schemas::timestamp_from_rfc3339(*written);
  else if (const auto ms = json::integer(*found))
    value = from_unix_milliseconds(*ms);
  else if (!found->is_number())
    fail(reject_code::wrong_type, name);
  if (!value) fail(reject_code::out_of_range, name);
  return value;
}

std::optional<timestamp> reader::loose_time(std::string_view name) {
  const auto found = find(name);
  if (!found) return std::nullopt;
  std::optional<timestamp> value;
  if (const auto written = json::text(*found)) {
    const auto number = plain_integer(*written);
    value = number ? from_unix(*number) : from_iso8601(*written);
  } else if (const auto number = json::integer(*found)) {
    value = from_unix(*number);
  } else if (!found->is_number()) {
    fail(reject_code::wrong_type, name);
  }
  if (!value) fail(reject_code::out_of_range, name);
  return value;
}

std::string reader::id(std::string_view name, std::size_t bytes) {
  const auto found = find(name);
  if (!found) return {};
  if (found->is_int64() || found->is_uint64()) return json::minified(*found);
  return std::string(identifier(name, bytes));
}

void reader::fail(reject_code code, std::string_view name) {
  if (code_) return;
  code_ = code;
  wrong_ = path(name);
}

std::string reader::path(std::string_view name) const {
  if (name.empty()) return pointer_;
  std::string out = pointer_;
  out += '/';
  out += name;
  return out;
}

}  // namespace switchboard::connectors::json
