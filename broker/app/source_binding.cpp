#include "broker/app/source_binding.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <map>

#include "broker/app/configuration.hpp"
#include "broker/intake/rules.hpp"
#include "connectors/registry.hpp"

namespace switchboard::app {
namespace {

using config::node;
using config::place;
namespace json = boost::json;

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

// A connector's settings and credentials as YAML writes them; the connector checks them against its own table.
json::value as_json(const node& value) {
  switch (value.type) {
    case node::kind::null:
      return nullptr;
    case node::kind::list: {
      json::array list;
      for (const auto& entry : value.items) list.push_back(as_json(entry));
      return list;
    }
    case node::kind::map: {
      json::object object;
      for (const auto& entry : value.members) object[entry.key] = as_json(entry.value);
      return object;
    }
    case node::kind::scalar:
      break;
  }
  if (!value.quoted && !value.referenced) {
    if (const auto b = config::parse_boolean(value.text)) return *b;
    // Only what reads back as it was written: 007 and -0 are names of something.
    if (const auto n = config::parse_integer(value.text); n && fmt::to_string(*n) == value.text) return *n;
  }
  return json::value(value.text);
}

json::object object_of(const node* value, std::string_view key, config::report& out) {
  if (value == nullptr) return {};
  if (value->type == node::kind::map) return as_json(*value).get_object();
  out.error(value->at, fmt::format("'{}' is {}, expected a map", key, config::to_string(value->type)),
            "write name: value");
  return {};
}

// The place of what a JSON Pointer into {"settings": …, "credentials": […]} names, or of the nearest that is written.
place find_place(const config::view& source, std::string_view pointer) {
  const node* here = nullptr;
  place at = source.at("id");
  std::size_t from = 0;
  while (from < pointer.size() && pointer[from] == '/') {
    const auto end = std::min(pointer.find('/', from + 1), pointer.size());
    std::string token(pointer.substr(from + 1, end - from - 1));
    for (auto [escape, plain] : {std::pair{"~1", "/"}, {"~0", "~"}})
      for (auto p = token.find(escape); p != std::string::npos; p = token.find(escape, p + 1))
        token.replace(p, 2, plain);
    from = end;
    if (here == nullptr) {
      here = source.raw(token);
    } else if (here->type == node::kind::list) {
      const auto index = config::parse_integer(token);
      if (!index || *index < 0 || static_cast<std::size_t>(*index) >= here->items.size()) break;
      here = &here->items[static_cast<std::size_t>(*index)];
    } else if (here->type == node::kind::map && token == "0" && here->find(token) == nullptr) {
      continue;  // a single credential, written without a list
    } else {
      const auto* member = here->find(token);
      if (member == nullptr) break;
      here = &member->value;
    }
    if (here == nullptr) break;
    at = here->at;
  }
  return at;
}

// --- rules ---
std::vector<intake::rule> bind_rules(const config::view& source, std::span<const std::string> topics,
                                     config::report& out) {
  std::vector<intake::rule> rules;
  std::vector<std::string_view> known_fields;
  for (const auto& field : intake::rule_fields()) known_fields.push_back(field.name);
  for (const auto& entry : source.subs("rules")) {
    intake::rule rule;
    rule.name = entry.text("name");
    if (const auto* when = entry.raw("when")) {
      if (when->type != node::kind::map || when->members.empty())
        out.error(when->at, "'when' is no map of conditions", "write when: {category: complaint}");
      for (const auto& condition : when->members) {
        intake::rule::condition c{condition.key, {}};
        if (condition.value.type == node::kind::scalar) c.any_of.push_back(condition.value.text);
        for (const auto& alternative : condition.value.items) c.any_of.push_back(alternative.text);
        if (std::ranges::find(known_fields, condition.key) == known_fields.end()) {
          const auto meant = config::nearest(condition.key, known_fields);
          out.error(condition.at, fmt::format("a rule has no field '{}'", condition.key),
                    meant ? fmt::format("did you mean '{}'?", *meant)
                          : fmt::format("known are: {}", fmt::join(known_fields, ", ")));
        }
        if (c.any_of.empty() || std::ranges::find(c.any_of, std::string()) != c.any_of.end())
          out.error(condition.value.at, fmt::format("the condition '{}' has no value", condition.key),
                    "write a value or a list of values");
        rule.when.push_back(std::move(c));
      }
    }
    if (entry.has("category")) rule.category = schemas::from_string<schemas::category>(entry.text("category"));
    rule.priority = entry.text("priority");
    if (entry.has("due_within"))
      rule.due_within = std::chrono::duration_cast<std::chrono::seconds>(entry.duration("due_within"));
    rule.also_to = entry.strings("also_to");
    for (const auto& topic : rule.also_to)
      if (std::ranges::find(topics, topic) == topics.end())
        out.error(entry.at("also_to"), fmt::format("the topic '{}' is not configured", topic),
                  "add it under kafka.topics");
    rules.push_back(std::move(rule));
  }
  return rules;
}

struct seen {
  std::map<std::string, place, std::less<>> ids, paths;
};

void once(std::map<std::string, place, std::less<>>& earlier, const std::string& key, place at, std::string_view what,
          config::report& out) {
  const auto [found, fresh] = earlier.emplace(key, at);
  if (!fresh)
    out.error(at, fmt::format("{} '{}' is used twice", what, key),
              fmt::format("the first is in line {}", found->second.line));
}

std::shared_ptr<const intake::tenant> find_tenant(const tenant_list& tenants, std::string_view id, place at,
                                                  config::report& out) {
  const auto found = std::ranges::find(tenants, id, [](const auto& t) -> std::string_view { return t->id; });
  if (found != tenants.end()) return *found;
  std::vector<std::string_view> ids;
  for (const auto& t : tenants) ids.push_back(t->id);
  const auto meant = config::nearest(id, ids);
  out.error(at, fmt::format("the tenant '{}' is not configured", id),
            meant ? fmt::format("did you mean '{}'?", *meant) : "add it under tenants");
  return nullptr;
}

std::vector<connectors::credential> bind_credentials(const config::view& entry, config::report& out) {
  std::vector<connectors::credential> credentials;
  const auto* written = entry.raw("credentials");
  if (written == nullptr) return credentials;
  if (written->type != node::kind::list) {
    credentials.push_back(object_of(written, "credentials", out));
  } else {
    for (const auto& one : written->items) credentials.push_back(object_of(&one, "credentials", out));
  }
  return credentials;
}

void bind_connector(intake::source& s, const config::view& entry, bool without_secrets, config::report& out) {
  const auto before = out.errors();
  const auto settings = object_of(entry.raw("settings"), "settings", out);
  auto credentials = bind_credentials(entry, out);
  const bool needed = std::ranges::any_of(s.connector->credentials, &connectors::option::required);
  if (credentials.empty() && needed && without_secrets) {
    auto& made_up = credentials.emplace_back();
    for (const auto& o : s.connector->credentials)
      if (o.required) made_up[o.name] = config::reference_stand_in;
  }
  if (credentials.empty() && needed)
    out.error(entry.at("id"), fmt::format("the source '{}' has no credentials", s.id),
              "without them anyone gets in; write credentials: with the keys that the configuration reference names");
  if (out.errors() != before) return;
  auto prepared = s.connector->prepare(settings, credentials);
  if (prepared) {
    s.prepared = std::move(*prepared);
    return;
  }
  for (auto& error : prepared.error()) {
    if (without_secrets && error.pointer.starts_with("/credentials")) continue;
    out.error(find_place(entry, error.pointer), std::move(error.message), std::move(error.hint));
  }
}

std::string checked_path(const config::view& entry, const std::string& id, config::report& out) {
  if (!entry.has("path")) return "/in/" + id;
  auto path = entry.text("path");
  const bool plain =
      std::ranges::all_of(path, [](char c) { return c > 0x20 && c < 0x7f && c != '?' && c != '#' && c != '%'; });
  if (!path.starts_with('/') || !plain)
    out.error(entry.at("path"), "this is no path",
              "write one that begins with '/', without query, such as /in/store-7");
  return path;
}

std::string checked_public_url(const config::view& entry, config::report& out) {
  auto url = entry.text("public_url");
  if (url.empty()) return url;
  const std::size_t host = url.starts_with("https://") ? 8 : url.starts_with("http://") ? 7 : 0;
  if (host == 0 || host == url.size() || url.find_first_of("/?#@ ", host) != std::string::npos)
    out.error(entry.at("public_url"), "this is no scheme and host",
              "write https://hooks.example.com, without a path: the path of the request is added");
  return url;
}

}  // namespace

source_list bind_sources(const config::view& root, const tenant_list& tenants, std::span<const std::string> topics,
                         bool without_secrets, config::report& out) {
  source_list sources;
  seen earlier;
  std::vector<std::string_view> connector_names;
  for (const auto* c : connectors::all()) connector_names.push_back(c->name);

  for (const auto& entry : root.subs("sources")) {
    auto s = std::make_shared<intake::source>();
    s->id = entry.text("id");
    if (s->id.empty() || entry.text("connector").empty()) continue;  // check() has said so
    if (!is_name(s->id))
      out.error(entry.at("id"), "this is no name of a source", "use letters, digits, '-' and '_', at most 64");
    once(earlier.ids, s->id, entry.at("id"), "the source id", out);
    s->path = checked_path(entry, s->id, out);
    once(earlier.paths, s->path, entry.has("path") ? entry.at("path") : entry.at("id"), "the path", out);
    s->public_url = checked_public_url(entry, out);
    s->name_space = make_namespace(entry.has("namespace") ? entry.text("namespace") : s->id);

    if (!entry.has("tenant") && !entry.has("accounts"))
      out.error(entry.at("id"), fmt::format("the source '{}' has no tenant", s->id),
                "give 'tenant' when all contacts belong to one, 'accounts' when the provider's account decides");
    if (entry.has("tenant")) s->tenant = find_tenant(tenants, entry.text("tenant"), entry.at("tenant"), out);
    if (const auto* accounts = entry.raw("accounts"))
      for (const auto& account : accounts->members)
        if (auto tenant = find_tenant(tenants, account.value.text, account.value.at, out))
          s->accounts.emplace(account.key, std::move(tenant));

    s->rules = bind_rules(entry, topics, out);
    s->key = entry.text("key") == "party" ? intake::key_by::party : intake::key_by::conversation;
    s->store_raw = entry.boolean("store_raw");
    s->test = entry.boolean("test");
    s->skew_allowed = std::chrono::duration_cast<std::chrono::minutes>(entry.duration("skew_allowed"));
    s->call_digits = static_cast<std::size_t>(entry.integer("call_digits"));
    s->unmasked_prompts = entry.strings("unmasked_prompts");

    s->connector = connectors::find(entry.text("connector"));
    if (s->connector == nullptr) {
      const auto meant = config::nearest(entry.text("connector"), connector_names);
      out.error(entry.at("connector"), fmt::format("there is no connector '{}'", entry.text("connector")),
                meant ? fmt::format("did you mean '{}'?", *meant) : "`switchboard connectors` lists them");
      continue;
    }
    s->limits = s->connector->limits;
    const auto limits = entry.sub("limits");
    if (limits.has("body_bytes")) s->limits.body_bytes = static_cast<std::size_t>(limits.size("body_bytes"));
    if (limits.has("items")) s->limits.items = static_cast<std::size_t>(limits.integer("items"));
    if (limits.has("depth")) s->limits.depth = static_cast<std::size_t>(limits.integer("depth"));
    if (limits.has("text_bytes")) s->limits.text_bytes = static_cast<std::size_t>(limits.size("text_bytes"));
    bind_connector(*s, entry, without_secrets, out);
    sources.push_back(std::move(s));
  }
  return sources;
}

}  // namespace switchboard::app
