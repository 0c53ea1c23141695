#include "broker/journal/dedupe.hpp"

#include "broker/journal/recovery.hpp"
#include "tests/broker/journal/support.hpp"
#include "tests/support/fake_file_system.hpp"

namespace switchboard::journal {
namespace {

using namespace testing;
using support::fake_file_system;

constexpr auto directory = "/data/dedupe";

TEST(dedupe_index, finds_what_it_spilled_and_merged_within_its_memory) {
  fake_file_system fs;
  ASSERT_TRUE(fs.create_directories(directory));
  constexpr std::size_t memory = 64u << 10;
  dedupe::index index(memory);
  std::uint64_t next_run = 1, n = 0, widest = 0;
  constexpr std::uint64_t total = 60'000;
  while (n < total) {
    index.insert(numbered_id(n), n, 20000 + static_cast<std::int64_t>(n / 20'000));
    ++n;
    if (!index.wants_freeze(20000 + static_cast<std::int64_t>(n / 20'000))) continue;
    const auto part = index.freeze();
    EXPECT_EQ(index.find(numbered_id(n - 1)), n - 1) << "while it is being written";
    auto live = dedupe::spill(fs, directory, part, index.live_runs(), index.filter_budget(), next_run);
    ASSERT_TRUE(live) << live.error().message;
    index.adopt(std::move(*live));
    widest = std::max<std::uint64_t>(widest, index.live_runs().size());
    EXPECT_LE(index.bytes(), memory);
  }
  EXPECT_EQ(index.entries(), total);
  EXPECT_LT(widest, 30U) << "merging keeps the number of runs small";
  for (std::uint64_t i = 0; i < total; i += 7) ASSERT_EQ(index.find(numbered_id(i)), i);
  for (std::uint64_t i = total; i < total + 5000; ++i) ASSERT_FALSE(index.find(numbered_id(i)));

  std::vector<std::string> names;
  for (const auto& run : index.live_runs()) names.push_back(run->name());
  dedupe::runs again;
  for (const auto& name : names) {
    auto run = dedupe::run::open(fs, directory, name, 1000);
    ASSERT_TRUE(run);
    again.push_back(*run);
  }
  dedupe::index reopened(memory);
  reopened.adopt(again);
  for (std::uint64_t i = 0; i < total; i += 1013)
    ASSERT_EQ(reopened.find(numbered_id(i)).has_value(), index.find(numbered_id(i)).has_value());

  index.expire(20001);
  EXPECT_FALSE(index.find(numbered_id(5)));
  EXPECT_EQ(index.find(numbered_id(25'000)), 25'000U);
}

TEST(dedupe_index, a_damaged_run_is_an_error) {
  fake_file_system fs;
  ASSERT_TRUE(fs.create_directories(directory));
  dedupe::index index(1u << 20);
  for (std::uint64_t n = 0; n < 100; ++n) index.insert(numbered_id(n), n, 1);
  std::uint64_t next_run = 1;
  auto live = dedupe::spill(fs, directory, index.freeze(), {}, 1000, next_run);
  ASSERT_TRUE(live);
  const auto name = live->at(0)->name();
  for (const std::uint64_t at : {3, 20, 40, 64, 1000}) {
    fs.flip_bit(std::string(directory) + "/" + name, at);
    const auto run = dedupe::run::open(fs, directory, name, 1000);
    if (at == 40)
      EXPECT_TRUE(run) << "padding";
    else
      EXPECT_FALSE(run) << at;
    fs.flip_bit(std::string(directory) + "/" + name, at);
  }
}

// Ids with equal beginnings: interpolation has nothing to go by.
TEST(dedupe_index, finds_ids_that_are_badly_spread) {
  fake_file_system fs;
  ASSERT_TRUE(fs.create_directories(directory));
  dedupe::run_writer writer(fs, std::string(directory) + "/x.run", 1);
  std::vector<uuid> ids;
  for (std::uint32_t i = 0; i < 3000; ++i) {
    uuid id;
    id.bytes[0] = i < 1500 ? 0 : 0xFF;
    id.bytes[14] = static_cast<std::uint8_t>(i >> 8);
    id.bytes[15] = static_cast<std::uint8_t>(i);
    ids.push_back(id);
    ASSERT_FALSE(writer.add({id, i}));
  }
  ASSERT_FALSE(writer.finish());
  const auto run = dedupe::run::open(fs, directory, "x.run", 0);
  ASSERT_TRUE(run);
  for (std::uint32_t i = 0; i < 3000; ++i) ASSERT_EQ((*run)->find(ids[i], dedupe::hash(ids[i])), i);
  uuid absent;
  absent.bytes[0] = 0x80;
  EXPECT_FALSE((*run)->find(absent, dedupe::hash(absent)));
}

TEST(dedupe_window, ends_by_recorded_time_and_survives_restarts_and_recycling) {
  temporary_directory directory_on_disk;
  manual_clock clock;
  prometheus::Registry registry;
  probe p(registry);
  settings s;
  s.directory = directory_on_disk.path() + "/journal";
  s.segment_bytes = 32768;
  s.max_bytes = 8 * s.segment_bytes;
  s.dedupe_memory = 16384;
  const auto open = [&] { return journal::open(base::real_file_system(), clock, s, p); };
  const auto outcome = [](journal& j, std::uint64_t n) {
    return submit_and_wait(j, make_unit({make_message(n)})).value().outcomes.at(0);
  };
  using enum message_outcome;

  auto j = open();
  ASSERT_TRUE(j) << j.error();
  std::uint64_t n = 0;
  for (int day = 0; day < 9; ++day) {
    for (int i = 0; i < 90; ++i) ASSERT_EQ(outcome(**j, ++n), appended);
    (*j)->published(n);
    clock.advance(24h);
    if (day % 3 == 1) {
      j->reset();
      j = open();
      ASSERT_TRUE(j) << j.error();
      (*j)->published(n);
    }
  }
  EXPECT_EQ(outcome(**j, n), duplicate);
  clock.jump(-20 * 24h);
  EXPECT_EQ(outcome(**j, 200), duplicate) << "the wall clock does not count";
  clock.jump(20 * 24h);
  EXPECT_EQ(outcome(**j, n), duplicate);
  EXPECT_EQ(outcome(**j, 400), duplicate);
  EXPECT_EQ(outcome(**j, 181), duplicate) << "within the window";
  EXPECT_EQ(outcome(**j, 1), appended) << "past it";
  EXPECT_EQ(outcome(**j, 1), duplicate);
  EXPECT_LT((*j)->current_usage().dedupe_entries, n + 2);
}

}  // namespace
}  // namespace switchboard::journal
