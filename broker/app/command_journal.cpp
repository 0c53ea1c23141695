#include <fmt/format.h>
#include <prometheus/registry.h>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <cerrno>
#include <cstring>

#include "broker/app/command_common.hpp"
#include "broker/app/commands.hpp"
#include "broker/app/emptying.hpp"
#include "broker/app/interruption.hpp"
#include "broker/app/terminal.hpp"
#include "broker/journal/probe.hpp"
#include "broker/journal/tools.hpp"

namespace switchboard::app {
namespace {

namespace json = boost::json;
namespace tools = journal::tools;

std::string as_json(const tools::summary& s) {
  json::object out{{"id", schemas::to_string(s.id)},
                   {"clean", s.clean},
                   {"prepared_segments", s.prepared_segments},
                   {"last_group", s.last_group},
                   {"last_unit", s.last_unit},
                   {"dedupe_runs", s.dedupe_runs},
                   {"dedupe_entries", s.dedupe_entries},
                   {"state_entries", s.state_entries},
                   {"sequence_scopes", s.sequence_scopes}};
  if (s.last_recorded) out["last_recorded"] = schemas::to_string(*s.last_recorded);
  if (s.snapshot_unit) out["snapshot_unit"] = *s.snapshot_unit;
  if (s.damage) out["damage"] = *s.damage;
  json::array segments, sources, topics;
  for (const auto& g : s.segments)
    segments.push_back({{"file", g.file},
                        {"number", g.number},
                        {"bytes", g.bytes},
                        {"first_group", g.first_group},
                        {"groups", g.groups},
                        {"first_unit", g.first_unit},
                        {"units", g.units}});
  for (const auto& one : s.books.sources)
    sources.push_back(
        {{"source", one.source}, {"decoded", one.decoded}, {"appended", one.appended}, {"duplicates", one.duplicates}});
  for (const auto& one : s.books.topics) topics.push_back({{"topic", one.topic}, {"last_sequence", one.appended}});
  out["segments"] = std::move(segments);
  out["sources"] = std::move(sources);
  out["topics"] = std::move(topics);
  return json::serialize(out) + "\n";
}

std::string pretty(const tools::summary& s, bool on) {
  auto out = fmt::format("journal {}\n", paint(colour::bold, schemas::to_string(s.id), on));
  out += fmt::format("last unit {}{}{}\n", s.last_unit,
                     s.last_recorded ? ", recorded " + schemas::to_string(*s.last_recorded) : "",
                     s.clean ? "" : ", not stopped in order");
  out += s.snapshot_unit ? fmt::format("snapshot up to unit {}\n", *s.snapshot_unit) : std::string("no snapshot\n");
  out += fmt::format("dedupe {} entries in {} files, state {} entries, {} sequence scopes\n", s.dedupe_entries,
                     s.dedupe_runs, s.state_entries, s.sequence_scopes);
  for (const auto& g : s.segments)
    out += fmt::format("{}  {} groups, {} units from {}, {} bytes\n", g.file, g.groups, g.units, g.first_unit, g.bytes);
  out += fmt::format("{} segments prepared\n", s.prepared_segments);
  for (const auto& one : s.books.sources)
    out += fmt::format("source {}: {} decoded = {} appended + {} duplicates\n", one.source, one.decoded, one.appended,
                       one.duplicates);
  for (const auto& one : s.books.topics) out += fmt::format("topic {}: last sbseq {}\n", one.topic, one.appended);
  if (s.damage) out += fmt::format("{} {}\n", paint(colour::red, "damaged:", on), *s.damage);
  return out;
}

exit_code inspect(const journal_options& o) {
  const auto s = tools::inspect(base::real_file_system(), o.directory);
  if (!s) return fail(exit_code::no_input, s.error());
  if (!print(o.json ? as_json(*s) : pretty(*s, colourful(stdout)))) return exit_code::cannot_write;
  return s->damage ? exit_code::findings : exit_code::ok;
}

exit_code verify(const journal_options& o) {
  const auto v = tools::verify(base::real_file_system(), o.directory);
  if (!v) return fail(exit_code::no_input, v.error());
  if (o.json) {
    json::array damaged;
    for (const auto& f : v->damaged) damaged.push_back({{"file", f.file}, {"offset", f.offset}, {"what", f.what}});
    print(json::serialize(json::object{{"groups", v->groups},
                                       {"units", v->units},
                                       {"messages", v->messages},
                                       {"bytes", v->bytes},
                                       {"damaged", std::move(damaged)}}) +
          "\n");
  } else {
    const bool on = colourful(stdout);
    print(fmt::format("{} groups, {} units, {} messages, {} bytes read\n", v->groups, v->units, v->messages, v->bytes));
    for (const auto& f : v->damaged)
      print(fmt::format("{} {} at {}: {}\n", paint(colour::red, "damaged", on), f.file, f.offset, f.what));
    if (v->damaged.empty()) print(paint(colour::green, "sound", on) + "\n");
  }
  return v->damaged.empty() ? exit_code::ok : exit_code::findings;
}

exit_code repair(const journal_options& o) {
  if (!o.yes) {
    const auto code = verify(o);
    if (code == exit_code::findings)
      fail(code, "nothing was changed",
           o.cut ? "--yes ends the journal before the damage"
                 : "--yes marks the damaged groups as lost and keeps what is behind them");
    return code;
  }
  const auto mode = o.cut ? tools::repair_mode::cut : tools::repair_mode::skip;
  for (int round = 0; round < 1000; ++round) {
    const auto r = tools::repair(base::real_file_system(), o.directory, mode);
    if (!r) return fail(exit_code::unavailable, r.error());
    if (!r->changed) {
      print("nothing is left to repair\n");
      return exit_code::ok;
    }
    if (!r->file.empty())
      print(fmt::format("repaired {} at {}; the bytes are kept in {}\n", r->file, r->offset, r->saved_to));
    if (r->first_lost_unit != 0) print(fmt::format("units {} to {} are lost\n", r->first_lost_unit, r->last_lost_unit));
    for (const auto& note : r->notes) print(note + "\n");
  }
  return fail(exit_code::internal, "the journal is damaged in too many places");
}

exit_code export_units(const journal_options& o) {
  struct closer {
    void operator()(std::FILE* f) const noexcept {
      if (f != stdout) std::fclose(f);
    }
  };
  const std::unique_ptr<std::FILE, closer> out(o.output.empty() ? stdout : std::fopen(o.output.c_str(), "wxe"));
  if (out == nullptr) return fail(exit_code::cannot_write, fmt::format("{}: {}", o.output, std::strerror(errno)));
  bool written = true;
  const auto done = tools::export_units(base::real_file_system(), o.directory, [&](std::string_view line) {
    written = std::fwrite(line.data(), 1, line.size(), out.get()) == line.size() && std::fputc('\n', out.get()) != EOF;
    return written;
  });
  if (!done) return fail(exit_code::no_input, done.error());
  return written && std::fflush(out.get()) == 0 ? exit_code::ok
                                                : fail(exit_code::cannot_write, "the output cannot be written");
}

exit_code forward(const journal_options& o) {
  const auto c = load_or_explain(o.config);
  if (!c) return exit_code::configuration;
  if (c->publish.embedded)
    return fail(exit_code::usage, "the configuration names no Kafka outside", "give one with bootstrap.servers");
  // Opening makes a journal where there is none: a mistyped path must not.
  if (const auto there = tools::inspect(base::real_file_system(), o.directory); !there)
    return fail(exit_code::no_input, there.error());
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
  const auto publisher = emptying::start(**opened, *blobs, std::move(publishing));
  if (!publisher) return fail(exit_code::unavailable, publisher.error());
  const auto result = (*publisher)->finish([&stopped] { return stopped.requested(); });
  (*opened)->stop();
  if (!result) return fail(exit_code::unavailable, result.error());
  const auto done =
      result->delivered + result->dead_lettered == 0
          ? std::string("nothing was left to publish")
          : fmt::format("{} records published, {} more in the dead letter", result->delivered, result->dead_lettered);
  print(fmt::format("journal {}: {}; it may be deleted\n", schemas::to_string((*opened)->id()), done));
  return exit_code::ok;
}

}  // namespace

exit_code journal_tool(const journal_options& o) {
  switch (o.what) {
    case journal_options::action::inspect:
      return inspect(o);
    case journal_options::action::verify:
      return verify(o);
    case journal_options::action::repair:
      return repair(o);
    case journal_options::action::export_:
      return export_units(o);
    case journal_options::action::forward:
      return forward(o);
  }
  return exit_code::usage;
}

}  // namespace switchboard::app
