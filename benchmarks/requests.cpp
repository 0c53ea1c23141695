// What one request costs on a network thread: its steps over a WhatsApp message of 1 KiB, the whole of them over every
// connector's samples, and single parts.
#include <benchmark/benchmark.h>

#include "broker/intake/decode_line.hpp"
#include "broker/intake/ids.hpp"
#include "broker/intake/masking.hpp"
#include "broker/intake/request_line.hpp"
#include "connectors/registry.hpp"
#include "schemas/codec.hpp"
#include "tests/broker/intake/tiny_connector.hpp"
#include "tests/instructions/whatsapp_message.hpp"

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

// The whole of what a network thread does for a provider's request: verify, decode, normalise, encode, reply.
void process_whole(benchmark::State& state, const tests::workload& work) {
  const environment env;
  for (auto _ : state) {
    const auto result = process(work.source, work.in, env);
    if (result.outcome != outcome::accepted) return state.SkipWithError("the request is not accepted");
    benchmark::DoNotOptimize(reply(work.source, work.in, result, {}));
  }
  state.SetItemsProcessed(state.iterations());
  state.counters["body_bytes"] = static_cast<double>(work.in.body.size());
}

void verify(benchmark::State& state, const tests::workload& work) {
  const tests::no_keys keys;
  for (auto _ : state) {
    const auto verdict = work.source.connector->verify(work.in, *work.source.prepared, keys);
    if (!std::holds_alternative<connectors::authentic>(verdict)) return state.SkipWithError("it is not authentic");
  }
}

void decode(benchmark::State& state, const tests::workload& work) {
  const auto& connector = *work.source.connector;
  const tests::no_keys keys;
  const auto sender = std::get<connectors::authentic>(connector.verify(work.in, *work.source.prepared, keys));
  for (auto _ : state)
    benchmark::DoNotOptimize(connector.decode(work.in, *work.source.prepared, sender, work.source.limits));
}

void encode(benchmark::State& state, const tests::workload& work) {
  const environment env;
  const auto result = process(work.source, work.in, env);
  const auto& event = std::get<connectors::contact>(result.decoded.items.front()).event;
  for (auto _ : state) benchmark::DoNotOptimize(schemas::encode(event, env.codec));
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

constexpr struct {
  const char* name;
  void (*run)(benchmark::State&, const tests::workload&);
} steps[] = {{"verify/whatsapp", verify},
             {"decode/whatsapp", decode},
             {"process_whole/whatsapp", process_whole},
             {"encode/whatsapp", encode}};

}  // namespace
}  // namespace switchboard::intake

int main(int count, char** arguments) {
  using namespace switchboard;
  const std::shared_ptr<const tests::workload> message = tests::whatsapp_message();
  for (const auto& [name, step] : intake::steps)
    benchmark::RegisterBenchmark(name, [step, message](benchmark::State& state) { step(state, *message); });
  for (const auto* connector : connectors::all())
    for (const auto& sample : connector->samples)
      benchmark::RegisterBenchmark(
          ("process_sample/" + std::string(connector->name) + "/" + std::string(sample.name)).c_str(),
          [connector, &sample](benchmark::State& state) {
            intake::process_whole(state, tests::workload(*connector, sample));
          });
  benchmark::Initialize(&count, arguments);
  if (benchmark::ReportUnrecognizedArguments(count, arguments)) return 64;
  benchmark::RunSpecifiedBenchmarks();
}
