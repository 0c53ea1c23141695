#include <gmock/gmock.h>

#include "tests/broker/journal/support.hpp"

namespace switchboard::journal {
namespace {

using namespace testing;
using ::testing::ElementsAre;

class journal_full : public ::testing::Test {
 protected:
  static constexpr std::size_t large = 40u << 10;

  std::unique_ptr<journal> open() {
    auto opened = journal::open(base::real_file_system(), clock_,
                                {.directory = directory_.path() + "/journal",
                                 .max_bytes = 128u << 10,
                                 .segment_bytes = 64u << 10,
                                 .queue_bytes = queue_bytes_,
                                 .reserved_share = 0},
                                probe_);
    EXPECT_TRUE(opened.has_value()) << opened.error();
    return opened ? std::move(*opened) : nullptr;
  }
  static unit make_large(std::uint64_t n) {
    auto u = make_unit({make_message(n)});
    u.puts.push_back({"padding", std::to_string(n), std::string(large, 'x')});
    return u;
  }

  std::size_t queue_bytes_ = 1u << 20;
  temporary_directory directory_;
  manual_clock clock_;
  prometheus::Registry registry_;
  probe probe_{registry_};
};

// Two large units fit the two segments, the third was taken in while there seemed to be room for it, and is not written
// when the journal stops. Its sender was not answered and comes again.
TEST_F(journal_full, forgets_what_it_could_not_write) {
  std::atomic<int> answered{0};
  {
    auto j = open();
    std::promise<void> entered, go_on;
    ASSERT_TRUE(j->submit(make_unit({make_message(1)}), [&](const committed&) {
      entered.set_value();
      go_on.get_future().wait();
      ++answered;
    }));
    entered.get_future().wait();
    const auto count = [&](const committed&) { ++answered; };
    ASSERT_TRUE(j->submit(make_large(2), count));
    ASSERT_TRUE(j->submit(make_large(3), count));
    ASSERT_TRUE(j->submit(make_unit({make_message(4)}), count));
    ASSERT_TRUE(j->submit(make_large(5), count));
    go_on.set_value();
    ASSERT_TRUE(eventually([&] { return answered == 4; }));
    j->stop();
    EXPECT_EQ(answered, 4);
  }
  auto j = open();
  EXPECT_EQ(j->current_usage().durable, 4U);
  EXPECT_THAT(j->current_ledger().topics, ElementsAre(::testing::Field(&ledger_topic::appended, 4U)));
  j->published(4);
  std::optional<committed> again;
  ASSERT_TRUE(eventually([&] { return (again = submit_and_wait(*j, make_large(5))).has_value(); }));
  EXPECT_THAT(again->outcomes, ElementsAre(message_outcome::appended));
  const auto units = read_all(*j, 4);
  ASSERT_EQ(units.size(), 1U);
  EXPECT_EQ(std::get<1>(units[0].messages.at(0)).at(0).second, 5U);
}

// Else its sender would be told to come again for ever.
TEST_F(journal_full, takes_one_unit_that_is_larger_than_the_queue) {
  queue_bytes_ = large / 2;
  auto j = open();
  const auto done = submit_and_wait(*j, make_large(1));
  ASSERT_TRUE(done);
  EXPECT_EQ(done->number, 1U);
}

}  // namespace
}  // namespace switchboard::journal
