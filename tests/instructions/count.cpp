// Takes one contact's steps a fixed number of times each under callgrind, and has it write down their instructions.
// check.py runs this and compares.
#include <prometheus/registry.h>
#include <valgrind/callgrind.h>

#include <cstdlib>
#include <iostream>

#include "broker/journal/assembler.hpp"
#include "schemas/codec.hpp"
#include "tests/instructions/whatsapp_message.hpp"

namespace switchboard::tests {
namespace {

constexpr std::size_t times = 256;  // check.py divides by it

// What differs between a first call and the others is not counted.
template <class Step>
void count(const char* name, Step&& step) {
  for (std::size_t i = 0; i < times; ++i) step();
  CALLGRIND_START_INSTRUMENTATION;
  CALLGRIND_ZERO_STATS;
  for (std::size_t i = 0; i < times; ++i) step();
  CALLGRIND_DUMP_STATS_AT(name);
  CALLGRIND_STOP_INSTRUMENTATION;
}

void must(bool fine) {
  if (!fine) std::abort();
}

void count_request() {
  const auto message = whatsapp_message();
  const auto& [source, sent, in] = *message;
  const auto& connector = *source.connector;
  const intake::environment environment;
  const no_keys keys;
  const connectors::authentic sender{"meta", "hmac-sha256"};

  count("verify",
        [&] { must(std::holds_alternative<connectors::authentic>(connector.verify(in, *source.prepared, keys))); });
  count("decode", [&] { must(connector.decode(in, *source.prepared, sender, source.limits).items.size() == 1); });
  count("process", [&] { must(intake::process(source, in, environment).outcome == intake::outcome::accepted); });

  const auto processed = intake::process(source, in, environment);
  const auto& event = std::get<connectors::contact>(processed.decoded.items.front()).event;
  count("encode", [&] { must(!schemas::encode(event, environment.codec).body.empty()); });
}

void count_dedupe() {
  journal::dedupe::index window(journal::settings{}.dedupe_memory);
  std::uint64_t next = 0;
  count("dedupe", [&] {
    const auto id = numbered_id(next++);
    must(!window.find(id));
    window.insert(id, 1, 1);
  });
}

// Groups of sixteen units: deduplicated, numbered, encoded, summed up, settled.
void count_append() {
  constexpr std::size_t units_in_group = 16;
  journal::sequences sequences;
  journal::books books;
  journal::dedupe::index window(journal::settings{}.dedupe_memory);
  prometheus::Registry registry;
  journal::probe probe(registry);
  journal::assembler assembler(sequences, window, probe);
  journal::position last;
  auto units = whatsapp_units(0, 2 * times);
  std::size_t next = 0;
  count("append", [&] {
    if (next % units_in_group == 0) assembler.begin(last, {}, last.group);
    auto& unit = units[next++];
    const auto bytes = journal::bound_of_encoded(unit);
    assembler.add({std::move(unit), [](const journal::committed&) {}, bytes});
    if (next % units_in_group != 0) return;
    must(!assembler.finish(1).empty());
    assembler.settle(books);
    const auto& header = assembler.header();
    last = {.group = header.number, .unit = assembler.last_unit(), .chain = header.crc, .recorded_at = 0};
  });
}

}  // namespace
}  // namespace switchboard::tests

int main() {
  if (RUNNING_ON_VALGRIND == 0) {
    std::cerr << "Nothing counts here: run tests/instructions/check.py with this program\n";
    return 64;
  }
  switchboard::tests::count_request();
  switchboard::tests::count_dedupe();
  switchboard::tests::count_append();
}
