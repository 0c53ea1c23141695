#include "broker/journal/journal.hpp"

#include "tests/broker/journal/support.hpp"

namespace switchboard::journal {
namespace {

using namespace testing;

class journal_test : public ::testing::Test {
 protected:
  std::unique_ptr<journal> open(settings s = {}) {
    s.directory = directory_.path() + "/journal";
    if (s.segment_bytes == settings{}.segment_bytes) s.segment_bytes = 1u << 20;
    auto opened = journal::open(base::real_file_system(), clock_, s, probe_);
    EXPECT_TRUE(opened.has_value()) << opened.error();
    return opened ? std::move(*opened) : nullptr;
  }

  temporary_directory directory_;
  manual_clock clock_;
  prometheus::Registry registry_;
  probe probe_{registry_};
};

TEST_F(journal_test, appends_reads_and_recovers) {
  uuid id;
  {
    auto j = open();
    id = j->id();
    for (std::uint64_t n = 1; n <= 20; ++n) {
      const auto done = submit_and_wait(*j, make_unit({make_message(n)}));
      ASSERT_TRUE(done);
      EXPECT_EQ(done->number, n);
      EXPECT_EQ(done->recorded_at, clock_.wall());
      EXPECT_EQ(done->outcomes, std::vector{message_outcome::appended});
    }
    const auto units = read_all(*j);
    ASSERT_EQ(units.size(), 20U);
    EXPECT_EQ(std::get<0>(units[4].messages.at(0)), numbered_id(5));
    EXPECT_EQ(std::get<1>(units[4].messages.at(0)),
              (std::vector<std::pair<std::string, std::uint64_t>>{{"inbound", 5}}));
    EXPECT_NE(std::get<2>(units[4].messages.at(0)).find("contact 5"), std::string::npos);
    EXPECT_NE(std::get<2>(units[4].messages.at(0)).find(schemas::to_string(clock_.wall())), std::string::npos);
  }
  auto j = open();
  EXPECT_EQ(j->id(), id);
  EXPECT_EQ(j->current_usage().durable, 20U);
  EXPECT_EQ(read_all(*j, 15).size(), 5U);
  EXPECT_EQ(submit_and_wait(*j, make_unit({make_message(21)}))->number, 21U);
  EXPECT_EQ(submit_and_wait(*j, make_unit({make_message(3)}))->outcomes.at(0), message_outcome::duplicate);
  const auto units = read_all(*j, 20);
  ASSERT_EQ(units.size(), 2U);
  EXPECT_EQ(std::get<1>(units[0].messages.at(0)).at(0).second, 21U);
  EXPECT_TRUE(units[1].messages.empty());
}

TEST_F(journal_test, tells_duplicates_from_conflicts) {
  auto j = open();
  auto first =
      submit_and_wait(*j, make_unit({make_message(1, 7), make_message(1, 7), make_message(1, 8), make_message(1, 8)}));
  ASSERT_TRUE(first);
  using enum message_outcome;
  EXPECT_EQ(first->outcomes, (std::vector{appended, duplicate, conflict, duplicate}));
  EXPECT_EQ(submit_and_wait(*j, make_unit({make_message(1, 8)}))->outcomes.at(0), duplicate);
  EXPECT_EQ(submit_and_wait(*j, make_unit({make_message(1, 9)}))->outcomes.at(0), conflict);

  const auto units = read_all(*j);
  ASSERT_EQ(units.at(0).messages.size(), 2U);
  const auto& [id, topics, value] = units[0].messages[1];
  EXPECT_NE(id, numbered_id(1));
  EXPECT_EQ(id.bytes[6] >> 4, 8);
  EXPECT_NE(value.find(schemas::to_string(id)), std::string::npos);
  EXPECT_NE(value.find("id_conflict"), std::string::npos);
  const auto books = j->current_ledger();
  ASSERT_EQ(books.sources.size(), 1U);
  EXPECT_EQ(books.sources[0].decoded, 6U);
  EXPECT_EQ(books.sources[0].appended, 3U);
  EXPECT_EQ(books.sources[0].duplicates, 3U);
  EXPECT_EQ(books.topics.at(0).appended, 3U);
}

TEST_F(journal_test, keeps_state_and_sequence_marks_over_restarts) {
  const auto marked = [](std::uint64_t n, std::uint64_t value) {
    auto m = make_message(n);
    m.sequence = sequence_mark{"kiosk-7/epoch-1", value};
    return m;
  };
  {
    auto j = open();
    auto u = make_unit({marked(1, 10)});
    u.puts = {{"mail", "cursor", "41"}, {"mail", "gone", "x"}};
    ASSERT_TRUE(submit_and_wait(*j, std::move(u)));
    auto v = make_unit({marked(2, 12)});
    v.puts = {{"mail", "cursor", "42"}, {"mail", "gone", ""}};
    ASSERT_TRUE(submit_and_wait(*j, std::move(v)));
    j->stop();
  }
  auto j = open();
  EXPECT_EQ(j->state("mail", "cursor"), "42");
  EXPECT_EQ(j->state("mail", "gone"), std::nullopt);
  EXPECT_EQ(submit_and_wait(*j, make_unit({marked(3, 12)}))->outcomes.at(0), message_outcome::duplicate);
  EXPECT_EQ(submit_and_wait(*j, make_unit({marked(4, 11)}))->outcomes.at(0), message_outcome::appended);
  EXPECT_EQ(submit_and_wait(*j, make_unit({marked(5, 11)}))->outcomes.at(0), message_outcome::duplicate);
}

TEST_F(journal_test, recycles_only_what_is_published) {
  settings s;
  s.segment_bytes = 16384;
  s.max_bytes = 8 * s.segment_bytes;
  auto j = open(s);
  std::uint64_t n = 0;
  while (submit_and_wait(*j, make_unit({make_message(n + 1)}))) ++n;
  EXPECT_GT(n, 80U);
  EXPECT_EQ(j->submit(make_unit({make_message(n + 1)}), [](const committed&) {}).error(), submit_error::full);
  EXPECT_TRUE(submit_and_wait(*j, make_unit({make_message(++n)}), true))
      << "the last part is for those who do not retry";
  EXPECT_EQ(read_all(*j).size(), n);
  j->published(n);
  ASSERT_TRUE(eventually([&] { return j->writable(false); }));
  for (int round = 0; round < 5; ++round) {
    for (int i = 0; i < 30; ++i) ASSERT_TRUE(submit_and_wait(*j, make_unit({make_message(++n)})));
    EXPECT_EQ(read_all(*j, n - 30).size(), 30U);
    j->published(n);
    ASSERT_TRUE(eventually([&] { return j->current_usage().bytes < 3 * s.segment_bytes; }));
  }
  EXPECT_LE(std::distance(std::filesystem::directory_iterator(directory_.path() + "/journal/segments"), {}), 8);
}

TEST_F(journal_test, completes_when_the_mode_says_so) {
  for (const auto mode : {acknowledge::kafka, acknowledge::both}) {
    settings s;
    s.mode = mode;
    auto j = open(s);
    const auto before = j->current_usage().appended;
    receipts done;
    ASSERT_TRUE(j->submit(make_unit({make_message(100 + before)}), done.next()));
    ASSERT_TRUE(eventually([&] { return !read_all(*j, before).empty(); }));
    EXPECT_EQ(done.count(), 0U);
    j->published(before + 1);
    EXPECT_TRUE(done.wait(0));
    j->stop();
  }
}

TEST_F(journal_test, wakes_the_reader) {
  auto j = open();
  auto cursor = j->read_after(0);
  ASSERT_EQ(cursor->next().value(), nullptr);
  ASSERT_TRUE(submit_and_wait(*j, make_unit({make_message(1)})));
  std::uint64_t count = 0;
  EXPECT_EQ(::read(j->wake_fd(), &count, sizeof count), 8);
  ASSERT_NE(cursor->next().value(), nullptr);
  EXPECT_EQ(cursor->position(), 1U);
}

TEST_F(journal_test, refuses_a_second_opener) {
  auto j = open();
  auto second = journal::open(base::real_file_system(), clock_, {.directory = directory_.path() + "/journal"}, probe_);
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().find("in use"), std::string::npos);
}

}  // namespace
}  // namespace switchboard::journal
