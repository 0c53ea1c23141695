// The checkpoint file: what a kill and a power cut leave of it.
#include "broker/publish/checkpoint.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/support/fake_file_system.hpp"

namespace switchboard::publish {
namespace {

position sample(std::uint64_t unit) {
  return {.journal = "8d0cf1f2-7c5e-4b8e-9f0e-0c8f6f0a1c55",
          .cluster = "Sxyz",
          .unit = unit,
          .handed_over = unit + 10,
          .topics = {{"inbound", unit, unit - 1, 1, {unit}}, {"activity", 0, 0, 0, {}}}};
}

class publish_checkpoint : public ::testing::Test {
 public:
  publish_checkpoint() {
    std::filesystem::remove_all(directory);
    std::filesystem::create_directories(directory);
  }
  ~publish_checkpoint() override { std::filesystem::remove_all(directory); }
  checkpoint_file open() {
    auto opened = checkpoint_file::open(base::real_file_system(), directory);
    EXPECT_TRUE(opened) << (opened ? "" : opened.error());
    return std::move(*opened);
  }
  void spoil(std::uint64_t offset) {
    std::fstream file(directory + "/checkpoint", std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(offset));
    file.put('!');
  }
  const std::string directory =
      (std::filesystem::temp_directory_path() / fmt::format("switchboard-checkpoint-{}", ::getpid())).string();
};

TEST_F(publish_checkpoint, begins_at_nothing_and_remembers) {
  EXPECT_EQ(open().loaded(), position{});
  {
    auto file = open();
    for (std::uint64_t unit = 1; unit <= 20; ++unit) ASSERT_TRUE(file.store(sample(unit)));
  }
  EXPECT_EQ(open().loaded(), sample(20));
}

TEST_F(publish_checkpoint, a_torn_write_leaves_what_was_synced) {
  auto file = open();
  ASSERT_TRUE(file.store(sample(1)));
  ASSERT_TRUE(file.sync());
  for (std::uint64_t unit = 2; unit <= 5; ++unit) ASSERT_TRUE(file.store(sample(unit)));
  // All stores since the sync went to the other slot, whichever that is.
  spoil(checkpoint_file::slot_bytes + 40);
  EXPECT_EQ(open().loaded(), sample(1));
}

TEST_F(publish_checkpoint, after_a_restart_the_synced_slot_is_kept_as_well) {
  {
    auto file = open();
    ASSERT_TRUE(file.store(sample(1)));
    ASSERT_TRUE(file.sync());
    ASSERT_TRUE(file.store(sample(2)));
  }
  auto file = open();
  EXPECT_EQ(file.loaded(), sample(2));
  ASSERT_TRUE(file.store(sample(3)));
  spoil(40);  // the slot that is being written now
  EXPECT_EQ(open().loaded(), sample(2));
}

TEST_F(publish_checkpoint, with_both_slots_spoilt_it_begins_again) {
  auto file = open();
  ASSERT_TRUE(file.store(sample(1)));
  ASSERT_TRUE(file.sync());
  ASSERT_TRUE(file.store(sample(2)));
  spoil(40);
  spoil(checkpoint_file::slot_bytes + 40);
  EXPECT_EQ(open().loaded(), position{});
}

TEST_F(publish_checkpoint, a_file_cut_short_is_made_whole) {
  {
    open();
  }
  std::filesystem::resize_file(directory + "/checkpoint", 100);
  EXPECT_EQ(open().loaded(), position{});
  auto file = open();
  EXPECT_TRUE(file.store(sample(7)));
  EXPECT_EQ(open().loaded(), sample(7));
}

TEST_F(publish_checkpoint, a_full_list_of_dead_letters_fits) {
  auto p = sample(1);
  for (int t = 0; t < 2; ++t)
    for (std::uint64_t i = 0; i < topic_position::dead_letters_limit; ++i)
      p.topics[static_cast<std::size_t>(t)].dead_letters.push_back(1'000'000'000'000 + i);
  auto file = open();
  ASSERT_TRUE(file.store(p));
  EXPECT_EQ(open().loaded(), p);
}

TEST_F(publish_checkpoint, full_lists_of_dead_letters_fit_whatever_the_number_of_topics) {
  for (const std::size_t topics : {1U, 2U, 8U, 60U}) {
    position p = sample(1);
    p.topics.clear();
    for (std::size_t t = 0; t < topics; ++t) {
      auto& topic = p.of("a-topic-of-some-length-" + std::to_string(t));
      for (std::uint64_t i = 0; i < topic_position::dead_letters_share(topics); ++i)
        topic.dead_letters.push_back(1'000'000'000'000 + i);
    }
    auto file = open();
    ASSERT_TRUE(file.store(p)) << topics;
    EXPECT_EQ(open().loaded(), p);
  }
}

// A power cut after every operation of a workload, any part of what was not synced lost: the checkpoint is never behind
// what the journal was told, never ahead of what was acknowledged, never unreadable. Returns how often that was broken.
int violations(std::optional<base::sync_site> ignored) {
  int broken = 0;
  bool more = true;
  for (std::uint64_t cut = 1; more; ++cut) {
    for (std::uint32_t seed = 0; seed < 8; ++seed) {
      support::fake_file_system disk;
      EXPECT_TRUE(disk.create_directories("/node"));
      EXPECT_TRUE(disk.sync_directory("/", base::sync_site::identity_directory));
      disk.ignore(ignored);
      disk.cut_power_after(disk.calls() + cut);
      std::uint64_t stored = 0, told = 0;
      for (int life = 0; life < 3 && !disk.power_is_cut(); ++life) {
        auto file = checkpoint_file::open(disk, "/node");
        for (int round = 0; file && round < 4; ++round) {
          for (int i = 0; i < 3; ++i)
            if (file->store(sample(stored + 1))) ++stored;
          if (file->sync()) told = stored;
        }
      }
      more = disk.power_is_cut();
      disk.crash(seed);
      disk.ignore({});
      auto file = checkpoint_file::open(disk, "/node");
      const auto unit = file ? file->loaded().unit : 0;
      const bool whole = file && (unit == 0 || file->loaded() == sample(unit));
      if (!whole || unit < told || unit > stored + 1) ++broken;
    }
  }
  return broken;
}

TEST(publish_checkpoint_power, is_never_behind_what_the_journal_was_told) { EXPECT_EQ(violations({}), 0); }

TEST(publish_checkpoint_power, every_sync_is_needed) {
  EXPECT_GT(violations(base::sync_site::checkpoint_file), 0);
  EXPECT_GT(violations(base::sync_site::checkpoint_directory), 0);
}

TEST_F(publish_checkpoint, refuses_what_is_not_a_position) {
  EXPECT_FALSE(position_from_json("{"));
  EXPECT_FALSE(position_from_json("{}"));
  EXPECT_FALSE(position_from_json(R"({"journal":"","cluster":"","unit":-1,"handed_over":0,"topics":[]})"));
  EXPECT_EQ(*position_from_json(to_json(sample(9))), sample(9));
}

}  // namespace
}  // namespace switchboard::publish
