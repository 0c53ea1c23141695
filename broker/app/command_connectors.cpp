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
  json::array methods, types, samples;
  for (const auto m : c.methods) methods.push_back(json::value(m));
  for (const auto t : c.types) types.push_back(json::value(schemas::info(t).name));
  for (const auto& s : c.samples) samples.push_back({{"sample", s.name}, {"description", s.description}});
  out["methods"] = std::move(methods);
  out["types"] = std::move(types);
  out["samples"] = std::move(samples);
  return json::serialize(out);
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
  std::string out;
  if (options.markdown) {
    out = connector_table_markdown();
  } else if (options.json) {
    out = "[";
    for (const auto* c : connectors::all()) out += (out.size() > 1 ? ",\n " : "\n ") + as_json(*c);
    out += "\n]\n";
  } else {
    const bool on = colourful(stdout);
    for (const auto* c : connectors::all())
      out += fmt::format("{:<20} {:<8} {:<7} {}\n{:<20} {}\n", c->name, c->channel, to_string(c->status),
                         paint(colour::bold, c->title, on), "", paint(colour::grey, c->posture.authentication, on));
  }
  return print(out) ? exit_code::ok : exit_code::cannot_write;
}

}  // namespace switchboard::app
