// switchboard-load: what is due is sent, what was acknowledged is looked for.
#include <fmt/format.h>
#include <openssl/rand.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <cstdio>
#include <exception>
#include <fstream>

#include "benchmarks/load/loader.hpp"
#include "benchmarks/load/options.hpp"
#include "benchmarks/load/report.hpp"
#include "benchmarks/load/verification.hpp"
#include "broker/app/command_common.hpp"
#include "broker/app/interruption.hpp"
#include "broker/app/kafka_address.hpp"
#include "broker/app/terminal.hpp"
#include "broker/base/clock.hpp"

namespace {

using namespace switchboard;
using namespace switchboard::load;
using app::exit_code;

std::chrono::nanoseconds nanoseconds_of(double seconds) {
  return std::chrono::nanoseconds{static_cast<std::int64_t>(seconds * 1e9)};
}

exit_code give_up(exit_code code, std::string_view message, std::string_view hint = {}) {
  const auto line =
      fmt::format("{}{}{}{}\n", app::paint(app::colour::red, "switchboard-load: ", app::colourful(stderr)), message,
                  hint.empty() ? "" : "; ", hint);
  std::fwrite(line.data(), 1, line.size(), stderr);
  return code;
}

// The last line of a terminal is written over; elsewhere each is a line of its own.
class progress {
 public:
  ~progress() {
    if (open_) std::fputs("\n", stderr);
  }
  void operator()(const std::string& line) {
    if (terminal_)
      fmt::print(stderr, "\r\033[K{}", line);
    else
      fmt::print(stderr, "{}\n", line);
    open_ = terminal_;
    std::fflush(stderr);
  }

