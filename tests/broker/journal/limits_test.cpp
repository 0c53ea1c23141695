// Clocks that jump, disks that fill up, queues that overflow: nothing is lost, and it goes on by itself.
#include "broker/base/crc32c.hpp"
#include "broker/journal/assembler.hpp"
#include "broker/journal/interval_set.hpp"
#include "broker/journal/snapshot.hpp"
#include "tests/broker/journal/support.hpp"
#include "tests/support/fake_file_system.hpp"

namespace switchboard::journal {
namespace {

using namespace testing;
using support::fake_file_system;

class journal_limits : public ::testing::Test {
 protected:
  std::unique_ptr<journal> open(settings s = {}) {
    s.directory = "/data/journal";
    if (s.segment_bytes == settings{}.segment_bytes) {
      s.segment_bytes = 16384;
      s.max_bytes = 16 * s.segment_bytes;
    }
    auto opened = journal::open(disk_, clock_, s, probe_,
                                {.fatal = [this](std::string_view reason) { fatal_ = reason; },
                                 .boot_id = [] { return "boot"; },
                                 .background = {},
                                 .retry_interval = 2ms});
    EXPECT_TRUE(opened.has_value()) << opened.error();
    return opened ? std::move(*opened) : nullptr;
  }

  fake_file_system disk_;
  manual_clock clock_;
  std::string fatal_;
  prometheus::Registry registry_;
  probe probe_{registry_};
};

TEST_F(journal_limits, recorded_time_never_goes_back) {
  auto j = open();
  const auto first = submit_and_wait(*j, make_unit({make_message(1)}))->recorded_at;
  clock_.jump(-3h);
  const auto second = submit_and_wait(*j, make_unit({make_message(2)}))->recorded_at;
  EXPECT_EQ(second, first);
  clock_.jump(3h - 1min);
  EXPECT_EQ(submit_and_wait(*j, make_unit({make_message(3)}))->recorded_at, first);
  j.reset();
  clock_.jump(-1h);
  j = open();
  EXPECT_EQ(submit_and_wait(*j, make_unit({make_message(4)}))->recorded_at, first);
  EXPECT_EQ(j->last_recorded(), first);
}

TEST_F(journal_limits, a_jump_of_the_clock_stamps_nothing) {
  auto j = open();
  ASSERT_TRUE(submit_and_wait(*j, make_unit({make_message(1)})));
  const auto before = clock_.wall();
  clock_.jump(6min);
  EXPECT_EQ(j->submit(make_unit({make_message(2)}), [](const committed&) {}).error(), submit_error::clock_jumped);
  EXPECT_FALSE(j->writable(true));
  EXPECT_EQ(probe_.clock_jumped.Value(), 1);
  clock_.jump(-6min);
  ASSERT_TRUE(eventually([&] { return j->writable(false); }));
  EXPECT_EQ(submit_and_wait(*j, make_unit({make_message(3)}))->recorded_at, before);
  clock_.jump(6min);
  EXPECT_FALSE(submit_and_wait(*j, make_unit({make_message(4)})));
  j.reset();
  j = open();  // an operator who restarts says that the clock is right
  EXPECT_EQ(submit_and_wait(*j, make_unit({make_message(5)}))->recorded_at, before + 6min);
}

constexpr auto year = 365 * 24h;

TEST_F(journal_limits, a_clock_years_ahead_at_start_expires_nothing) {
  auto j = open();
  const auto first = submit_and_wait(*j, make_unit({make_message(1)}))->recorded_at;
  j.reset();
  clock_.jump(3 * year);
  j = open();
  EXPECT_EQ(probe_.clock_distrusted.Value(), 1);
  EXPECT_TRUE(j->writable(false)) << "it goes on";
  EXPECT_EQ(j->time(), first);
  const auto again = submit_and_wait(*j, make_unit({make_message(1)}));
  EXPECT_EQ(again->outcomes.at(0), message_outcome::duplicate);
  EXPECT_EQ(again->recorded_at, first);
  clock_.advance(2h);
  EXPECT_EQ(submit_and_wait(*j, make_unit({make_message(2)}))->recorded_at, first + 2h);
  clock_.jump(year);
  EXPECT_EQ(submit_and_wait(*j, make_unit({make_message(3)}))->recorded_at, first + 2h);

  clock_.jump(3 * 24h - 4 * year);  // put right: it was stopped for three days
  EXPECT_EQ(submit_and_wait(*j, make_unit({make_message(4)}))->recorded_at, first + 3 * 24h + 2h);
  EXPECT_EQ(probe_.clock_distrusted.Value(), 0);
  EXPECT_EQ(submit_and_wait(*j, make_unit({make_message(1)}))->outcomes.at(0), message_outcome::duplicate);
  clock_.jump(6min);
  EXPECT_EQ(j->submit(make_unit({make_message(5)}), [](const committed&) {}).error(), submit_error::clock_jumped);
}

TEST_F(journal_limits, a_node_may_have_been_stopped_for_as_long_as_is_configured) {
  settings s;
  auto j = open(s);
  const auto first = submit_and_wait(*j, make_unit({make_message(1)}))->recorded_at;
  j.reset();
  clock_.jump(s.longest_stop);
  j = open(s);
  EXPECT_EQ(submit_and_wait(*j, make_unit({make_message(2)}))->recorded_at, first + s.longest_stop);
  j.reset();
  clock_.jump(year);
  s.longest_stop = 366 * 24h;
  j = open(s);
  EXPECT_EQ(submit_and_wait(*j, make_unit({make_message(3)}))->recorded_at, first + 7 * 24h + year);
  EXPECT_EQ(probe_.clock_distrusted.Value(), 0);
}

TEST_F(journal_limits, a_clock_far_behind_at_start_may_be_put_right_while_it_runs) {
  auto j = open();
  const auto first = submit_and_wait(*j, make_unit({make_message(1)}))->recorded_at;
  j.reset();
  clock_.jump(-20 * year);
  j = open();
  clock_.advance(1h);
  EXPECT_EQ(submit_and_wait(*j, make_unit({make_message(2)}))->recorded_at, first);
  clock_.jump(25 * year);  // not right either
  EXPECT_EQ(submit_and_wait(*j, make_unit({make_message(3)}))->recorded_at, first + 1h);
  EXPECT_EQ(probe_.clock_distrusted.Value(), 1);
  clock_.jump(-5 * year);
  EXPECT_EQ(submit_and_wait(*j, make_unit({make_message(4)}))->recorded_at, first + 1h);
  EXPECT_TRUE(j->writable(false));
  EXPECT_EQ(probe_.clock_jumped.Value(), 0);
  EXPECT_EQ(probe_.clock_distrusted.Value(), 0);
  EXPECT_EQ(submit_and_wait(*j, make_unit({make_message(1)}))->outcomes.at(0), message_outcome::duplicate);
}

// The next segment is being made for longer than a thread may be unseen.
TEST_F(journal_limits, is_healthy_while_it_waits_for_housekeeping) {
  std::mutex mutex;
  std::vector<std::move_only_function<void()>> held;
  auto opened = journal::open(disk_, clock_,
                              {.directory = "/data/journal", .max_bytes = 16 * 16384, .segment_bytes = 16384}, probe_,
                              {.fatal = [this](std::string_view reason) { fatal_ = reason; },
                               .boot_id = [] { return "boot"; },
                               .background =
                                   [&](std::move_only_function<void()> job) {
                                     const std::lock_guard lock(mutex);
                                     held.push_back(std::move(job));
                                   },
                               .retry_interval = 2ms,
                               .still_healthy = 2500ms});
  ASSERT_TRUE(opened) << opened.error();
  auto& j = **opened;
  receipts done;
  std::uint64_t n = 0;
  while (j.submit(make_unit({make_message(++n)}), done.next()) && done.wait(n - 1, 300ms)) {
  }
  const auto enough = std::chrono::steady_clock::now() + 3s;
  ASSERT_TRUE(eventually([&] { return !j.healthy() || std::chrono::steady_clock::now() > enough; }));
  EXPECT_TRUE(j.healthy());
  EXPECT_EQ(done.count(), n - 1) << "one waits";
  const auto run_all = [&] {
    std::vector<std::move_only_function<void()>> now;
    {
      const std::lock_guard lock(mutex);
      now.swap(held);
    }
    for (auto& job : now) job();
    return done.count() >= n;
  };
  EXPECT_TRUE(eventually(run_all));
  std::atomic<bool> ended{false};
  std::thread ending([&] {
    j.stop();
    ended = true;
  });
  EXPECT_TRUE(eventually([&] { return run_all() && ended; }));
  ending.join();
}

TEST_F(journal_limits, a_full_disk_is_full_and_comes_back) {
  settings s;
  s.segment_bytes = 16384;
  s.max_bytes = 1000 * s.segment_bytes;
  s.reserved_share = 0.001;
  auto j = open(s);
  disk_.set_capacity(6 * s.segment_bytes + 30000);
  std::map<std::uint64_t, std::uint64_t> completed;
  std::uint64_t n = 0;
  receipts done;
  while (true) {
    if (!j->submit(make_unit({make_message(++n)}), done.next())) break;
    if (!done.wait(n - 1, 300ms)) break;
  }
  ASSERT_TRUE(eventually([&] {
    const auto answer = j->submit(make_unit({make_message(5000)}), [](const committed&) {});
    return !answer && answer.error() == submit_error::full;
  }));
  EXPECT_TRUE(eventually([&] { return probe_.out_of_space.Value() == 1; }));
  EXPECT_FALSE(j->writable(false));
  EXPECT_GT(n, 40U);
  EXPECT_TRUE(j->healthy());
  disk_.set_capacity(UINT64_MAX);
  ASSERT_TRUE(eventually([&] { return j->writable(false); }));
  ASSERT_TRUE(eventually([&] { return done.count() >= n - 1; })) << "what was taken waited and was kept";
  ASSERT_TRUE(eventually([&] { return submit_and_wait(*j, make_unit({make_message(6000)})).has_value(); }));
  EXPECT_EQ(fatal_, "");
  const auto units = read_all(*j);
  EXPECT_GE(units.size(), n);
}

// Whatever is tried while there is no descriptor: the process goes on, refuses, and comes back with all that it took.
TEST_F(journal_limits, no_descriptors_are_no_space_and_come_back) {
  const std::pair<std::string_view, std::string_view> places[] = {
      {"open", ""},          // whatever it is
      {"open", ".segment"},  // the next segment, which lies there
      {"open", "/spare"},    // the next segment, which is made
      {"sync", "/segments"}, {"open", "/snapshots/"}, {"sync", "/snapshots"},
      {"open", "/dedupe/"},  {"sync", "/dedupe"}};
  for (const auto error :
       {std::errc::too_many_files_open, std::errc::too_many_files_open_in_system, std::errc::not_enough_memory}) {
    for (const auto& [failing, where] : places) {
      if (error == std::errc::not_enough_memory && failing != "open") continue;
      SCOPED_TRACE(std::string(failing) + " " + std::string(where) + " " + std::to_string(static_cast<int>(error)));
      disk_.restore_everything(fake_file_system().snapshot_of_everything());
      settings s;
      s.segment_bytes = 16384;
      s.max_bytes = 8 * s.segment_bytes;
      s.reserved_share = 0;
      s.dedupe_memory = 16384;
      auto j = open(s);
      ASSERT_TRUE(submit_and_wait(*j, make_unit({make_message(1)})));
      std::atomic<int> met{0};
      disk_.set_hook([&](std::string_view call, const std::string& path) {
        const bool here = failing == "sync" ? path.ends_with(where) : path.contains(where);
        if (call != failing || !here) return std::optional<std::errc>();
        ++met;
        return std::optional(error);
      });
      std::uint64_t taken = 1;
      receipts done;
      while (j->submit(make_unit({make_message(taken + 1)}), done.next())) {
        ++taken;
        if (!done.wait(taken - 2, 300ms)) break;
      }
      EXPECT_TRUE(eventually([&] {
        return !j->submit(make_unit({make_message(9000)}), [](const committed&) {}).has_value();
      })) << "it refuses";
      EXPECT_TRUE(j->healthy());
      EXPECT_TRUE(eventually([&] { return met > 0; }));
      EXPECT_EQ(fatal_, "");
      disk_.set_hook(nullptr);
      ASSERT_TRUE(eventually([&] {
        j->published(j->current_usage().durable);
        return done.count() + 1 >= taken;
      })) << "what was taken is kept";
      ASSERT_TRUE(eventually([&] {
        j->published(j->current_usage().durable);
        return submit_and_wait(*j, make_unit({make_message(9001)}), false, 50ms).has_value();
      }));
      EXPECT_EQ(fatal_, "");
      j.reset();
      j = open(s);
      ASSERT_TRUE(j);
      for (std::uint64_t n = 1; n <= taken; n += 97)
        EXPECT_EQ(submit_and_wait(*j, make_unit({make_message(n)}))->outcomes.at(0), message_outcome::duplicate) << n;
    }
  }
}

TEST_F(journal_limits, a_full_journal_opens_when_kafka_takes) {
  settings s;
  s.segment_bytes = 16384;
  s.max_bytes = 4 * s.segment_bytes;
  auto j = open(s);
  std::uint64_t n = 0;
  while (submit_and_wait(*j, make_unit({make_message(n + 1)}))) ++n;
  EXPECT_FALSE(submit_and_wait(*j, make_unit({make_message(9000)})));
  EXPECT_EQ(j->submit(make_unit({make_message(9001)}), [](const committed&) {}).error(), submit_error::full);
  j->published(n);
  EXPECT_TRUE(eventually([&] { return submit_and_wait(*j, make_unit({make_message(9002)})).has_value(); }));
  EXPECT_TRUE(j->writable(true));
  EXPECT_EQ(j->current_usage().published, n);
}

TEST_F(journal_limits, refuses_what_can_never_fit_and_what_would_overflow_the_queue) {
  settings s;
  s.segment_bytes = 16384;
  s.max_bytes = 16 * s.segment_bytes;
  s.queue_bytes = 8192;
  auto j = open(s);
  auto large = make_unit({make_message(1)});
  large.blobs.push_back({"acme/20261122/x", std::string(20000, 'x')});
  EXPECT_EQ(j->submit(std::move(large), [](const committed&) {}).error(), submit_error::too_large);

  // While the journal thread is kept busy the queue holds one unit of any size, and no more than its bytes otherwise.
  std::promise<void> entered, go_on;
  ASSERT_TRUE(j->submit(make_unit({make_message(2)}), [&](const committed&) {
    entered.set_value();
    go_on.get_future().wait();
  }));
  entered.get_future().wait();
  auto medium = make_unit({make_message(3)});
  medium.blobs.push_back({"acme/20261122/x", std::string(9000, 'x')});
  receipts done;
  EXPECT_TRUE(j->submit(std::move(medium), done.next()));
  EXPECT_FALSE(j->writable(true));
  const auto second = j->submit(make_unit({make_message(4)}), [](const committed&) {});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error(), submit_error::overloaded);
  go_on.set_value();
  EXPECT_TRUE(done.wait(0));
  EXPECT_TRUE(submit_and_wait(*j, make_unit({make_message(5)})));
}

TEST_F(journal_limits, a_failed_sync_ends_the_process_and_acknowledges_nothing) {
  auto j = open();
  ASSERT_TRUE(submit_and_wait(*j, make_unit({make_message(1)})));
  disk_.set_hook([](std::string_view call, const std::string& path) -> std::optional<std::errc> {
    if (call == "sync" && path.ends_with(".segment")) return std::errc::io_error;
    return std::nullopt;
  });
  receipts done;
  ASSERT_TRUE(j->submit(make_unit({make_message(2)}), done.next()));
  ASSERT_TRUE(eventually([&] { return !j->healthy(); }));
  EXPECT_NE(fatal_.find("cannot sync"), std::string::npos);
  disk_.set_hook(nullptr);
  EXPECT_EQ(j->submit(make_unit({make_message(3)}), [](const committed&) {}).error(), submit_error::stopping);
  j.reset();
  EXPECT_EQ(done.count(), 0U) << "never retried, never acknowledged";
}

TEST_F(journal_limits, a_backlog_has_an_age) {
  auto j = open();
  EXPECT_FALSE(j->current_usage().oldest_unpublished);
  const auto first = submit_and_wait(*j, make_unit({make_message(1)}))->recorded_at;
  clock_.advance(10s);
  const auto second = submit_and_wait(*j, make_unit({make_message(2)}))->recorded_at;
  EXPECT_EQ(j->current_usage().oldest_unpublished, first);
  j->published(1);
  clock_.advance(10s);
  ASSERT_TRUE(submit_and_wait(*j, make_unit({make_message(3)})));
  ASSERT_TRUE(eventually([&] { return j->current_usage().oldest_unpublished == second; }));
  j->published(3);
  ASSERT_TRUE(submit_and_wait(*j, make_unit({make_message(4)})));
  ASSERT_TRUE(eventually([&] { return j->current_usage().oldest_unpublished != second; }));
}

message numbered(const std::string& scope, std::uint64_t value, std::uint64_t id) {
  auto m = make_message(id);
  m.dedupe = false;
  m.sequence = sequence_mark{scope, value};
  return m;
}

// By count, by age, over restarts with and without a snapshot.
TEST_F(journal_limits, forgets_scopes_that_are_not_used_any_more) {
  settings s;
  s.sequence_scopes = 3;
  s.sequence_age = 48h;
  s.longest_stop = 365 * 24h;
  std::uint64_t id = 0;
  const auto take = [&](journal& j, const std::string& scope, std::uint64_t value) {
    return submit_and_wait(j, make_unit({numbered(scope, value, ++id)}))->outcomes.at(0);
  };
  const auto taken = message_outcome::duplicate, fresh = message_outcome::appended;
  auto j = open(s);
  for (const auto* scope : {"a", "b", "c"}) EXPECT_EQ(take(*j, scope, 1), fresh);
  EXPECT_EQ(take(*j, "a", 2), fresh);  // b is the least recently used
  EXPECT_EQ(take(*j, "d", 1), fresh);
  EXPECT_EQ(take(*j, "a", 1), taken);
  EXPECT_EQ(take(*j, "c", 1), taken);
  const auto whole = disk_.snapshot_of_everything();
  for (const bool clean : {true, false}) {
    if (clean) {
      j.reset();  // with a snapshot
    } else {
      disk_.restore_everything(whole);
    }
    j = open(s);
    EXPECT_EQ(take(*j, "a", 1), taken) << clean;
    EXPECT_EQ(take(*j, "c", 1), taken) << clean;
    EXPECT_EQ(take(*j, "d", 1), taken) << clean;
    j.reset();
  }
  j = open(s);
  EXPECT_EQ(take(*j, "b", 1), fresh) << "forgotten by count, as c now is";
  EXPECT_EQ(take(*j, "c", 1), fresh);
  clock_.advance(24h);
  EXPECT_EQ(take(*j, "c", 2), fresh);
  j.reset();
  clock_.advance(25h);
  j = open(s);
  EXPECT_EQ(take(*j, "e", 1), fresh);
  EXPECT_EQ(take(*j, "c", 1), taken) << "it was used a day later";
  EXPECT_EQ(take(*j, "b", 1), fresh) << "forgotten by age";
}

TEST(snapshots, of_format_1_are_read) {
  sequences old_ones;
  old_ones.raise("inbound", 7);
  old_ones.take("scope", 5, 1000);
  std::string body;
  byte_writer out(body);
  out.varint(1);
  out.text("inbound");
  out.varint(7);
  out.varint(1);
  out.text("scope");
  out.varint(1);
  out.varint(5);
  out.varint(5);
  books{}.encode(out);
  const snapshot value{.id = numbered_id(1),
                       .at = {.group = 3, .unit = 4, .chain = 5, .recorded_at = 1000},
                       .body = body,
                       .runs = {"1.run"}};
  auto bytes = encode(value);
  bytes[8] = 1;
  bytes.resize(bytes.size() - 4);
  byte_writer(bytes).number(base::crc32c(0, std::as_bytes(std::span(bytes))));
  const auto read = decode_snapshot(bytes);
  ASSERT_TRUE(read) << read.error();
  EXPECT_EQ(read->at.unit, 4U);
  EXPECT_EQ(read->runs, value.runs);
  sequences found;
  byte_reader in(read->body);
  ASSERT_TRUE(decode(in, found));
  EXPECT_TRUE(found.taken("scope", 5));
  ASSERT_EQ(found.marks().size(), 1U);
  EXPECT_EQ(found.marks().front().used_at, 1000);
  EXPECT_EQ(decode_snapshot(encode(*read))->body, read->body);
}

TEST(interval_set, merges_and_is_bounded) {
  interval_set set;
  for (const auto v : {5, 7, 6, 1, 2, 9}) set.insert(static_cast<std::uint64_t>(v));
  EXPECT_EQ(set.intervals(), (std::vector<interval_set::interval>{{1, 2}, {5, 7}, {9, 9}}));
  EXPECT_TRUE(set.contains(6));
  EXPECT_FALSE(set.contains(3));
  EXPECT_FALSE(set.contains(8));
  EXPECT_FALSE(set.contains(0));
  set.insert(0);
  set.insert(UINT64_MAX);
  EXPECT_TRUE(set.contains(UINT64_MAX));
  interval_set many;
  EXPECT_EQ(interval_set::limit, 256U);
  for (std::uint64_t i = 0; i < 300; ++i) many.insert(i * 10);
  EXPECT_EQ(many.intervals().size(), interval_set::limit);
  EXPECT_TRUE(many.contains(5)) << "the oldest gaps are closed";
  EXPECT_FALSE(many.contains(2985));
}

TEST(bound_of_encoded, is_one) {
  auto u = make_unit({make_message(1, 2, {"inbound", "complaints"}), make_message(1, 3)});
  u.messages[0].sequence = sequence_mark{"scope", UINT64_MAX};
  u.puts = {{"a", "b", "c"}};
  u.blobs = {{"r", std::string(100000, 'x')}};
  const auto bound = bound_of_encoded(u);
  sequences s;
  dedupe::index d(1u << 20);
  prometheus::Registry registry;
  probe p(registry);
  assembler a(s, d, p);
  a.begin({}, schemas::timestamp(1'790'000'000'000ms), 0);
  a.add({std::move(u), {}, bound});
  EXPECT_LE(a.size() - format::group_header_bytes, bound);
}

}  // namespace
}  // namespace switchboard::journal
