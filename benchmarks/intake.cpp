// What one request costs on a network thread: the stages of process() over a batch of one 1 KiB message, and what
// surrounds it.
#include <benchmark/benchmark.h>

#include "broker/intake/decode_line.hpp"
#include "broker/intake/ids.hpp"
#include "broker/intake/masking.hpp"
#include "broker/intake/request_line.hpp"
#include "connectors/registry.hpp"
#include "schemas/codec.hpp"
#include "tests/broker/intake/tiny_connector.hpp"
#include "tests/connectors/support/request.hpp"

namespace switchboard::intake {
namespace {

std::string message_line(std::size_t bytes) {
  std::string line = "msg|SM0123456789abcdef0123456789abcdef|tel:+84901234567|";
  while (line.size() < bytes) line += "My order 12345 has not arrived, please call. ";
  return line;
}

void process_request(benchmark::State& state) {
  const test::request r(message_line(static_cast<std::size_t>(state.range(0))));
  const auto source = test::tiny_source();
  const environment env;
  for (auto _ : state) benchmark::DoNotOptimize(process(source, r.in(), env));
}
BENCHMARK(process_request)->Arg(256)->Arg(1024)->Arg(4096);

// The whole of what a network thread does for a provider's sample: verify, decode, normalise, encode, reply.
void process_sample(benchmark::State& state, const connectors::connector& connector, const connectors::sample& sample) {
  const auto configured =
      tests::configure_file(SWITCHBOARD_SOURCE_DIR "/tests/connectors/" + tests::folder_of(connector) + "/source.json");
  auto source = test::tiny_source();
  source.connector = configured.connector;
  source.prepared = configured.prepared;
  source.public_url = configured.public_url;
  source.limits = connector.limits;
  const connectors::freshness fresh{.now = *schemas::timestamp_from_rfc3339("2026-05-05T10:00:00Z")};
  auto request = tests::request::from_outbound(
      connector.sign(sample, *source.prepared, source.public_url + "/in/x", fresh), source.public_url, fresh.now);
  const auto in = request.view();
  const environment env;
  for (auto _ : state) {
    const auto result = process(source, in, env);
    if (result.outcome != outcome::accepted) return state.SkipWithError("the sample is not accepted");
    benchmark::DoNotOptimize(reply(source, in, result, {}));
  }
  state.SetItemsProcessed(state.iterations());
  state.counters["body_bytes"] = static_cast<double>(in.body.size());
}

void process_and_reply(benchmark::State& state) {
  const test::request r(message_line(1024));
  const auto source = test::tiny_source();
  const environment env;
  const journal::message_outcome outcomes[] = {journal::message_outcome::appended};
  for (auto _ : state) {
    const auto result = process(source, r.in(), env);
    benchmark::DoNotOptimize(reply(source, r.in(), result, outcomes));
  }
}
BENCHMARK(process_and_reply);

void process_with_rules(benchmark::State& state) {
  const test::request r(message_line(1024));
  auto source = test::tiny_source();
  for (int i = 0; i < 5; ++i) {
    rule late{.name = "late" + std::to_string(i), .when = {{"channel", {"sms"}}, {"text", {"refund", "defekt"}}}};
    late.category = schemas::category::complaint;
    source.rules.push_back(late);
  }
  const environment env;
  for (auto _ : state) benchmark::DoNotOptimize(process(source, r.in(), env));
}
BENCHMARK(process_with_rules);

void decode_a_line(benchmark::State& state) {
  const test::request r(message_line(1024));
  const auto source = test::tiny_source();
  const environment env;
  std::string line, out;
  append_request_line(line, "tiny-main", r.in(), redaction::as_it_came);
  for (auto _ : state) {
    out.clear();
    const auto read = request_line::parse(line);
    append_decoded(out, source, read->inbound(), process(source, read->inbound(), env), env);
    benchmark::DoNotOptimize(out.data());
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(decode_a_line);

void mask_a_text(benchmark::State& state) {
  std::string text = message_line(1024);
  for (auto _ : state) benchmark::DoNotOptimize(mask_cards(text));
}
BENCHMARK(mask_a_text);

void one_event_id(benchmark::State& state) {
  const auto space = test::tiny_source().name_space;
  for (auto _ : state)
    benchmark::DoNotOptimize(event_id(space, "SM0123456789abcdef0123456789abcdef", "contact.message.received.v1", 0));
}
BENCHMARK(one_event_id);

void one_keyed_hash(benchmark::State& state) {
  const auto owner = test::make_tenant("acme");
  const std::string text(static_cast<std::size_t>(state.range(0)), 'x');
  for (auto _ : state) benchmark::DoNotOptimize(keyed_hash(*owner, hash_purpose::conversation, {text}));
}
BENCHMARK(one_keyed_hash)->Arg(64)->Arg(1024);

}  // namespace
}  // namespace switchboard::intake

int main(int count, char** arguments) {
  using namespace switchboard;
  for (const auto* connector : connectors::all())
    for (const auto& sample : connector->samples)
      benchmark::RegisterBenchmark(
          ("process_sample/" + std::string(connector->name) + "/" + std::string(sample.name)).c_str(),
          [connector, &sample](benchmark::State& state) { intake::process_sample(state, *connector, sample); });
  benchmark::Initialize(&count, arguments);
  if (benchmark::ReportUnrecognizedArguments(count, arguments)) return 64;
  benchmark::RunSpecifiedBenchmarks();
}
