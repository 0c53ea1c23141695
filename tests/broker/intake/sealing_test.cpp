#include "broker/intake/sealing.hpp"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace switchboard::intake {
namespace {

const tenant acme = derive_tenant("acme", "a secret of the tests, long enough");

TEST(sealing, what_is_sealed_opens) {
  std::mt19937_64 random(3);
  for (std::size_t size : {0u, 1u, 15u, 16u, 17u, 1000u, 300000u}) {
    std::string plain(size, '\0');
    for (char& c : plain) c = static_cast<char>(random());
    const auto sealed = seal(acme, plain, {});
    EXPECT_LE(sealed.size(), plain.size() + seal_overhead_limit);
    EXPECT_EQ(open(acme, sealed), plain);
    if (size > 16) EXPECT_FALSE(sealed.contains(plain.substr(0, 16)));
  }
}

TEST(sealing, nonces_are_not_repeated) {
  std::set<std::string> sealed;
  for (int i = 0; i < 500; ++i) sealed.insert(seal(acme, "same", {}));
  EXPECT_EQ(sealed.size(), 500u);
}

TEST(sealing, equal_randomness_gives_equal_bytes) {
  const random_source fixed = [](std::span<std::uint8_t> bytes) {
    EXPECT_EQ(bytes.size(), 12u);
    std::ranges::fill(bytes, std::uint8_t{9});
  };
  EXPECT_EQ(seal(acme, "same", fixed), seal(acme, "same", fixed));
}

TEST(sealing, any_changed_bit_is_noticed) {
  const auto sealed = seal(acme, "the customer's words", {});
  for (std::size_t i = 0; i < sealed.size(); ++i)
    for (int bit = 0; bit < 8; ++bit) {
      auto changed = sealed;
      changed[i] = static_cast<char>(changed[i] ^ (1 << bit));
      ASSERT_FALSE(open(acme, changed)) << i << '.' << bit;
    }
  for (std::size_t i = 0; i < sealed.size(); ++i) ASSERT_FALSE(open(acme, std::string_view(sealed).substr(0, i))) << i;
  EXPECT_FALSE(open(acme, sealed + "x"));
}

TEST(sealing, only_its_tenant_and_key_open_it) {
  const auto sealed = seal(acme, "x", {});
  EXPECT_EQ(open(derive_tenant("globex", "a secret of the tests, long enough"), sealed).error(), open_error::other_key);
  EXPECT_EQ(open(derive_tenant("acme", "another secret"), sealed).error(), open_error::other_key);
  auto renamed = acme;
  renamed.id = "acmf";
  EXPECT_EQ(open(renamed, sealed).error(), open_error::other_key);
  EXPECT_EQ(open(acme, "no sealed bytes").error(), open_error::malformed);
  EXPECT_EQ(open(acme, "").error(), open_error::malformed);
  auto damaged = sealed;
  damaged.back() = static_cast<char>(damaged.back() ^ 1);
  EXPECT_EQ(open(acme, damaged).error(), open_error::damaged);
}

TEST(sealing, the_key_id_tells_keys_apart_and_nothing_of_them) {
  const auto id = seal_key_id(acme);
  EXPECT_EQ(id.size(), 16u);
  EXPECT_NE(id, seal_key_id(derive_tenant("acme", "another secret")));
  EXPECT_FALSE(to_hex(acme.seal_key).contains(id));
}

}  // namespace
}  // namespace switchboard::intake
