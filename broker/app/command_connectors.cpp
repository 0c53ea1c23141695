#include <fmt/format.h>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "broker/app/command_common.hpp"
#include "broker/app/commands.hpp"
#include "broker/app/connector_table.hpp"
#include "broker/app/terminal.hpp"
#include "connectors/registry.hpp"

namespace switchboard::app {
namespace {

namespace json = boost::json;

std::string_view to_string(connectors::maturity m) { return m == connectors::maturity::stable ? "stable" : "beta"; }

json::array options_json(std::span<const connectors::option> options) {
  json::array list;
  for (const auto& o : options) {
    json::object one{{"name", o.name}, {"required", o.required}, {"text", o.text}};
    if (!o.default_value.empty()) one["default"] = o.default_value;
    list.push_back(std::move(one));
  }
  return list;
}

std::string as_json(const connectors::connector& c) {
  json::object out{{"name", c.name},
                   {"channel", c.channel},
                   {"provider", c.provider},
                   {"title", c.title},
                   {"version", c.version},
                   {"status", to_string(c.status)},
                   {"authentication", c.posture.authentication},
                   {"replay_window", c.posture.replay_window},
                   {"remark", c.posture.remark},
                   {"retries_for_s", c.retry.retries_for.count()},
                   {"deadline_ms", c.retry.deadline.count()},
                   {"retries", c.retry.text},
                   {"advice", c.retry.advice},
                   {"body_bytes", c.limits.body_bytes},
                   {"credentials", options_json(c.credentials)},
                   {"settings", options_json(c.settings)}};
  json::array methods, emits, samples;
  for (const auto m : c.methods) methods.push_back(json::value(m));
  for (const auto& e : c.emits)
    emits.push_back({{"kind", e.kind}, {"type", schemas::info(e.type).name}, {"text", e.text}});
  for (const auto& s : c.samples) samples.push_back({{"sample", s.name}, {"description", s.description}});
  out["methods"] = std::move(methods);
  out["emits"] = std::move(emits);
  out["example"] = c.example;
  out["samples"] = std::move(samples);
  return json::serialize(out);
}

std::string events_markdown(const connectors::connector& c) {
  std::string out = "| It sends | Becomes |\n|---|---|\n";
  for (const auto& e : c.emits)
    out += fmt::format("| {} | `{}`{}{} |\n", e.kind, schemas::info(e.type).name, e.text.empty() ? "" : "; ", e.text);
  return out;
}

std::vector<const connectors::connector*> chosen(const std::vector<std::string>& names) {
  if (names.empty()) return {connectors::all().begin(), connectors::all().end()};
  std::vector<const connectors::connector*> out;
  for (const auto& name : names) {
    out.push_back(connectors::find(name));
    if (out.back()) continue;
    fail(exit_code::usage, fmt::format("there is no connector '{}'", name), "'switchboard connectors' lists them");
    return {};
  }
  return out;
}

}  // namespace

std::string connector_table_markdown() {
  std::string out = "| Channel | Connector | What it reads | Status | Authentication |\n|---|---|---|---|---|\n";
  for (const auto* c : connectors::all())
    out += fmt::format("| {} | `{}` | {} | {} | {}{}{} |\n", c->channel, c->name, c->title, to_string(c->status),
                       c->posture.authentication, c->posture.remark.empty() ? "" : "; ", c->posture.remark);
  return out;
}

exit_code connectors_list(const connectors_options& options) {
  const auto listed = chosen(options.names);
  if (listed.empty()) return exit_code::usage;
  std::string out;
  if (options.markdown) {
    out = connector_table_markdown();
  } else if (options.events) {
    for (const auto* c : listed)
      out += (listed.size() > 1 ? fmt::format("\n## {}\n", c->name) : "") + events_markdown(*c);
  } else if (options.example) {
    for (const auto* c : listed) out += (out.empty() ? "" : "\n") + std::string(c->example);
  } else if (options.json) {
    out = "[";
    for (const auto* c : listed) out += (out.size() > 1 ? ",\n " : "\n ") + as_json(*c);
    out += "\n]\n";
  } else {
    const bool on = colourful(stdout);
    for (const auto* c : listed)
      out += fmt::format("{:<20} {:<8} {:<7} {}\n{:<20} {}\n", c->name, c->channel, to_string(c->status),
                         paint(colour::bold, c->title, on), "", paint(colour::grey, c->posture.authentication, on));
  }
  return print(out) ? exit_code::ok : exit_code::cannot_write;
}

}  // namespace switchboard::app
