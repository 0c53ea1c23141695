#include "benchmarks/load/options.hpp"

#include <CLI/CLI.hpp>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <map>

#include "broker/app/exit_code.hpp"
#include "broker/app/version.hpp"

namespace switchboard::load {
namespace {

constexpr const char* examples =
    "A request has a time at which it is due, whatever became of those before it; its latency counts from then.\n"
    "Examples:\n"
    "  switchboard-load --config switchboard.yaml --source kiosk --rate 1000 --duration 30\n"
    "  switchboard-load --config switchboard.yaml --source kiosk --ramp 500:5000:10 --duration 5 --json ramp.json\n"
    "  switchboard-load --config switchboard.yaml --source kiosk --rate 1000 --verify ids --consume --pid 4711\n"
    "  switchboard-load --config switchboard.yaml --source kiosk --closed --connections 64\n"
    "  switchboard-load --config switchboard.yaml --source kiosk --url http://127.0.0.1:4195/post --rate 1000 "
    "--verify count --topic events\n"
    "Exit: 0 well; 1 something acknowledged is not in Kafka, or sbseq has a hole; 64 the command line; 66 a file is "
    "not there; 69 nothing answers or accepts; 74 the report cannot be written; 78 the configuration.";

void add(CLI::App& program, options& o, std::string& ramp_text) {
  const std::map<std::string, arrivals> arrival_names{{"uniform", arrivals::uniform}, {"poisson", arrivals::poisson}};
  const std::map<std::string, verification> verify_names{
      {"none", verification::none}, {"ids", verification::ids}, {"count", verification::count}};

  program.option_defaults()->group("What is sent");
  program.add_option("-c,--config", o.config, "The broker's configuration file (environment: SWITCHBOARD_CONFIG)")
      ->envname("SWITCHBOARD_CONFIG")
      ->required()
      ->type_name("FILE");
  program.add_option("--source", o.source, "The source whose connector signs")->required()->type_name("ID");
  auto* sample = program.add_option("--sample", o.sample, "The connector's sample of that name; its first by default");
  sample->type_name("NAME");
  program.add_option("--body", o.body, "A file with {{uuid}}, {{run}} (one for each key), {{unix}} … as samples have")
      ->type_name("FILE")
      ->excludes(sample);
  program.add_option("--keys", o.keys, "How many different {{run}} there are: conversations")
      ->check(CLI::Range(1u, 100'000'000u))
      ->capture_default_str()
      ->type_name("N");
  program
      .add_option("--seed", o.seed,
                  "Of everything random; the same seed makes the same ids, which a broker takes once. A new one by "
                  "default")
      ->type_name("N");

  program.option_defaults()->group("Where to");
  program
      .add_option("--url", o.url,
                  "http(s)://host:port of the broker, from the configuration by default; with a path, the endpoint "
                  "itself")
      ->type_name("URL");
  auto* ca = program.add_option("--ca", o.ca, "Certificates that are trusted, as PEM; the system's by default");
  ca->type_name("FILE");
  program.add_flag("--insecure", o.insecure, "Trust any certificate")->excludes(ca);

  program.option_defaults()->group("How much");
  auto* rate = program.add_option("--rate", o.rate, "Requests a second")->check(CLI::PositiveNumber)->type_name("N");
  auto* ramp = program
                   .add_option("--ramp", ramp_text,
                               "Rates from FROM to TO in so many steps, each as long as "
                               "--duration")
                   ->type_name("FROM:TO:STEPS");
  auto* closed = program.add_flag("--closed", o.closed, "Each connection sends as soon as it has its reply: for peaks");
  rate->excludes(ramp)->excludes(closed);
  ramp->excludes(closed);
  program.add_option("--arrivals", o.arrivals, "uniform or poisson")
      ->transform(CLI::CheckedTransformer(arrival_names, CLI::ignore_case).description(""))
      ->type_name("KIND");
  program.add_option("--connections", o.connections, "Kept connections, one request in flight each")
      ->check(CLI::Range(1u, 60'000u))
      ->capture_default_str()
      ->type_name("N");
  program.add_option("--duration", o.duration_s, "Measured time, of each step")
      ->check(CLI::Range(0.1, 86'400.0))
      ->capture_default_str()
      ->type_name("S");
  program.add_option("--warmup", o.warmup_s, "Time before, at the first rate; sent, verified, but not measured")
      ->check(CLI::Range(0.0, 3'600.0))
      ->capture_default_str()
      ->type_name("S");
  program
      .add_option("--timeout", o.timeout_s, "A request without a reply, or without a free connection, is given up then")
      ->check(CLI::Range(0.01, 600.0))
      ->capture_default_str()
      ->type_name("S");

  program.option_defaults()->group("What is told");
  program.add_option("--json", o.json, "The report as JSON; - is standard output")->type_name("FILE");
  program.add_option("--pid", o.pid, "The program that is measured: its CPU time and memory")
      ->check(CLI::PositiveNumber)
      ->type_name("PID");

  program.option_defaults()->group("What is checked");
  program
      .add_option("--verify", o.verify,
                  "ids: each acknowledged event is in its topics, sbseq without a hole; count: as many messages in "
                  "--topic as were acknowledged")
      ->transform(CLI::CheckedTransformer(verify_names, CLI::ignore_case).description(""))
      ->type_name("none|ids|count");
  program.add_flag("--consume", o.consume, "Read the topics while loading, for the time to a consumer; verifies ids");
  program.add_option("--kafka", o.kafka, "Bootstrap address; from the configuration by default")
      ->type_name("HOST:PORT");
  program.add_option("--topic", o.topic, "The topic that is counted, by its logical or its Kafka's name")
      ->type_name("TOPIC");
  program.add_option("--admin", o.admin, "Admin listener of the broker, to find an embedded Kafka")->type_name("URL");
  program.add_option("--verify-wait", o.verify_wait_s, "How long Kafka may bring nothing new before the rest is lost")
      ->check(CLI::Range(0.1, 3'600.0))
      ->capture_default_str()
      ->type_name("S");
}

void finish(options& o, const std::string& ramp_text) {
  if (!ramp_text.empty()) {
    o.ramp = parse_ramp(ramp_text);
    if (!o.ramp) throw CLI::ValidationError("--ramp", "is FROM:TO:STEPS, as in 500:5000:10");
  }
  if (!o.rate && !o.ramp && !o.closed)
    throw CLI::ValidationError("--rate", "say how much: --rate N, --ramp FROM:TO:STEPS or --closed");
  if (o.verify == verification::count && o.topic.empty())
    throw CLI::ValidationError("--topic", "which topic is counted is missing");
  if (o.verify == verification::count && o.consume)
    throw CLI::ValidationError("--consume", "times need the ids of events: use it with --verify ids");
  if (o.consume) o.verify = verification::ids;
}

std::vector<completion_word> words_of(const CLI::App& program) {
  std::vector<completion_word> words;
  for (const auto* option : program.get_options()) {
    const auto& names = option->get_lnames();
    if (names.empty() || option->get_group().empty()) continue;
    const auto& name = names.front();
    const bool takes_value = option->get_expected_min() > 0 && option->get_type_size() > 0;
    words.push_back({"--" + name, option->get_description(), takes_value ? option->get_type_name() : "",
                     name == "arrivals" ? "uniform poisson"
                     : name == "verify" ? "none ids count"
                                        : ""});
  }
  return words;
}

}  // namespace

std::optional<ramp> parse_ramp(const std::string& text) {
  ramp r;
  const char* const end = text.data() + text.size();
  const auto from = std::from_chars(text.data(), end, r.from);
  if (from.ec != std::errc{} || from.ptr == end || *from.ptr != ':') return std::nullopt;
  const auto to = std::from_chars(from.ptr + 1, end, r.to);
  if (to.ec != std::errc{} || to.ptr == end || *to.ptr != ':') return std::nullopt;
  const auto steps = std::from_chars(to.ptr + 1, end, r.steps);
  if (steps.ec != std::errc{} || steps.ptr != end) return std::nullopt;
  const bool sound = std::isfinite(r.from) && std::isfinite(r.to) && r.from > 0 && r.to > 0;
  if (!sound || r.steps < 1 || r.steps > 200) return std::nullopt;
  return r;
}

parsed parse_options(int argc, const char* const* argv) {
  options o;
  std::string ramp_text;
  CLI::App program("Loads a broker, or whatever takes the same requests, at rates that do not wait for it.",
                   "switchboard-load");
  program.footer(examples);
  program.set_version_flag("--version", "switchboard-load " + app::version());
  add(program, o, ramp_text);
  program
      .add_option_function<std::string>(
          "--completion",
          [&](const std::string& name) {
            std::fputs(completion_script(name, words_of(program)).c_str(), stdout);
            throw CLI::Success();
          },
          "Print the completion script of a shell")
      ->check(CLI::IsMember({"bash", "zsh"}))
      ->trigger_on_parse()
      ->group("");
  program.final_callback([&] { finish(o, ramp_text); });
  try {
    program.parse(argc, argv);
  } catch (const CLI::Success& e) {
    return {std::nullopt, program.exit(e)};
  } catch (const CLI::ParseError& e) {
    program.exit(e);
    return {std::nullopt, static_cast<int>(app::exit_code::usage)};
  }
  return {std::move(o), 0};
}

std::vector<phase> phases_of(const options& o) {
  using std::chrono::duration;
  using std::chrono::nanoseconds;
  const auto length = [](double seconds) { return nanoseconds{std::llround(seconds * 1e9)}; };
  std::vector<phase> phases;
  const auto append = [&](double seconds, double rate, bool measured) {
    const auto start = phases.empty() ? nanoseconds{} : phases.back().end;
    if (seconds > 0) phases.push_back({start, start + length(seconds), rate, measured});
  };
  const double first = o.closed ? 0 : o.ramp ? o.ramp->from : o.rate.value_or(0);
  append(o.warmup_s, first, false);
  const int steps = o.ramp ? o.ramp->steps : 1;
  for (int i = 0; i < steps; ++i) {
    const double rate = steps == 1 ? first : first + (o.ramp->to - first) * i / (steps - 1);
    append(o.duration_s, rate, true);
  }
  return phases;
}

}  // namespace switchboard::load
