// What the journal costs: looking ids up, appending units, and reading everything back at start.
#include <benchmark/benchmark.h>
#include <prometheus/registry.h>

#include <filesystem>

#include "broker/journal/recovery.hpp"
#include "tests/broker/journal/support.hpp"
#include "tests/instructions/whatsapp_message.hpp"

namespace switchboard::journal {
namespace {

using testing::temporary_directory;
using tests::numbered_id;

constexpr dedupe::day_number today = 1;

// A window that has seen the first ids, kept as the journal would keep them: most in sorted files.
class filled_window {
 public:
  explicit filled_window(std::uint64_t ids) {
    for (; next < ids; ++next) {
      if (index.wants_freeze(today)) spill();
      index.insert(numbered_id(next), next, today);
    }
    spill();
  }
  dedupe::index index{settings{}.dedupe_memory};
  std::uint64_t next = 0;  // has not been seen

 private:
  void spill() {
    auto& fs = base::real_file_system();
    auto live = dedupe::spill(fs, folder_.path(), index.freeze(), index.live_runs(), index.filter_budget(), next_run_);
    if (!live) throw std::runtime_error(live.error().message);
    index.adopt(std::move(*live));
    for (const auto& name : fs.list(folder_.path()).value())
      if (std::ranges::find(index.live_runs(), name, &dedupe::run::name) == index.live_runs().end())
        fs.remove(folder_.path() + "/" + name).value();
  }
  temporary_directory folder_;
  std::uint64_t next_run_ = 1;
};

filled_window& window_of(std::int64_t ids) {
  static std::map<std::int64_t, filled_window> windows;
  return windows.try_emplace(ids, static_cast<std::uint64_t>(ids)).first->second;
}

// The first time that an id is seen: it is looked up and inserted.
void dedupe_new(benchmark::State& state) {
  auto& seen = window_of(state.range(0));
  auto& window = seen.index;
  for (auto _ : state) {
    if (window.wants_freeze(today)) {
      state.PauseTiming();
      window.freeze();
      window.adopt(window.live_runs());
      state.ResumeTiming();
    }
    const auto id = numbered_id(seen.next++);
    if (window.find(id)) return state.SkipWithError("a new id was found");
    window.insert(id, 1, today);
  }
}
BENCHMARK(dedupe_new)->ArgName("ids")->Arg(1'000)->Arg(10'000'000);

// A retry: the id is one of those that were seen.
void dedupe_again(benchmark::State& state) {
  const auto& window = window_of(state.range(0)).index;
  const auto ids = static_cast<std::uint64_t>(state.range(0));
  std::uint64_t next = 0;
  for (auto _ : state) {
    next = (next + 0x9E3779B97F4A7C15) % ids;
    if (!window.find(numbered_id(next))) return state.SkipWithError("a known id was not found");
  }
}
BENCHMARK(dedupe_again)->ArgName("ids")->Arg(1'000)->Arg(10'000'000);

class open_journal {
 public:
  explicit open_journal(const std::string& directory) : probe_(registry_) {
    auto opened =
        journal::open(base::real_file_system(), clock_, {.directory = directory, .max_bytes = 64ull << 30}, probe_);
    if (!opened) throw std::runtime_error(opened.error());
    journal_ = std::move(*opened);
  }
  // Returns when all are acknowledged.
  void append(std::vector<unit> units) {
    std::promise<void> last;
    for (auto& u : units) {
      const bool is_last = &u == &units.back();
      completion done = [&last, is_last](const committed&) {
        if (is_last) last.set_value();
      };
      if (!journal_->submit(std::move(u), std::move(done))) throw std::runtime_error("the journal takes no more");
    }
    last.get_future().wait();
  }
  journal* operator->() { return journal_.get(); }

 private:
  testing::manual_clock clock_;
  prometheus::Registry registry_;
  probe probe_;
  std::unique_ptr<journal> journal_;
};

// Units of one WhatsApp message each, from hand-over to acknowledgement, on the disk below TMPDIR. CPU is of all
// threads.
void append(benchmark::State& state) {
  const temporary_directory folder;
  open_journal journal(folder.path());
  const auto at_once = static_cast<std::size_t>(state.range(0));
  std::uint64_t next = 0;
  for (auto _ : state) {
    state.PauseTiming();
    auto units = tests::whatsapp_units(next, at_once);
    next += at_once;
    state.ResumeTiming();
    journal.append(std::move(units));
    journal->published(next);
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(next));
  state.counters["events"] = benchmark::Counter(static_cast<double>(next), benchmark::Counter::kIsRate);
}
BENCHMARK(append)->ArgName("at_once")->Arg(1)->Arg(64)->MeasureProcessCPUTime();

// A journal of a GiB that nobody has published: as it was stopped, with a snapshot, and as if it had never made one.
class written_journal {
 public:
  written_journal() {
    namespace files = std::filesystem;
    {
      open_journal journal(stopped());
      constexpr std::uint64_t wanted = 1u << 30, at_once = 1000;
      for (std::uint64_t next = 0; journal->current_usage().bytes < wanted; next += at_once)
        journal.append(tests::whatsapp_units(next, at_once));
      journal->stop();
    }
    files::create_directories(bare());
    files::copy(stopped() + "/identity", bare());
    files::copy(stopped() + "/segments", bare() + "/segments",
                files::copy_options::create_hard_links | files::copy_options::recursive);
  }
  std::string stopped() const { return folder_.path() + "/stopped"; }
  std::string bare() const { return folder_.path() + "/bare"; }

 private:
  temporary_directory folder_;
};

const written_journal& journal_of_a_gib() {
  static const written_journal made;
  return made;
}

void recover_journal(benchmark::State& state, const std::string& directory) {
  const format::paths paths(directory);
  const settings defaults{.directory = directory};
  std::uint64_t bytes = 0;
  for (auto _ : state) {
    sequences sequence;
    books book;
    dedupe::index window(defaults.dedupe_memory);
    const auto found =
        recover(base::real_file_system(), paths, defaults, "", sequence, book, window, [](auto, auto) {});
    if (!found) return state.SkipWithError(found.error().c_str());
    bytes += found->scan.bytes_read;
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
}

// Every unit is decoded and remembered again.
void recovery_whole(benchmark::State& state) {
  const auto directory = journal_of_a_gib().bare();
  std::filesystem::remove_all(directory + "/dedupe");
  recover_journal(state, directory);
}
BENCHMARK(recovery_whole)->Iterations(1)->Repetitions(5)->Unit(benchmark::kMillisecond);

// What the snapshot covers is checked, and not looked into.
void recovery_from_snapshot(benchmark::State& state) { recover_journal(state, journal_of_a_gib().stopped()); }
BENCHMARK(recovery_from_snapshot)->Iterations(1)->Repetitions(5)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace switchboard::journal

BENCHMARK_MAIN();
