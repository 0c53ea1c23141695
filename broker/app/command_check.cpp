#include <fmt/format.h>

#include "broker/app/command_common.hpp"
#include "broker/app/commands.hpp"
#include "broker/app/terminal.hpp"
#include "broker/app/topic_plan.hpp"

namespace switchboard::app {
namespace {

std::string seconds_text(std::chrono::milliseconds ms) {
  return ms.count() % 1000 == 0 ? fmt::format("{} s", ms.count() / 1000) : fmt::format("{} ms", ms.count());
}

void describe(const intake::source& s, bool on) {
  const auto& c = *s.connector;
  print(fmt::format("\n{} ({}, {})\n", paint(colour::bold, s.id, on), c.name, c.title));
  print(
      fmt::format("  URL at the provider   {}{}\n", s.public_url.empty() ? "https://YOUR-HOST" : s.public_url, s.path));
  print(fmt::format("  authentication        {}{}\n", c.posture.authentication,
                    c.posture.replay_window ? ", with a time window" : ""));
  print(fmt::format("  retries               {}; answers within {}\n", c.retry.text, seconds_text(c.retry.deadline)));
  if (!c.retry.advice.empty()) print(fmt::format("  set at the provider   {}\n", c.retry.advice));
}

}  // namespace

exit_code check(const check_options& o) {
  if (o.reference) return print(reference_markdown()) ? exit_code::ok : exit_code::cannot_write;
  const auto c = load_or_explain(o.config);
  if (!c) return exit_code::configuration;
  explain(c->warnings);
  const bool on = colourful(stdout);
  print(fmt::format("{} {}: {} sources, {} tenants, {}\n", paint(colour::green, "ok", on), o.config, c->sources.size(),
                    c->tenants.size(),
                    c->publish.embedded ? "a development broker inside the process: its records live in memory only"
                                        : "Kafka outside"));
  for (const auto& s : c->sources) describe(*s, on);
  if (!o.kafka) return exit_code::ok;
  if (c->publish.embedded) return fail(exit_code::usage, "--kafka has nothing to look at: the broker is embedded");
  print("\n");
  return show_topics(*c, topics_options::action::verify, false);
}

}  // namespace switchboard::app
