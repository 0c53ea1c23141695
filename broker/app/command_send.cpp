#include <fmt/format.h>
#include <openssl/rand.h>

#include <algorithm>

#include "broker/app/command_common.hpp"
#include "broker/app/commands.hpp"
#include "broker/app/http_client.hpp"
#include "broker/app/terminal.hpp"
#include "broker/base/clock.hpp"
#include "broker/intake/request_line.hpp"

namespace switchboard::app {
namespace {

std::uint64_t random_number() {
  std::uint64_t value = 0;
  RAND_bytes(reinterpret_cast<unsigned char*>(&value), sizeof value);
  return value;
}

std::string base_url(const configuration& c) {
  auto host = c.intake.address;
  if (host == "0.0.0.0") host = "127.0.0.1";
  if (host == "::") host = "::1";
  if (host.find(':') != std::string::npos) host = "[" + host + "]";
  return fmt::format("{}://{}:{}", c.intake.tls_files ? "https" : "http", host, c.intake.port);
}

std::vector<std::shared_ptr<const intake::source>> chosen(const configuration& c, const send_options& o) {
  if (o.all) return c.sources;
  std::vector<std::shared_ptr<const intake::source>> result;
  for (const auto& name : o.names) {
    const auto by_id = std::ranges::find(c.sources, name, [](const auto& s) -> const std::string& { return s->id; });
    if (by_id != c.sources.end()) {
      result.push_back(*by_id);
      continue;
    }
    for (const auto& s : c.sources)
      if (s->connector->name == name) result.push_back(s);
  }
  return result;
}

std::string line_of(std::string_view source, const connectors::inbound& in) {
  std::string line;
  intake::append_request_line(line, source, in, intake::redaction::as_it_came);
  return line + "\n";
}

std::string one_line(std::string_view text, std::size_t most) {
  auto shown = harmless(text.substr(0, most));
  return text.size() > most ? shown + "…" : shown;
}

}  // namespace

exit_code send(const send_options& o) {
  const auto c = load_or_explain(o.config);
  if (!c) return exit_code::configuration;
  const auto base = o.url.empty() ? base_url(*c) : o.url;
  const auto parsed = parse_url(base);
  if (!parsed) return fail(exit_code::usage, fmt::format("{}: {}", base, parsed.error()));
  if (o.url.empty() && c->intake.port == 0)
    return fail(exit_code::usage, "the port is not fixed in the configuration", "give --url http://host:port");
  const auto sources = chosen(*c, o);
  if (sources.empty())
    return fail(exit_code::usage, "no source of the configuration is meant",
                "name a source or a connector, or give --all");

  const bool on = colourful(stdout);
  std::uint64_t sent = 0, refused = 0, sample_count = 0;
  for (std::uint64_t round = 0; round < o.count; ++round) {
    for (const auto& source : sources) {
      const auto public_base = source->public_url.empty() ? base : source->public_url;
      const auto& samples = source->connector->samples;
      // Without a name: the first sample, or each of them in turn when many are sent.
      for (std::size_t i = 0; i < samples.size(); ++i) {
        const auto& sample = samples[i];
        if (o.sample.empty() ? i != round % samples.size() : sample.name != o.sample) continue;
        ++sample_count;
        const connectors::freshness fresh{base::real_clock().wall(), random_number(), round};
        auto request = source->connector->sign(sample, *source->prepared, public_base + source->path, fresh);
        if (o.print) {
          std::vector<connectors::header> headers;
          headers.reserve(request.headers.size());
          for (const auto& [name, value] : request.headers) headers.push_back({name, value});
          const connectors::inbound in{request.method, request.target, {},       headers,
                                       request.body,   "127.0.0.1",    fresh.now};
          if (!print(line_of(source->id, in))) return exit_code::cannot_write;
          continue;
        }
        http_call out;
        out.method = std::move(request.method);
        out.url = *parsed;
        out.url.target = std::move(request.target);
        out.headers = std::move(request.headers);
        out.body = std::move(request.body);
        const auto reply = call(out);
        if (!reply)
          return fail(exit_code::unavailable, fmt::format("{}: {}", base, reply.error()),
                      "is the broker running? switchboard serve --config FILE");
        const bool good = reply->status >= 200 && reply->status < 300;
        ++(good ? sent : refused);
        if (o.count <= 20 || !good)
          print(fmt::format("{} {} {} {} {}\n",
                            paint(good ? colour::green : colour::red, fmt::to_string(reply->status), on), source->id,
                            source->connector->name, sample.name, paint(colour::grey, one_line(reply->body, 120), on)));
      }
    }
  }
  if (sample_count == 0)
    return fail(exit_code::usage, fmt::format("there is no sample '{}'", o.sample),
                "switchboard connectors --json lists them");
  if (o.count > 20 && !o.print) print(fmt::format("{} accepted, {} refused\n", sent, refused));
  return refused == 0 ? exit_code::ok : exit_code::unavailable;
}

}  // namespace switchboard::app
