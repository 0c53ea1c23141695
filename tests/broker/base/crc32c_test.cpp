#include "broker/base/crc32c.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string_view>

namespace switchboard::base {
namespace {

std::span<const std::byte> bytes(std::string_view text) { return std::as_bytes(std::span(text)); }

TEST(crc32c, agrees_with_the_published_vectors) {
  EXPECT_EQ(crc32c(0, bytes("123456789")), 0xE3069283U);
  const std::string zeros(32, '\0');  // RFC 3720, B.4
  EXPECT_EQ(crc32c(0, bytes(zeros)), 0x8A9136AAU);
  EXPECT_EQ(crc32c_portable(0, bytes(zeros)), 0x8A9136AAU);
  EXPECT_EQ(crc32c_portable(0, bytes("123456789")), 0xE3069283U);
}

TEST(crc32c, continues_and_agrees_with_the_table_at_any_length_and_alignment) {
  std::mt19937 random(7);
  std::vector<std::byte> data(10'000);
  for (auto& b : data) b = static_cast<std::byte>(random());
  for (std::size_t from = 0; from < 9; ++from)
    for (std::size_t size = 0; size + from < data.size(); size += 1 + size / 40) {
      const auto part = std::span(data).subspan(from, size);
      const auto whole = crc32c(0, part);
      EXPECT_EQ(whole, crc32c_portable(0, part));
      EXPECT_EQ(whole, crc32c(crc32c(0, part.first(size / 3)), part.subspan(size / 3)));
    }
}

}  // namespace
}  // namespace switchboard::base
