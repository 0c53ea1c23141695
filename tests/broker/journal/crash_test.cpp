// What must hold whatever the disk forgets: every completed unit is there, once, in order, with its numbers; duplicates
// are recognised; the state is right; a blob whose event left for Kafka can be read. Tried with the power cut after
// every operation, with every operation failing, and with each sync left out in turn, which has to be noticed.
#include <fmt/format.h>

#include <iostream>

#include "broker/blobs/store.hpp"
#include "broker/observe/log.hpp"
#include "tests/broker/journal/support.hpp"
#include "tests/support/fake_file_system.hpp"

namespace switchboard::journal {
namespace {

using namespace testing;
using support::fake_file_system;

settings small_settings(acknowledge mode) {
  settings s;
  s.directory = "/data/journal";
  s.mode = mode;
  s.segment_bytes = 8192;
  s.max_bytes = 10 * s.segment_bytes;
  s.dedupe_memory = 1;  // the least
  return s;
}

// What a client knows: which of its messages were completed, and what a consumer saw.
struct world {
  fake_file_system disk;
  manual_clock clock;
  acknowledge mode = acknowledge::disk;
  std::string boot = "boot 0";
  std::uint64_t next_message = 1;
  std::map<std::uint64_t, std::uint64_t> completed;                // message → unit
  std::map<std::string, std::string> state;                        // as of the last completed put
  std::map<std::pair<std::string, std::uint64_t>, uuid> consumed;  // (journal + topic, sbseq) → id: what left for Kafka
  std::map<std::string, std::string> blobs;                        // stored before their events left
  std::map<uuid, std::uint64_t> ids;                               // of messages
  std::uint64_t checkpoint = 0;                                    // what published() was told
  std::string checkpoint_journal;
  std::string violation;
  bool failing = false;       // calls fail without the power being cut: openings and readings may fail, too
  bool store_failed = false;  // as the forwarder, nothing goes on before the blob is stored

