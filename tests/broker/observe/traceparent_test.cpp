#include "broker/observe/traceparent.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace switchboard::observe {
namespace {

constexpr std::string_view good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

TEST(traceparent, reads_and_writes_the_same) {
  const auto parsed = traceparent::parse(good);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->trace_id[0], 0x4b);
  EXPECT_EQ(parsed->parent_id[7], 0xb7);
  EXPECT_EQ(parsed->flags, 1);
  EXPECT_EQ(parsed->to_string(), good);
}

TEST(traceparent, takes_the_known_part_of_later_versions) {
  const auto later = traceparent::parse("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what-may-come");
  ASSERT_TRUE(later);
  EXPECT_EQ(later->to_string(), good);
  EXPECT_TRUE(traceparent::parse("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"));
}

TEST(traceparent, refuses_what_is_malformed) {
  const std::string_view cases[] = {
      "",
      "00",
      "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
      "0g-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
      "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
      "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
      "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
      "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0",
      "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0x",
      "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-extra",
      "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01x",
      "00_4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
      "00-4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7-01",
      "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7_01",
      " 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
  };
  for (const auto text : cases) EXPECT_FALSE(traceparent::parse(text)) << text;
}

TEST(traceparent, a_child_keeps_the_trace) {
  const auto parent = *traceparent::parse(good);
  const auto child = parent.child(0x1122334455667788u);
  EXPECT_EQ(child.trace_id, parent.trace_id);
  EXPECT_EQ(child.flags, parent.flags);
  EXPECT_NE(child.parent_id, parent.parent_id);
  EXPECT_TRUE(traceparent::parse(parent.child(0).to_string()));
}

TEST(traceparent, begins_with_valid_ids_whatever_the_random_bits) {
  for (const std::uint64_t bits : {std::uint64_t{0}, std::uint64_t{1}, ~std::uint64_t{0}}) {
    const auto begun = traceparent::begin({bits, bits, bits});
    const auto parsed = traceparent::parse(begun.to_string());
    ASSERT_TRUE(parsed);
    EXPECT_EQ(*parsed, begun);
  }
}

}  // namespace
}  // namespace switchboard::observe