 private:
  const bool terminal_ = ::isatty(STDERR_FILENO) != 0;
  bool open_ = false;
};

std::uint64_t new_seed() {
  std::uint32_t seed = 0;
  RAND_bytes(reinterpret_cast<unsigned char*>(&seed), sizeof seed);
  return seed;
}

std::string listener_of(const app::configuration& c) {
  auto host = c.intake.address;
  if (host == "0.0.0.0") host = "127.0.0.1";
  if (host == "::") host = "::1";
  if (host.find(':') != std::string::npos) host = "[" + host + "]";
  return fmt::format("{}://{}:{}", c.intake.tls_files ? "https" : "http", host, c.intake.port);
}

// Every topic that an event can end in: not copies of requests, nor heartbeats, nor what Kafka refused.
topic_names event_topics(const app::configuration& c, const options& o) {
  topic_names names;
  if (o.verify == verification::count) {
    const auto known = std::ranges::find(c.publish.topics, o.topic, &publish::topic::logical);
    names.emplace_back(o.topic, known == c.publish.topics.end() ? o.topic : known->kafka);
    return names;
  }
  for (const auto& topic : c.publish.topics)
    if (topic.logical != "raw" && topic.logical != "control" && topic.logical != "dead_letter")
      names.emplace_back(topic.logical, topic.kafka);
  return names;
}

std::expected<std::unique_ptr<topics>, std::string> open_topics(const app::configuration& c, const options& o,
                                                                const topic_names& names) {
  std::vector<std::pair<std::string, std::string>> properties;
  if (o.kafka.empty()) {
    auto found = app::kafka_properties(c, o.admin);
    if (!found) return std::unexpected(found.error());
    properties = std::move(*found);
  } else {
    properties = c.publish.properties;
    std::erase_if(properties, [](const auto& p) { return p.first == "bootstrap.servers"; });
    properties.emplace_back("bootstrap.servers", o.kafka);
  }
  std::vector<std::string> kafka_names;
  for (const auto& [logical, kafka] : names) kafka_names.push_back(kafka);
  return topics::open(properties, kafka_names);
}

bool write_report(const std::string& file, const std::string& report) {
  if (file == "-") return std::fwrite(report.data(), 1, report.size(), stdout) == report.size();
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  out << report;
  return static_cast<bool>(out.flush());
}

std::expected<std::optional<verification_result>, std::string> verify(const options& o, const request_maker& maker,
                                                                      outcome& run, topics* from,
                                                                      const topic_names& names, consumer* consuming) {
  if (from == nullptr) return std::nullopt;
  progress show;
  auto last = std::chrono::steady_clock::now();
  const on_progress tell = [&](std::uint64_t found, std::uint64_t expected) {
    if (std::chrono::steady_clock::now() - last < std::chrono::seconds{1}) return;
    last = std::chrono::steady_clock::now();
    show(fmt::format("verifying: {} of {} found", found, expected));
  };
  if (consuming == nullptr)
    if (auto started = from->start(); !started) return std::unexpected(started.error());
  const auto wait = nanoseconds_of(o.verify_wait_s);
  if (o.verify == verification::count) return verify_count(run.acknowledged_count, *from, wait, tell);
  return verify_ids(maker, run, *from, names, consuming, wait, tell);
}

exit_code execute(const options& o) {
  const auto c = app::load_or_explain(o.config);
  if (!c) return exit_code::configuration;
  const auto address = o.url.empty() ? listener_of(*c) : o.url;
  const auto url = app::parse_url(address);
  if (!url) return give_up(exit_code::usage, fmt::format("{}: {}", address, url.error()));
  if (o.url.empty() && c->intake.port == 0)
    return give_up(exit_code::usage, "the port is not fixed in the configuration", "give --url http://host:port");
  if (o.pid != 0 && !usage_of(o.pid))
    return give_up(exit_code::usage, fmt::format("there is no process {}", o.pid), "--pid is the program's own");
  if (!o.body.empty() && ::access(o.body.c_str(), R_OK) != 0)
    return give_up(exit_code::no_input, fmt::format("{}: cannot be read", o.body));
  const auto seed = o.seed.value_or(new_seed());
  const auto maker = request_maker::make(*c, {o.source, o.sample, o.body, *url, o.keys, seed});
  if (!maker) return give_up(exit_code::usage, maker.error());

  const auto names = event_topics(*c, o);
  std::unique_ptr<topics> from;
  if (o.verify != verification::none) {
    auto opened = open_topics(*c, o, names);
    if (!opened) return give_up(exit_code::unavailable, opened.error(), "--kafka names another one");
    from = std::move(*opened);
  }
  std::unique_ptr<consumer> consuming;
  if (o.consume) {
    if (auto started = from->start(); !started) return give_up(exit_code::unavailable, started.error());
    consuming = std::make_unique<consumer>(*from);
  }

  run_facts facts{std::string((*maker)->connector()), std::string((*maker)->sample()), address, 0, seed,
                  base::real_clock().wall()};
  facts.body_bytes = (*maker)->body_bytes(facts.started_at);
  std::expected<outcome, std::string> run;
  {
    const app::interruption stop;
    progress show;
    loader_settings settings{
        .url = *url,
        .ca = o.ca,
        .insecure = o.insecure,
        .connections = o.connections,
        .timeout = nanoseconds_of(o.timeout_s),
        .keep_acknowledged = o.verify == verification::ids,
        .measured = o.pid,
        .interrupted = [&stop] { return stop.requested(); },
        .each_second =
            [&show](const timeline_entry& t, std::size_t in_flight) {
              show(
                  fmt::format("{:>4} s: {} sent, {} accepted, {} refused, {} failed, {} in flight, p50 {:.2f} "
                              "ms, p99 {:.2f} ms",
                              t.second, t.sent, t.accepted, t.refused, t.failed, in_flight,
                              static_cast<double>(t.p50.count()) / 1e6, static_cast<double>(t.p99.count()) / 1e6));
            }};
    run = load::run(settings, schedule(phases_of(o), o.arrivals, seed), **maker);
  }
  if (!run) return give_up(exit_code::unavailable, fmt::format("{}: {}", address, run.error()), "does it run there?");

  const auto verified = verify(o, **maker, *run, from.get(), names, consuming.get());
  if (!verified) return give_up(exit_code::unavailable, verified.error(), "what was acknowledged could not be verified");
  if (!o.json.empty() && !write_report(o.json, boost::json::serialize(report(o, facts, *run, *verified)) + "\n"))
    return give_up(exit_code::cannot_write, fmt::format("{}: cannot be written", o.json));
  if (o.json != "-") {
    const auto lines = text(o, *run, *verified, app::colourful(stdout));
    if (std::fwrite(lines.data(), 1, lines.size(), stdout) != lines.size()) return exit_code::cannot_write;
  }
  if (*verified && !(*verified)->passed) return exit_code::findings;
  if (run->acknowledged_count > 0) return exit_code::ok;
  int seen = 0;
  for (const auto& m : run->phases)
    if (!m.statuses.empty()) seen = m.statuses.begin()->first;
  return give_up(exit_code::unavailable, "nothing was accepted",
              seen != 0 ? fmt::format("the answer was {}: are configuration and URL those of the broker?", seen)
                        : "is it the right URL? " + run->last_error);
}

}  // namespace

int main(int argc, char** argv) {
  const auto parsed = parse_options(argc, argv);
  if (!parsed.value) return parsed.exit;
  try {
    return static_cast<int>(execute(*parsed.value));
  } catch (const std::exception& e) {
    return static_cast<int>(give_up(exit_code::internal, e.what()));
  }
}
