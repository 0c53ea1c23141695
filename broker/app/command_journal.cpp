#include <fmt/format.h>
#include <prometheus/registry.h>

#include "broker/app/command_common.hpp"
#include "broker/app/commands.hpp"
#include "broker/app/emptying.hpp"
#include "broker/app/interruption.hpp"
#include "broker/app/kafka_address.hpp"
#include "broker/journal/probe.hpp"

namespace switchboard::app {
namespace {

exit_code forward(const journal_options& o) {
  const auto c = load_or_explain(o.config);
  if (!c) return exit_code::configuration;
  if (c->publish.embedded)
    return fail(exit_code::usage, "the configuration names no Kafka outside", "give one with bootstrap.servers");
  auto settings = c->journal;
  settings.directory = o.directory;
  auto publishing = c->publish;
  publishing.checkpoint_directory = o.directory;
  prometheus::Registry registry;
  journal::probe probe(registry);
  auto opened = journal::journal::open(base::real_file_system(), base::real_clock(), settings, probe);
  if (!opened) return fail(exit_code::unavailable, opened.error());
  const auto blobs = blobs::local(base::real_file_system(), c->blobs);
  const interruption stopped;
  const auto result = empty(**opened, *blobs, std::move(publishing), [&stopped] { return stopped.requested(); });
  (*opened)->stop();
  if (!result) return fail(exit_code::unavailable, result.error());
  print(fmt::format("journal {}: {} units published, {} records in the dead letter; it may be deleted\n",
                    schemas::to_string((*opened)->id()), result->units, result->dead_lettered));
  return exit_code::ok;
}

}  // namespace

exit_code journal_tool(const journal_options& o) {
  if (o.what == journal_options::action::forward) return forward(o);
  return exit_code::usage;
}

}  // namespace switchboard::app
