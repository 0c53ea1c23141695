// The contiguous prefix, and nothing but it.
#include "broker/publish/window.hpp"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace switchboard::publish {
namespace {

using clock = std::chrono::steady_clock;

class publish_window : public ::testing::Test {
 public:
  std::uint64_t hand_over(std::uint64_t unit, bool last = true, std::size_t bytes = 100) {
    const auto serial = w.next_serial();
    w.add({.unit = unit, .bytes = static_cast<std::uint32_t>(bytes), .last_of_unit = last});
    w.handed_over(clock::now());
    return serial;
  }
  std::optional<std::uint64_t> advance() {
    return w.advance([&](const window_record& r) { left.push_back(r.unit); });
  }
  window w{2, 10, 1000};
  std::vector<std::uint64_t> left;
};

TEST_F(publish_window, advances_over_the_contiguous_prefix_only) {
  const auto a = hand_over(1), b = hand_over(2), c = hand_over(3);
  w.settle(b);
  EXPECT_EQ(advance(), std::nullopt);
  w.settle(a);
  EXPECT_EQ(advance(), 2u);
  EXPECT_EQ(left, (std::vector<std::uint64_t>{1, 2}));
  EXPECT_EQ(w.in_flight(), 1u);
  w.settle(c);
  EXPECT_EQ(advance(), 3u);
  EXPECT_TRUE(w.empty());
}

TEST_F(publish_window, a_unit_leaves_whole) {
  const auto a = hand_over(1, false);
  w.settle(a);
  EXPECT_EQ(advance(), std::nullopt);
  const auto b = hand_over(1);
  w.settle(b);
  EXPECT_EQ(advance(), 1u);
  EXPECT_EQ(left.size(), 2u);
}

TEST_F(publish_window, admits_up_to_its_bounds) {
  for (std::uint64_t unit = 1; unit <= 10; ++unit) {
    ASSERT_TRUE(w.admits(unit, 100));
    hand_over(unit);
  }
  EXPECT_FALSE(w.admits(11, 1));
  w.settle(3);
  EXPECT_FALSE(w.admits(11, 1)) << "what waits behind the prefix counts";
  w.settle(1);
  advance();
  EXPECT_TRUE(w.admits(11, 1));
  EXPECT_FALSE(w.admits(11, 300)) << "bytes";
}

TEST_F(publish_window, a_unit_that_was_begun_may_be_larger_than_the_window) {
  for (int i = 0; i < 30; ++i) {
    ASSERT_TRUE(w.admits(1, 100)) << i;
    w.settle(hand_over(1, i == 29));
  }
  EXPECT_EQ(advance(), 1u);
}

TEST_F(publish_window, one_record_alone_is_admitted_whatever_its_size) { EXPECT_TRUE(w.admits(1, 100'000)); }

TEST_F(publish_window, replays_only_what_is_not_settled) {
  hand_over(1);
  const auto b = hand_over(2);
  hand_over(3);
  w.settle(b);
  w.replay(false);
  EXPECT_EQ(w.in_flight(), 0u);
  EXPECT_EQ(w.next_serial(), 1u);
  EXPECT_TRUE(w.at(1).may_be_in_kafka);
  EXPECT_EQ(w.at(2).state, record_state::settled);
  w.handed_over(clock::now());
  w.pass();
  w.handed_over(clock::now());
  w.settle(1);
  w.settle(3);
  EXPECT_EQ(advance(), 3u);
}

TEST_F(publish_window, what_a_replay_has_not_passed_stays) {
  const auto a = hand_over(1);
  w.settle(a);
  w.replay(false);
  EXPECT_EQ(advance(), std::nullopt) << "the cursor will give this unit again";
  w.pass();
  EXPECT_EQ(advance(), 1u);
}

TEST_F(publish_window, an_aborted_transaction_voids_what_was_settled) {
  const auto a = hand_over(1);
  w.settle(a);
  w.replay(true);
  EXPECT_EQ(w.at(a).state, record_state::waiting);
  EXPECT_FALSE(w.at(a).may_be_in_kafka);
  EXPECT_EQ(w.unsettled()[0], 1u);
}

TEST_F(publish_window, only_what_failed_alone_is_poison) {
  const auto a = hand_over(1), b = hand_over(2);
  w.refuse(a, 10);
  w.refuse(b, 10);
  EXPECT_EQ(w.at(a).verdict, verdict::suspect);
  EXPECT_EQ(w.suspects(), 2u);
  w.replay(false);
  EXPECT_TRUE(w.admits(1, 100));
  w.handed_over(clock::now());
  EXPECT_FALSE(w.admits(2, 100)) << "alone";
  w.settle(a);
  EXPECT_EQ(w.at(a).verdict, verdict::sound);
  w.handed_over(clock::now());
  w.refuse(b, 10);
  EXPECT_EQ(w.at(b).verdict, verdict::poison);
  EXPECT_EQ(w.suspects(), 0u);
}

TEST_F(publish_window, a_suspect_that_fails_in_company_stays_a_suspect) {
  const auto a = hand_over(1);
  hand_over(2);
  w.refuse(a, 10);
  w.replay(false);
  w.handed_over(clock::now());
  w.handed_over(clock::now());
  w.refuse(a, 10);
  EXPECT_EQ(w.at(a).verdict, verdict::suspect);
}

TEST_F(publish_window, a_unit_without_records_is_settled) {
  w.add({.unit = 1, .topic = no_topic, .last_of_unit = true});
  w.pass();
  EXPECT_EQ(advance(), 1u);
  EXPECT_EQ(w.unsettled_total(), 0u);
}

TEST_F(publish_window, units_without_records_fill_it_too) {
  window small(1, 3, 1000);
  for (std::uint64_t unit = 1; unit <= 3; ++unit) {
    EXPECT_FALSE(small.full());
    small.add({.unit = unit, .topic = no_topic, .last_of_unit = true});
    small.pass();
  }
  EXPECT_TRUE(small.full());
  EXPECT_EQ(small.advance([](const window_record&) {}), 3u);
  EXPECT_FALSE(small.full());
}

TEST_F(publish_window, a_lost_commit_settles_through_its_unit) {
  hand_over(1);
  hand_over(2);
  hand_over(3);
  w.replay(true);
  w.settle_through(2);
  EXPECT_EQ(advance(), 2u);
  EXPECT_EQ(w.next_serial(), 3u);
}

// Against a model that keeps a set: whatever the order of reports, losses and replays.
TEST(publish_window_model, agrees_with_a_set) {
  for (unsigned seed = 1; seed <= 200; ++seed) {
    std::mt19937 random{seed};
    window w{1, 50, 1u << 20};
    std::set<std::uint64_t> acknowledged;  // units
    std::uint64_t last_unit = 0, prefix = 0;
    std::vector<std::uint64_t> flying;  // serials
    for (int step = 0; step < 600; ++step) {
      const auto dice = random() % 10;
      if (dice < 5 && w.admits(last_unit + 1, 10)) {
        const auto serial = w.next_serial();
        if (!w.known(serial)) w.add({.unit = ++last_unit, .bytes = 10, .last_of_unit = true});
        if (w.at(serial).state == record_state::settled) {
          w.pass();
        } else {
          w.handed_over(clock::now());
          flying.push_back(serial);
        }
      } else if (dice < 9 && !flying.empty()) {
        const auto at = random() % flying.size();
        acknowledged.insert(w.at(flying[at]).unit);
        w.settle(flying[at]);
        flying.erase(flying.begin() + static_cast<std::ptrdiff_t>(at));
      } else if (dice == 9 && random() % 20 == 0) {
        w.replay(false);
        flying.clear();
      }
      if (auto reached = w.advance([&](const window_record& r) {
            EXPECT_EQ(r.unit, prefix + 1);
            EXPECT_TRUE(acknowledged.contains(r.unit));
            prefix = r.unit;
          })) {
        EXPECT_EQ(*reached, prefix);
      }
      EXPECT_EQ(w.in_flight(), flying.size());
    }
  }
}

}  // namespace
}  // namespace switchboard::publish
