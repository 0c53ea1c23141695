// The ledger over the real journal: decorators lose one item at each stage, and each loss shows; without them
// everything adds up, across a restart too.
#include "broker/intake/ledger.hpp"

#include <gtest/gtest.h>

#include <map>

#include "broker/intake/assembly.hpp"
#include "tests/broker/intake/tiny_connector.hpp"
#include "tests/broker/journal/support.hpp"

namespace switchboard::intake::test {
namespace {

using journal::testing::submit_and_wait;

enum class loss { none, decoder, journal, delivery };

// A corridor of the real parts: process, journal, cursor. Each stage counts for itself.
class corridor {
 public:
  explicit corridor(loss where) : where_(where) { open(); }

  void open() {
    journal::settings settings;
    settings.directory = directory_.path();
    settings.segment_bytes = 1 << 20;
    settings.max_bytes = 16 << 20;
    auto opened = journal::journal::open(base::real_file_system(), clock_, settings, probe_, journal::environment{});
    ASSERT_TRUE(opened) << opened.error();
    journal_ = std::move(*opened);
  }
  void restart() {
    journal_->stop();
    journal_.reset();
    open();
  }

  void take(const std::string& lines) {
    const request r(lines);
    const auto source = tiny_source();
    auto stage = receive(source, r.in(), fixed_environment());
    if (where_ == loss::decoder && !stage.result.decoded.items.empty()) {
      stage.result.decoded.items.pop_back();
      where_ = loss::none;
    }
    ++requests_.verified;
    auto result = assemble(source, r.in(), fixed_environment(), std::move(stage));
    if (where_ == loss::journal && !result.unit.messages.empty()) {
      result.unit.messages.pop_back();
      where_ = loss::none;
    }
    if (!result.unit.messages.empty()) ASSERT_TRUE(submit_and_wait(*journal_, std::move(result.unit)));
    switch (result.outcome) {
      case outcome::accepted:
        ++requests_.accepted;
        break;
      case outcome::control:
        ++requests_.control;
        break;
      case outcome::quarantined:
        ++requests_.quarantined;
        break;
      default:
        FAIL() << "not verified";
    }
  }

  // Delivers everything but the last `left` units.
  void deliver(std::uint64_t left) {
    auto cursor = journal_->read_after(delivered_unit_);
    const auto until = journal_->current_usage().appended - left;
    backlog_.clear();
    while (true) {
      auto next = cursor->next();
      ASSERT_TRUE(next) << next.error();
      if (*next == nullptr) return;
      const bool deliver_it = (*next)->number <= until;
      for (const auto& message : (*next)->messages)
        for (const auto& [topic, sequence] : message.topics) {
          if (where_ == loss::delivery && deliver_it) {
            where_ = loss::none;
            continue;
          }
          ++(deliver_it ? delivered_ : backlog_)[topic];
        }
      if (deliver_it) delivered_unit_ = (*next)->number;
    }
  }

  std::vector<imbalance> check() {
    std::vector<delivery_counts> deliveries;
    for (const auto& topic : journal_->current_ledger().topics)
      deliveries.push_back({topic.topic, delivered_[topic.topic], 0, backlog_[topic.topic]});
    requests_.source = "tiny-main";
    return compare(std::span(&requests_, 1), journal_->current_ledger(), deliveries);
  }

  journal::ledger counted() const { return journal_->current_ledger(); }

