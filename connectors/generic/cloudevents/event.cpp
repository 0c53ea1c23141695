#include "connectors/generic/cloudevents/event.hpp"

#include <algorithm>

#include "connectors/common/encoding.hpp"
#include "connectors/common/text.hpp"
#include "schemas/codec.hpp"

namespace switchboard::connectors::cloudevents {

namespace {

constexpr std::size_t most_extensions = 64, longest_extension_name = 64, longest_extension = 4096;

struct attribute {
  std::string_view name;
  std::string carried::* where;
  std::size_t bytes;
};
constexpr attribute attributes[] = {
    {"id", &carried::id, 1024},
    {"source", &carried::source, 2048},
    {"specversion", &carried::version, 16},
    {"type", &carried::type, 512},
    {"subject", &carried::subject, 2048},
    {"dataschema", &carried::dataschema, 2048},
    {"datacontenttype", &carried::content_type, 512},
};

// Fills in attribute by attribute; both modes come down to this.
class envelope {
 public:
  explicit envelope(std::string prefix) : prefix_(std::move(prefix)) {}

  void fail(reject_code code, std::string_view attribute) { fail_at(code, prefix_ + std::string(attribute)); }
  void fail_at(reject_code code, std::string where) {
    if (!made.wrong) made.wrong = problem{code, std::move(where)};
  }

  void set(std::string_view name, std::string_view value) {
    if (name == "time") return set_time(value);
    const auto known = std::ranges::find(attributes, name, &attribute::name);
    if (known == std::end(attributes)) return extend(name, value);
    std::string& to = made.*known->where;
    if (!to.empty()) return fail(reject_code::malformed_body, name);
    if (value.empty()) return;  // what must be there is missed in finish()
    if (!valid_utf8(value)) return fail(reject_code::invalid_utf8, name);
    if (!identifier(value, known->bytes)) return fail(reject_code::out_of_range, name);
    to = value;
  }

  carried finish() {
    for (const auto* name : {"specversion", "id", "source", "type"})
      if ((made.*std::ranges::find(attributes, name, &attribute::name)->where).empty())
        fail(reject_code::missing_field, name);
    return std::move(made);
  }

  carried made;

 private:
  void set_time(std::string_view value) {
    if (value.empty()) return;
    if (made.time) return fail(reject_code::malformed_body, "time");
    made.time = schemas::timestamp_from_rfc3339(value);
    if (!made.time) fail(reject_code::out_of_range, "time");
  }

  void extend(std::string_view name, std::string_view value) {
    if (value.empty() || !identifier(name, longest_extension_name)) return;
    if (made.extensions.size() == most_extensions) return fail_at(reject_code::too_many_items, {});
    made.extensions.push_back({std::string(name), std::string(cut(repaired(value), longest_extension))});
  }

  std::string prefix_;
};

constexpr int hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string unquoted(std::string_view s) {
  if (s.size() < 2 || s.front() != '"' || s.back() != '"') return std::string(s);
  std::string out;
  for (std::size_t i = 1; i + 1 < s.size(); ++i) {
    if (s[i] == '\\' && i + 2 < s.size()) ++i;
    out += s[i];
  }
  return out;
}

bool is_text(std::string_view type) noexcept {
  return type.starts_with("text/") || type.ends_with("/xml") || type.ends_with("+xml") || type.ends_with("/yaml") ||
         type.ends_with("+yaml") || type == "application/x-www-form-urlencoded" || type == "application/graphql";
}

// Bytes that the envelope did not hold as JSON: what their type says they are.
void take_bytes(envelope& e, std::string bytes, std::size_t depth, std::string where) {
  carried& made = e.made;
  const std::string type = media_type(made.content_type);
  if (is_json(type) && !bytes.empty()) {
    const auto parsed = json::parse_copy(bytes, depth);
    if (parsed)
      made.json = *parsed;
    else if (!type.empty())
      e.fail_at(parsed.error(), std::move(where));
  }
  if (type.empty() && made.json) made.content_type = "application/json";
  made.is_text = is_text(type) && valid_utf8(bytes);
  if (!bytes.empty()) made.bytes = std::move(bytes);
}

}  // namespace

const schemas::named_value* carried::extension(std::string_view name) const noexcept {
  const auto found = std::ranges::find(extensions, name, &schemas::named_value::name);
  return found == extensions.end() ? nullptr : &*found;
}

bool is_json(std::string_view type) noexcept {
  return type.empty() || type == "application/json" || type == "text/json" || type.ends_with("+json");
}

std::string header_text(std::string_view written) {
  const std::string plain = unquoted(trimmed(written));
  std::string out;
  out.reserve(plain.size());
  for (std::size_t i = 0; i < plain.size(); ++i) {
    const int high = plain[i] == '%' && i + 2 < plain.size() ? hex_digit(plain[i + 1]) : -1;
    const int low = high < 0 ? -1 : hex_digit(plain[i + 2]);
    if (low < 0) {
      out += plain[i];
    } else {
      out += static_cast<char>(high << 4 | low);
      i += 2;
    }
  }
  return out;
}

carried read_structured(json::object from, std::size_t depth) {
  envelope e("/");
  std::optional<json::element> data, base64;
  if (json::has_duplicate_keys(from)) e.fail_at(reject_code::malformed_body, {});
  for (const auto member : from) {
    if (member.value.is_null()) continue;
    const bool standard =
        member.key == "time" || std::ranges::find(attributes, member.key, &attribute::name) != std::end(attributes);
    if (member.key == "data")
      data = member.value;
    else if (member.key == "data_base64")
      base64 = member.value;
    else if (standard && !member.value.is_string())
      e.fail(reject_code::wrong_type, member.key);
    else
      e.set(member.key,
            member.value.is_string() ? std::string(*json::text(member.value)) : json::minified(member.value));
  }
  carried& made = e.made;
  const bool json_type = is_json(media_type(made.content_type));
  if (base64) {
    const auto text = json::text(*base64);
    auto bytes = text ? from_base64(*text, padding::optional) : std::nullopt;
    if (data)
      e.fail(reject_code::malformed_body, "data_base64");
    else if (!bytes)
      e.fail(text ? reject_code::malformed_body : reject_code::wrong_type, "data_base64");
    else
      take_bytes(e, std::move(*bytes), depth, "/data_base64");
  } else if (data && json_type) {
    made.json = *data;
    if (made.content_type.empty()) made.content_type = "application/json";
  } else if (data) {
    made.is_text = true;
    if (const auto text = json::text(*data))
      made.bytes = *text;
    else
      e.fail(reject_code::wrong_type, "data");
  }
  return e.finish();
}

carried read_binary(const inbound& request, std::size_t depth) {
  envelope e("ce-");
  for (const header& each : request.headers) {
    if (each.name.size() < 4 || !equal_without_case(each.name.substr(0, 3), "ce-")) continue;
    const std::string name = lower(each.name.substr(3));
    if (name != "datacontenttype") e.set(name, header_text(each.value));
  }
  e.made.content_type = repaired(trimmed(request.find("Content-Type").value_or("")));
  take_bytes(e, std::string(request.body), depth, {});
  return e.finish();
}

}  // namespace switchboard::connectors::cloudevents