  void violate(const std::string& what) {
    if (violation.empty()) violation = what;
  }
};

environment test_environment(world& w) {
  return {.fatal = [](std::string_view) {},
          .boot_id = [&w] { return w.boot; },
          .background = [](std::move_only_function<void()> job) { job(); },
          .retry_interval = 1ms};
}

// Reads what may be published, stores its blobs first, as the forwarder does, and remembers what "Kafka" has.
void consume(world& w, journal& j, blobs::store& store, cursor& c, std::uint64_t& seen) {
  while (!w.store_failed) {
    auto next = c.next();
    if (!next) {
      if (!w.disk.power_is_cut() && !w.failing) w.violate("cursor: " + next.error());
      return;
    }
    if (*next == nullptr) return;
    if ((*next)->number != seen + 1)
      w.violate("unit " + std::to_string((*next)->number) + " after " + std::to_string(seen));
    for (const auto& [reference, bytes] : (*next)->blobs) {
      const auto stored = store.put(*blobs::parse(reference), bytes);
      if (!stored) {
        w.store_failed = true;
        if (!w.disk.power_is_cut() && !w.failing) w.violate("blob: " + stored.error());
        return;
      }
      w.blobs[std::string(reference)] = bytes;
    }
    seen = (*next)->number;
    for (const auto& m : (*next)->messages)
      for (const auto& [topic, sequence] : m.topics) {
        const auto key = std::pair(schemas::to_string(j.id()) + topic, sequence);
        const auto [at, fresh] = w.consumed.emplace(key, m.id);
        if (!fresh && at->second != m.id)
          w.violate("sbseq " + topic + " " + std::to_string(sequence) + " was given twice");
      }
  }
}

std::unique_ptr<blobs::store> blob_store(world& w) { return blobs::local(w.disk, {.directory = "/data/blobs"}); }

std::string blob_reference(std::uint64_t n) { return fmt::format("acme/20261122/{:064x}", n); }

probe& counters() {
  static prometheus::Registry registry;
  static probe made(registry);
  return made;
}

// One process: opens, checks, works for a while, stops or is cut short. Returns false when it could not open.
bool process(world& w, int units, bool orderly) {
  w.store_failed = false;
  const auto store = blob_store(w);
  auto opened = journal::open(w.disk, w.clock, small_settings(w.mode), counters(), test_environment(w));
  if (!opened) {
    if (!w.disk.power_is_cut() && !w.failing) w.violate("open: " + opened.error());
    return false;
  }
  auto& j = **opened;
  const auto id = schemas::to_string(j.id());
  const bool same = id == w.checkpoint_journal || w.checkpoint_journal.empty();
  w.checkpoint_journal = id;
  if (!same) w.checkpoint = 0;

  // In mode kafka what was not synced goes with the machine; Kafka has its messages, the state is older.
  if (!w.disk.power_is_cut() && w.mode != acknowledge::kafka) {
    for (const auto& [key, value] : w.state) {
      const auto found = j.state("test", key).value_or("0");  // a later put may have come through unacknowledged
      if (std::stoull(found) < std::stoull(value)) w.violate("state is " + found + " instead of " + value);
    }
    if (j.current_usage().durable < w.checkpoint && w.mode != acknowledge::kafka) w.violate("published units are gone");
  }
  auto c = j.read_after(std::min(w.checkpoint, j.current_usage().appended));
  std::uint64_t seen = std::min(w.checkpoint, j.current_usage().appended);
  if (!same) {
    const auto first = c->next();
    if (first && *first != nullptr) {
      seen = (*first)->number - 1;
      c = j.read_after(seen);
    }
  }
  consume(w, j, *store, *c, seen);

  const auto publish = [&] {
    consume(w, j, *store, *c, seen);
    if (w.disk.power_is_cut()) return;
    w.checkpoint = seen;
    j.published(seen);
  };
  for (int i = 0; i < units; ++i) {
    w.clock.advance(i % 5 == 0 ? 7h : 30s);
    const auto n = w.next_message++;
    auto content = make_unit({make_message(
        n, n, n % 3 == 0 ? std::vector<std::string>{"inbound", "complaints"} : std::vector<std::string>{"activity"})});
    w.ids[numbered_id(n)] = n;
    content.messages[0].sequence = sequence_mark{"kiosk", n};
    if (n > 3 && n % 4 == 0) content.messages.push_back(make_message(n - 2, n - 2));  // often a duplicate
    if (n % 5 == 0) content.blobs.push_back({blob_reference(n), fmt::format("{:0700}", n)});
    content.puts = {{"test", "cursor", std::to_string(n)}};
    const auto repeated = content.messages.size() > 1;
    const bool expect_duplicate = repeated && w.completed.contains(n - 2);

    auto done = std::make_shared<std::optional<committed>>();
    auto flag = std::make_shared<std::atomic<bool>>(false);
    if (!j.submit(std::move(content), [done, flag](const committed& result) {
          *done = result;
          flag->store(true);
        }))
      continue;
    // With the power cut a unit may hang in the air: whoever waited for it gives up.
    const auto settled = [&](const std::function<bool()>& condition) {
      eventually([&] { return condition() || !j.healthy() || w.store_failed || w.disk.power_is_cut(); });
      if (w.disk.power_is_cut()) eventually([&] { return condition() || !j.healthy(); }, 3ms);
    };
    settled([&] {
      if (w.mode != acknowledge::disk) publish();
      return flag->load();
    });
    if (!flag->load()) break;
    if ((*done)->outcomes[0] != message_outcome::appended) w.violate("a fresh message was taken for a duplicate");
    if (expect_duplicate && w.mode != acknowledge::kafka && (*done)->outcomes[1] != message_outcome::duplicate)
      w.violate("a duplicate was not recognised");
    w.completed[n] = (*done)->number;
    if (repeated && !expect_duplicate) w.completed[n - 2] = (*done)->number;
    w.state["cursor"] = std::to_string(n);
    if (i % 3 == 2) publish();
  }
  publish();
  if (orderly) j.stop();
  return true;
}

// After the last crash: everything that was completed is in what was consumed, or is still to be read; numbers without
// gaps.
void judge(world& w) {
  process(w, 2, true);
  const auto store = blob_store(w);
  for (const auto& [reference, bytes] : w.blobs) {
    const auto opened = store->open(*blobs::parse(reference));
    std::string read(opened ? opened->size : 0, '\0');
    if (!opened || opened->file->read_at(0, std::as_writable_bytes(std::span(read))).value_or(0) != read.size() ||
        read != bytes)
      w.violate("blob " + reference + " was stored and is lost");
  }
  std::map<std::string, std::uint64_t> highest, count;
  std::map<uuid, std::set<std::uint64_t>> copies;
  for (const auto& [key, id] : w.consumed) {
    if (w.mode == acknowledge::kafka) continue;  // may begin a new journal in the middle
    highest[key.first] = std::max(highest[key.first], key.second);
    ++count[key.first];
    copies[id].insert(key.second);
  }
  for (const auto& [topic, last] : highest)
    if (count[topic] != last) w.violate("sbseq of " + topic + " has gaps");
  std::map<uuid, std::map<std::string, int>> places;
  for (const auto& [key, id] : w.consumed) ++places[id][key.first];
  for (const auto& [n, unit_number] : w.completed) {
    const auto found = places.find(numbered_id(n));
    if (found == places.end()) {
      w.violate("message " + std::to_string(n) + " was completed and is lost");
      continue;
    }
    for (const auto& [topic, times] : found->second)
      if (times > 1) w.violate("message " + std::to_string(n) + " stands twice in " + topic);
  }
}

// Three processes, the second of which recovers twice over.
void workload(world& w) {
  process(w, 14, true);
  if (w.disk.power_is_cut()) return;
  process(w, 9, false);
  if (w.disk.power_is_cut()) return;
  process(w, 12, true);
}

std::uint64_t calls_of_workload(acknowledge mode) {
  observe::set_up_log(observe::log_format::logfmt, observe::level::critical);  // failures are what happens here
  world w;
  w.mode = mode;
  const auto& p = counters();
  const auto recoveries = [&] { return p.recoveries_clean.Value() + p.recoveries_torn.Value(); };
  const auto created = p.segments_created.Value(), recycled = p.segments_recycled.Value(),
             snapshots = p.snapshots.Value(), recovered = recoveries();
  workload(w);
  EXPECT_GE(p.segments_created.Value() - created, 2) << "the workload is to rotate";
  EXPECT_GT(p.segments_recycled.Value() - recycled, 0);
  EXPECT_GT(p.snapshots.Value() - snapshots, 0);
  EXPECT_GE(recoveries() - recovered, 2);
  EXPECT_GE(w.blobs.size(), 5U);
  judge(w);
  EXPECT_EQ(w.violation, "");
  EXPECT_EQ(w.completed.size(), 37U);
  return w.disk.calls();
}

std::string crash_at(acknowledge mode, std::uint64_t n, const std::function<void(fake_file_system&)>& crash,
                     std::optional<base::sync_site> ignored = std::nullopt) {
  world w;
  w.mode = mode;
  w.disk.ignore(ignored);
  w.disk.cut_power_after(n);
  workload(w);
  crash(w.disk);
  w.boot = "boot 1";
  if (w.violation.empty()) {
    // Recovery itself may be cut, too.
    w.disk.cut_power_after(w.disk.calls() + 1 + n % 9);
    process(w, 1, false);
    crash(w.disk);
    w.boot = "boot 2";
  }
  w.disk.ignore(std::nullopt);
  judge(w);
  return w.violation;
}

TEST(journal_crash, survives_a_power_cut_after_every_operation) {
  std::uint64_t points = 0;
  for (const auto mode : {acknowledge::disk, acknowledge::both}) {
    const auto calls = calls_of_workload(mode);
    for (std::uint64_t n = 1; n <= calls; ++n) {
      for (std::uint32_t seed = 0; seed < (mode == acknowledge::disk ? 3U : 1U); ++seed, ++points) {
        const auto what = crash_at(mode, n, [&](fake_file_system& disk) {
          if (seed == 0)
            disk.crash([] { return false; });
          else
            disk.crash(seed * 7919 + static_cast<std::uint32_t>(n));
        });
        ASSERT_EQ(what, "") << "mode " << static_cast<int>(mode) << " after call " << n << " of " << calls << ", seed "
                            << seed;
      }
    }
  }
  std::cout << points << " crash points\n";
  EXPECT_GE(points, 1000U);
}

// A process that is killed loses nothing and syncs nothing: what its successor builds on may still be in memory only.
TEST(journal_crash, survives_a_kill_and_then_a_power_cut) {
  const auto calls = calls_of_workload(acknowledge::disk);
  for (std::uint64_t n = 1; n <= calls; ++n) {
    world w;
    w.disk.cut_power_after(n);
    workload(w);
    w.disk.end_process();
    w.disk.cut_power_after(w.disk.calls() + 1 + n % 23);
    process(w, 4, false);
    w.disk.crash([] { return false; });
    w.boot = "boot 1";
    judge(w);
    ASSERT_EQ(w.violation, "") << "killed after call " << n << " of " << calls;
  }
}

TEST(journal_crash, survives_any_call_that_fails) {
  std::uint64_t tried = 0;
  for (const auto mode : {acknowledge::disk, acknowledge::both}) {
    const auto calls = calls_of_workload(mode);
    for (const auto error : {std::errc::io_error, std::errc::no_space_on_device})
      for (std::uint64_t n = 1; n <= calls; n += mode == acknowledge::disk ? 1 : 3, ++tried) {
        world w;
        w.mode = mode;
        w.failing = true;
        w.disk.fail_call(n, error);
        workload(w);
        w.disk.crash([] { return false; });
        w.boot = "boot 1";
        w.failing = false;
        judge(w);
        ASSERT_EQ(w.violation, "") << "call " << n << " of " << calls << " failed with " << static_cast<int>(error);
      }
  }
  std::cout << tried << " failing calls\n";
}

// The tail that only Kafka had is gone with the machine: no number may mean two things.
TEST(journal_crash, mode_kafka_never_repeats_a_number) {
  const auto calls = calls_of_workload(acknowledge::kafka);
  bool renamed = false;
  for (std::uint64_t n = 1; n <= calls; ++n) {
    constexpr std::uint32_t seed = 1;
    world w;
    w.mode = acknowledge::kafka;
    w.disk.cut_power_after(n);
    workload(w);
    const auto journal = w.checkpoint_journal;
    w.disk.crash(seed * 7919 + static_cast<std::uint32_t>(n));
    w.boot = "boot 1";
    judge(w);
    ASSERT_EQ(w.violation, "") << "after call " << n << " of " << calls << ", seed " << seed;
    renamed = renamed || w.checkpoint_journal != journal;
  }
  EXPECT_TRUE(renamed);
}

class ignored_sync : public ::testing::TestWithParam<base::sync_site> {};

TEST_P(ignored_sync, is_noticed) {
  const auto calls = calls_of_workload(acknowledge::disk);
  for (std::uint64_t n = 1; n <= calls; ++n) {
    for (std::uint32_t seed = 0; seed < 2; ++seed) {
      const auto what = crash_at(
          acknowledge::disk, n,
          [&](fake_file_system& disk) {
            if (seed == 0)
              disk.crash([] { return false; });
            else
              disk.crash(seed * 104729 + static_cast<std::uint32_t>(n));
          },
          GetParam());
      if (!what.empty()) {
        std::cout << "without " << base::to_string(GetParam()) << ": " << what << " (after call " << n << ")\n";
        return;
      }
    }
  }
  ADD_FAILURE() << base::to_string(GetParam()) << " can be left out unnoticed";
}

// The bug that would break the promise: the acknowledgement goes out while the sync is still on its way.
TEST(journal_crash, notices_an_acknowledgement_before_the_sync) {
  const auto calls = calls_of_workload(acknowledge::disk);
  for (std::uint64_t n = 1; n <= calls; ++n) {
    world w;
    w.disk.defer(base::sync_site::group_commit);
    w.disk.cut_power_after(n);
    workload(w);
    w.disk.crash([] { return false; });
    w.disk.defer(std::nullopt);
    judge(w);
    if (!w.violation.empty()) return;
  }
  ADD_FAILURE() << "acknowledging before the sync went unnoticed";
}

INSTANTIATE_TEST_SUITE_P(journal, ignored_sync,
                         ::testing::Values(base::sync_site::group_commit, base::sync_site::segment_directory,
                                           base::sync_site::snapshot_file, base::sync_site::snapshot_directory,
                                           base::sync_site::dedupe_slice, base::sync_site::dedupe_directory,
                                           base::sync_site::identity_file, base::sync_site::identity_directory,
                                           base::sync_site::blob_file, base::sync_site::blob_directory),
                         [](const auto& site) { return std::string(base::to_string(site.param)); });

}  // namespace
}  // namespace switchboard::journal