 private:
  journal::testing::temporary_directory directory_;
  journal::testing::manual_clock clock_;
  prometheus::Registry registry_;
  journal::probe probe_{registry_};
  std::unique_ptr<journal::journal> journal_;
  loss where_;
  request_counts requests_;
  std::uint64_t delivered_unit_ = 0;
  std::map<std::string, std::uint64_t> delivered_, backlog_;
};

void work(corridor& c) {
  c.take("msg|m1|tel:+15550109999|hi\nbad\nmsg|m2||ho");
  c.take("msg|m1|tel:+15550109999|hi\nmsg|m3||new");  // a duplicate beside a new one
  c.take("broken");
  c.take("hello");
  c.take("unknown:poll|u1||x");
  c.take("");
}

TEST(ledger, adds_up_where_nothing_is_lost) {
  corridor c(loss::none);
  work(c);
  c.deliver(2);
  EXPECT_TRUE(c.check().empty());
  const auto before = c.counted();
  ASSERT_EQ(before.sources.size(), 1u);
  EXPECT_EQ(before.sources[0].decoded, 8u);
  EXPECT_EQ(before.sources[0].appended, 7u);
  EXPECT_EQ(before.sources[0].duplicates, 1u);
  c.restart();
  work(c);
  c.deliver(0);
  EXPECT_TRUE(c.check().empty());
  EXPECT_EQ(c.counted().sources[0].decoded, 16u);
  EXPECT_EQ(c.counted().sources[0].duplicates, 9u);
}

TEST(ledger, shows_an_item_that_the_decoder_loses) {
  corridor c(loss::decoder);
  work(c);
  c.deliver(0);
  const auto found = c.check();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].stage, ledger_stage::journal);
  EXPECT_EQ(found[0].name, "tiny-main");
  EXPECT_EQ(found[0].difference, 1);
  c.restart();
  EXPECT_EQ(c.check().size(), 1u) << "a restart does not forget";
}

TEST(ledger, shows_a_message_that_never_reaches_the_journal) {
  corridor c(loss::journal);
  work(c);
  c.deliver(0);
  const auto found = c.check();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].stage, ledger_stage::journal);
  EXPECT_EQ(found[0].difference, 1);
}

TEST(ledger, shows_a_record_that_is_not_delivered) {
  corridor c(loss::delivery);
  work(c);
  c.deliver(1);
  const auto found = c.check();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].stage, ledger_stage::delivery);
  EXPECT_EQ(found[0].name, "inbound");
  EXPECT_EQ(found[0].difference, 1);
}

TEST(ledger, shows_requests_that_end_nowhere) {
  request_counts lost{"s", 10, 5, 1, 1, 1, 1};
  auto found = compare(std::span(&lost, 1), {}, {});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].stage, ledger_stage::transport);
  EXPECT_EQ(found[0].difference, 1);
  ++lost.refused;
  EXPECT_TRUE(compare(std::span(&lost, 1), {}, {}).empty());
}

TEST(ledger, a_topic_that_one_side_does_not_know_counts_nothing_there) {
  journal::ledger appended;
  appended.topics = {{"inbound", 3}};
  const delivery_counts made_up[] = {{"inbound", 1, 1, 1}, {"raw", 0, 0, 0}, {"activity", 0, 0, 2}};
  const auto found = compare({}, appended, made_up);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].name, "activity");
  EXPECT_EQ(found[0].difference, -2);
}

TEST(ledger, the_metric_is_the_sum_of_all_differences) {
  prometheus::Registry registry;
  ledger_probe probe(registry);
  const auto values = [&] {
    std::map<std::string, double> out;
    for (const auto& family : registry.Collect())
      for (const auto& metric : family.metric) out[metric.label.at(0).value] = metric.gauge.value;
    return out;
  };
  EXPECT_EQ(values(), (std::map<std::string, double>{{"transport", 0}, {"journal", 0}, {"delivery", 0}}));
  journal::ledger appended;
  appended.sources = {{"a", 5, 3, 1}, {"b", 5, 5, 1}, {"c", 2, 1, 1}};
  appended.topics = {{"inbound", 4}};
  const delivery_counts none[] = {{"inbound", 1, 1, 1}};
  probe.update(appended, none);
  EXPECT_EQ(values(), (std::map<std::string, double>{{"transport", 0}, {"journal", 2}, {"delivery", 1}}));
  probe.update(journal::ledger{}, std::vector<delivery_counts>{});
  EXPECT_EQ(values(), (std::map<std::string, double>{{"transport", 0}, {"journal", 0}, {"delivery", 0}}));
}

}  // namespace
}  // namespace switchboard::intake::test
