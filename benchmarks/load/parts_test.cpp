#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "benchmarks/load/deliveries.hpp"
#include "benchmarks/load/histogram.hpp"
#include "benchmarks/load/options.hpp"
#include "benchmarks/load/schedule.hpp"

namespace switchboard::load {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

// --- histogram ---
TEST(histogram, TellsEveryQuantileWithinAPercentOfTheSortedValues) {
  histogram h;
  std::vector<std::int64_t> values;
  std::mt19937_64 dice(7);
  std::lognormal_distribution<double> draw(13, 2.5);  // around half a millisecond, from nanoseconds to minutes
  for (int i = 0; i < 50'000; ++i) {
    values.push_back(static_cast<std::int64_t>(draw(dice)));
    h.add(nanoseconds{values.back()});
  }
  std::ranges::sort(values);
  for (const double share : {.001, .1, .5, .9, .99, .999, 1.0}) {
    const auto exact = static_cast<double>(values[static_cast<std::size_t>(std::ceil(share * 50'000)) - 1]);
    EXPECT_NEAR(static_cast<double>(h.quantile(share).count()), exact, exact * .004 + 1) << share;
  }
  EXPECT_EQ(h.count(), 50'000u);
  EXPECT_EQ(h.min().count(), values.front());
  EXPECT_EQ(h.max().count(), values.back());
}

TEST(histogram, HoldsItsEnds) {
  histogram h;
  EXPECT_EQ(h.quantile(.5), 0ns);
  EXPECT_EQ(h.min(), 0ns);
  h.add(-5ns);
  EXPECT_EQ(h.max(), 0ns);
  h.add(24h);
  EXPECT_GT(h.quantile(1), 30min);
  EXPECT_LT(h.quantile(1), 40min);
  EXPECT_EQ(h.count(), 2u);
}

TEST(histogram, MergedIsAsIfAddedToOne) {
  histogram one, other, both;
  for (int i = 1; i <= 1000; ++i) {
    (i % 3 == 0 ? one : other).add(i * 1us);
    both.add(i * 1us);
  }
  one.merge(other);
  EXPECT_EQ(one.count(), both.count());
  EXPECT_EQ(one.quantile(.99), both.quantile(.99));
  EXPECT_EQ(one.mean(), both.mean());
  EXPECT_EQ(one.min(), 1us);
  EXPECT_EQ(one.max(), 1ms);
}

// --- schedule ---
std::vector<due_request> all_of(schedule s) {
  std::vector<due_request> result;
  for (; s.next(); s.pop()) result.push_back(*s.next());
  return result;
}

TEST(schedule, UniformArrivalsAreEvenAndBelongToTheirPhase) {
  const auto due = all_of(schedule({{0ns, 1s, 10, false}, {1s, 3s, 100, true}}, arrivals::uniform, 1));
  ASSERT_EQ(due.size(), 210u);
  EXPECT_EQ(due[0].at, 0ns);
  EXPECT_EQ(due[9].at, 900ms);
  EXPECT_EQ(due[9].phase, 0u);
  EXPECT_EQ(due[10].at, 1s);
  EXPECT_EQ(due[10].phase, 1u);
  EXPECT_EQ(due[209].at, 2990ms);
}

TEST(schedule, UniformArrivalsDoNotDriftOverAnHour) {
  schedule s({{0ns, 3600s, 3000, true}}, arrivals::uniform, 1);
  nanoseconds last{};
  std::uint64_t count = 0;
  for (; s.next(); s.pop(), ++count) last = s.next()->at;
  EXPECT_EQ(count, 3600u * 3000);
  EXPECT_NEAR(static_cast<double>(last.count()), 3600e9 - 1e9 / 3000, 2);
}

TEST(schedule, PoissonArrivalsHaveTheRateAndTheSpreadOfOne) {
  const auto due = all_of(schedule({{0ns, 100s, 1000, true}}, arrivals::poisson, 42));
  EXPECT_NEAR(static_cast<double>(due.size()), 100'000, 4 * std::sqrt(100'000));
  double sum = 0, squares = 0;
  for (std::size_t i = 1; i < due.size(); ++i) {
    ASSERT_GE(due[i].at, due[i - 1].at);
    const double gap = std::chrono::duration<double>(due[i].at - due[i - 1].at).count();
    sum += gap;
    squares += gap * gap;
  }
  const double n = static_cast<double>(due.size() - 1), mean = sum / n;
  EXPECT_NEAR(std::sqrt(squares / n - mean * mean) / mean, 1, .05);  // exponential: deviation equals mean
}

TEST(schedule, TheSameSeedGivesTheSameTimesAndAnotherOthers) {
  const auto times = [](std::uint64_t seed) {
    std::vector<nanoseconds> at;
    for (const auto& due : all_of(schedule({{0ns, 1s, 50, true}, {1s, 2s, 500, true}}, arrivals::poisson, seed)))
      at.push_back(due.at);
    return at;
  };
  EXPECT_EQ(times(1), times(1));
  EXPECT_NE(times(1), times(2));
}

TEST(schedule, PhasesWithoutARateHaveNothingDue) {
  EXPECT_FALSE(schedule({{0ns, 1s, 0, true}}, arrivals::uniform, 1).next());
  EXPECT_FALSE(schedule({}, arrivals::uniform, 1).next());
}

// --- options ---
parsed parse(std::vector<const char*> words) {
  words.insert(words.begin(), {"switchboard-load", "--config", "c.yaml", "--source", "kiosk"});
  testing::internal::CaptureStderr();
  testing::internal::CaptureStdout();
  auto result = parse_options(static_cast<int>(words.size()), words.data());
  testing::internal::GetCapturedStdout();
  const auto said = testing::internal::GetCapturedStderr();
  EXPECT_EQ(said.empty(), result.exit == 0) << said;
  return result;
}

TEST(options, AreRead) {
  const auto o =
      parse({"--rate", "5000", "--connections", "64",      "--duration", "2.5", "--warmup", "0", "--keys", "100",
             "--seed", "7",    "--arrivals",    "poisson", "--verify",   "ids", "--json",   "-", "--pid",  "12"})
          .value;
  ASSERT_TRUE(o);
  EXPECT_EQ(o->rate, 5000);
  EXPECT_EQ(o->connections, 64u);
  EXPECT_EQ(o->keys, 100u);
  EXPECT_EQ(o->seed, 7u);
  EXPECT_EQ(o->arrivals, arrivals::poisson);
  EXPECT_EQ(o->verify, verification::ids);
  const auto phases = phases_of(*o);
  ASSERT_EQ(phases.size(), 1u);
  EXPECT_EQ(phases[0].end, 2500ms);
}

TEST(options, ARampIsItsStepsAfterAWarmUpAtTheFirst) {
  const auto o = parse({"--ramp", "1000:2000:5", "--duration", "3", "--warmup", "1"}).value;
  ASSERT_TRUE(o);
  const auto phases = phases_of(*o);
  ASSERT_EQ(phases.size(), 6u);
  EXPECT_FALSE(phases[0].measured);
  EXPECT_EQ(phases[0].rate, 1000);
  EXPECT_EQ(phases[1].start, 1s);
  EXPECT_EQ(phases[1].rate, 1000);
  EXPECT_EQ(phases[3].rate, 1500);
  EXPECT_EQ(phases[5].rate, 2000);
  EXPECT_EQ(phases[5].end, 16s);
}

TEST(options, AClosedLoopHasNoRate) {
  const auto o = parse({"--closed", "--warmup", "1", "--duration", "4"}).value;
  ASSERT_TRUE(o);
  const auto phases = phases_of(*o);
  ASSERT_EQ(phases.size(), 2u);
  EXPECT_EQ(phases[0].rate, 0);
  EXPECT_EQ(phases[1].rate, 0);
}

TEST(options, ConsumingVerifiesIds) {
  EXPECT_EQ(parse({"--rate", "1", "--consume"}).value.value().verify, verification::ids);
}

TEST(options, WhatDoesNotFitTogetherIsRefusedByCode) {
  const std::vector<std::vector<const char*>> wrong{{"--keys", "5"},
                                                    {"--rate", "0"},
                                                    {"--rate", "5", "--closed"},
                                                    {"--ramp", "1:2"},
                                                    {"--rate", "5", "--ramp", "1:2:3"},
                                                    {"--rate", "5", "--verify", "count"},
                                                    {"--rate", "5", "--verify", "some"},
                                                    {"--rate", "5", "--verify", "count", "--topic", "t", "--consume"},
                                                    {"--rate", "5", "--connections", "0"},
                                                    {"--rate", "5", "--sample", "a", "--body", "b"},
                                                    {"--rate", "5", "--ca", "a", "--insecure"}};
  for (const auto& words : wrong) {
    const auto result = parse(words);
    EXPECT_FALSE(result.value) << testing::PrintToString(words);
    EXPECT_EQ(result.exit, 64) << testing::PrintToString(words);
  }
}

TEST(options, RampsThatAreNone) {
  for (const char* text : {"", ":", "1:2", "1:2:", "a:2:3", "1:b:3", "1:2:c", "1:2:3:4", "0:2:3", "1:-2:3", "1:2:0",
                           "1:2:201", "inf:2:3", "1:2:3 "})
    EXPECT_FALSE(parse_ramp(text)) << text;
  EXPECT_TRUE(parse_ramp("500:5000:10"));
  EXPECT_TRUE(parse_ramp("5000:500.5:2"));
}

// --- deliveries ---
schemas::uuid id_of(std::uint8_t n) {
  schemas::uuid id;
  id.bytes[0] = n;
  id.bytes[15] = static_cast<std::uint8_t>(~n);
  return id;
}

deliveries::seen record(std::uint8_t id, std::uint64_t sequence, std::uint16_t topic = 0, std::uint8_t journal = 200) {
  return {id_of(id), id_of(journal), sequence, topic, true};
}

TEST(deliveries, AreWholeWhenEachEventStandsInEachOfItsTopics) {
  deliveries d;
  d.expect(id_of(1), 0, 10);
  d.expect(id_of(1), 1, 10);
  d.expect(id_of(2), 0, 20);
  d.expect(id_of(2), 0, 20);
  EXPECT_EQ(d.expected(), 3u);
  ASSERT_NE(d.arrived(record(2, 6)), nullptr);
  EXPECT_EQ(*d.arrived(record(1, 5)), 10u);
  EXPECT_FALSE(d.all_arrived());
  EXPECT_THAT(d.lost(9), testing::ElementsAre(id_of(1)));
  EXPECT_NE(d.arrived(record(1, 3, 1)), nullptr);
  EXPECT_TRUE(d.all_arrived());
  EXPECT_EQ(d.holes(), 0u);
}

TEST(deliveries, CopiesAndForeignEventsAreCountedAndBringNothing) {
  deliveries d;
  d.expect(id_of(1), 0, 0);
  EXPECT_NE(d.arrived(record(1, 5)), nullptr);
  EXPECT_EQ(d.arrived(record(1, 5)), nullptr);
  EXPECT_EQ(d.arrived(record(9, 6)), nullptr);
  EXPECT_EQ(d.arrived(record(1, 7, 1)), nullptr);
  EXPECT_EQ(d.copies(), 1u);
  EXPECT_EQ(d.foreign(), 2u);
  EXPECT_EQ(d.found(), 1u);
}

TEST(deliveries, AHoleIsANumberThatNobodyBroughtBetweenTheExpected) {
  deliveries d;
  for (std::uint8_t n = 1; n <= 3; ++n) d.expect(id_of(n), 0, n);
  d.arrived(record(50, 1));  // before the first expected: what stood there before is nobody's hole
  d.arrived(record(1, 10));
  d.arrived(record(51, 11));  // another's
  d.arrived(record(2, 13));
  d.arrived(record(3, 16));
  d.arrived(record(52, 40));  // behind the last
  EXPECT_TRUE(d.all_arrived());
  EXPECT_EQ(d.holes(), 3u);
  const auto spans = d.spans();
  ASSERT_EQ(spans.size(), 1u);
  EXPECT_EQ(spans[0].first, 10u);
  EXPECT_EQ(spans[0].last, 16u);
  EXPECT_EQ(spans[0].first_missing, 12u);
  d.arrived(record(53, 12));
  d.arrived(record(54, 15));
  d.arrived(record(55, 14));
  EXPECT_EQ(d.holes(), 0u);
}

TEST(deliveries, JournalsAndTopicsCountEachForThemselves) {
  deliveries d;
  for (std::uint8_t n = 1; n <= 4; ++n) d.expect(id_of(n), n == 4 ? 1 : 0, n);
  d.arrived(record(1, 1, 0, 200));
  d.arrived(record(2, 7, 0, 201));
  d.arrived(record(3, 9, 0, 201));
  d.arrived(record(4, 2, 1, 200));
  EXPECT_EQ(d.spans().size(), 3u);
  EXPECT_EQ(d.holes(), 1u);
}

TEST(deliveries, HoldManyEvents) {
  deliveries d;
  std::vector<schemas::uuid> ids(100'000);
  std::mt19937_64 dice(3);
  for (auto& id : ids)
    for (auto& byte : id.bytes) byte = static_cast<std::uint8_t>(dice());
  for (std::size_t i = 0; i < ids.size(); ++i) d.expect(ids[i], 0, i);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const auto* about = d.arrived({ids[i], id_of(1), i + 1, 0, true});
    ASSERT_NE(about, nullptr);
    ASSERT_EQ(*about, i);
  }
  EXPECT_TRUE(d.all_arrived());
  EXPECT_EQ(d.holes(), 0u);
}

}  // namespace
}  // namespace switchboard::load
