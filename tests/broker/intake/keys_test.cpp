#include "broker/intake/keys.hpp"

#include <gtest/gtest.h>
#include <openssl/hmac.h>

#include <random>
#include <set>
#include <thread>

#include "broker/intake/ids.hpp"
#include "connectors/common/encoding.hpp"
#include "schemas/text.hpp"

namespace switchboard::intake {
namespace {

std::string unhex(std::string_view text) { return *connectors::from_hex(text); }

TEST(keys, hkdf_vectors_of_rfc_5869) {
  EXPECT_EQ(
      to_hex(hkdf_sha256(std::string(22, '\x0b'), unhex("000102030405060708090a0b0c"), unhex("f0f1f2f3f4f5f6f7f8f9"))),
      "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf");
  EXPECT_EQ(to_hex(hkdf_sha256(std::string(22, '\x0b'), {}, {})),
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d");
}

TEST(keys, derived_keys_belong_to_one_tenant_and_one_purpose) {
  const auto a = derive_tenant("acme", "one secret"), b = derive_tenant("globex", "one secret"),
             c = derive_tenant("acme", "another");
  const std::set<std::array<std::uint8_t, 32>> all{a.hash_key, a.seal_key, b.hash_key,
                                                   b.seal_key, c.hash_key, c.seal_key};
  EXPECT_EQ(all.size(), 6u);
  EXPECT_EQ(derive_tenant("acme", "one secret").hash_key, a.hash_key);
  EXPECT_EQ(to_hex(a.hash_key), "2e54a744c93d07a4453885be1d2efbd45e7834d593e6d76418f5aa861a4b75f4")
      << "fixed for ever: every conversation id hangs on it";
}

TEST(keys, sha256_vectors) {
  EXPECT_EQ(to_hex(sha256({"abc"})), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256({"a", "", "bc"}), sha256({"abc"}));
  EXPECT_EQ(to_hex(sha256({})), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(keys, base32_vectors) {
  const auto encode = [](std::string_view text) {
    std::array<std::uint8_t, 16> bytes{};
    std::copy(text.begin(), text.end(), bytes.begin());
    return base32_128(bytes);
  };
  EXPECT_EQ(encode("0123456789abcdef"), "gaytemzugu3doobzmfrggzdfmy");
  EXPECT_EQ(encode(""), std::string(26, 'a'));
  EXPECT_EQ(encode(std::string(16, '\xFF')), std::string(25, '7') + "4");
}

// The independent way: one-shot HMAC() over the documented bytes.
std::string reference_hash(const tenant& t, char purpose, const std::vector<std::string>& parts) {
  std::string bytes(1, purpose);
  for (const auto& part : parts) {
    for (int shift : {24, 16, 8, 0}) bytes += static_cast<char>(part.size() >> shift);
    bytes += part;
  }
  std::array<std::uint8_t, 32> out{};
  unsigned length = 0;
  HMAC(EVP_sha256(), t.hash_key.data(), 32, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
       out.data(), &length);
  return base32_128(std::span<const std::uint8_t, 16>(out.data(), 16));
}

TEST(keys, keyed_hashes_agree_with_a_fresh_hmac_whatever_was_hashed_before) {
  std::mt19937_64 random(7);
  const tenant tenants[] = {derive_tenant("acme", "s1"), derive_tenant("globex", "s2"), derive_tenant("initech", "s3")};
  for (int round = 0; round < 3000; ++round) {
    const auto& owner = tenants[random() % 3];
    std::vector<std::string> parts(random() % 4);
    for (auto& part : parts) {
      part.resize(random() % 90);
      for (char& c : part) c = static_cast<char>(random());
    }
    const std::vector<std::string_view> views(parts.begin(), parts.end());
    const auto purpose = static_cast<hash_purpose>(1 + random() % 3);
    const auto got = keyed_hash(owner, purpose, views);
    ASSERT_EQ(got, reference_hash(owner, static_cast<char>(purpose), parts));
    ASSERT_EQ(got.size(), 26u);
  }
}

TEST(keys, parts_do_not_run_into_each_other) {
  const auto t = derive_tenant("acme", "s");
  const auto hash = [&](std::initializer_list<std::string_view> parts) {
    return keyed_hash(t, hash_purpose::conversation, parts);
  };
  const std::set<std::string> all{hash({"ab", "c"}),
                                  hash({"a", "bc"}),
                                  hash({"abc"}),
                                  hash({"abc", ""}),
                                  hash({"", "abc"}),
                                  hash({}),
                                  keyed_hash(t, hash_purpose::party, {"abc"}),
                                  keyed_hash(t, hash_purpose::raw, {"abc"})};
  EXPECT_EQ(all.size(), 8u);
}

TEST(keys, every_thread_gets_the_same) {
  const auto t = derive_tenant("acme", "s");
  const auto expected = keyed_hash(t, hash_purpose::party, {"tel:+84901234567"});
  std::vector<std::jthread> threads;
  std::atomic<int> same = 0;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      const auto other = derive_tenant("other", "s");
      for (int k = 0; k < 200; ++k) {
        keyed_hash(other, hash_purpose::raw, {"x"});
        same += keyed_hash(t, hash_purpose::party, {"tel:+84901234567"}) == expected;
      }
    });
  threads.clear();
  EXPECT_EQ(same, 800);
}

// --- ids ---

const uuid name_space = *schemas::uuid_from_string("6c1f7a70-6d5e-4f0a-9b0e-2f6a0d9d3c11");

TEST(ids, are_uuids_of_version_8) {
  for (int i = 0; i < 200; ++i) {
    const auto id = event_id(name_space, std::to_string(i), "contact.message.received.v1", 0);
    EXPECT_EQ(id.bytes[6] >> 4, 8);
    EXPECT_EQ(id.bytes[8] >> 6, 2);
  }
}

TEST(ids, everything_that_makes_a_fact_makes_its_id) {
  const auto other_space = *schemas::uuid_from_string("6c1f7a70-6d5e-4f0a-9b0e-2f6a0d9d3c12");
  const std::string_view type = "contact.message.received.v1";
  const std::vector<std::string> ab_c{"ab", "c"}, a_bc{"a", "bc"};
  const auto at = schemas::timestamp(std::chrono::milliseconds(1));
  const std::set<uuid> all{
      event_id(name_space, "k", type, 0),
      event_id(other_space, "k", type, 0),
      event_id(name_space, "l", type, 0),
      event_id(name_space, "k", "contact.receipt.v1", 0),
      event_id(name_space, "k", type, 1),
      event_id(name_space, "kcontact.", "message.received.v1", 0),
      content_event_id(name_space, 1, ab_c, type, 0),
      content_event_id(name_space, 1, a_bc, type, 0),
      content_event_id(name_space, 2, ab_c, type, 0),
      content_event_id(name_space, 1, ab_c, type, 1),
      content_event_id(name_space, 1, {}, type, 0),
      unsupported_id(name_space, "k", 1, 0),
      unsupported_id(name_space, "", 1, 0),
      unsupported_id(name_space, "", 2, 0),
      quarantine_id(name_space, "POST", "/in", "body", whole_request),
      quarantine_id(name_space, "POST", "/in", "body", 0),
      quarantine_id(name_space, "GET", "/in", "body", 0),
      quarantine_id(name_space, "POST", "/inb", "ody", 0),
      raw_id(name_space, "POST", "/in", "body", {}),
      raw_id(name_space, "POST", "/in", "body", at),
      object_id("acme", "p", "x"),
      object_id("acme", "px", ""),
      object_id("acm", "ep", "x"),
      superseding_id(name_space, "1"),
      superseding_id(name_space, "2"),
  };
  EXPECT_EQ(all.size(), 25u);
  EXPECT_EQ(unsupported_id(name_space, "k", 1, 0), unsupported_id(name_space, "k", 2, 0))
      << "the provider's key names it";
}

// ids.tsv: what was published under these names stays what it is. A line that fails here would be a duplicate in every
// topic.
TEST(ids, the_committed_table_never_changes) {
  const auto made = [&] {
    const std::string_view message = "contact.message.received.v1";
    const std::vector<std::string> parts{"account-1", "tel:+84901234567"};
    const auto at = *schemas::timestamp_from_rfc3339("2026-11-22T09:15:04.412Z");
    std::vector<std::pair<std::string, uuid>> rows{
        {"event SM1 message.received 0", event_id(name_space, "SM1", message, 0)},
        {"event SM1 message.received 1", event_id(name_space, "SM1", message, 1)},
        {"event SM1 consent.changed 0", event_id(name_space, "SM1", "contact.consent.changed.v1", 0)},
        {"event with bytes", event_id(name_space, std::string_view("\0\xFF\n", 3), message, 4294967295u)},
        {"content", content_event_id(name_space, 0x0123456789ABCDEF, parts, message, 0)},
        {"content without parts", content_event_id(name_space, 1, {}, message, 0)},
        {"unsupported with key", unsupported_id(name_space, "SM1", 9, 0)},
        {"unsupported without key", unsupported_id(name_space, "", 9, 0)},
        {"quarantine whole", quarantine_id(name_space, "POST", "/in/sms", "{}", whole_request)},
        {"quarantine item 3", quarantine_id(name_space, "POST", "/in/sms", "{}", 3)},
        {"raw", raw_id(name_space, "POST", "/in/sms", "{}", at)},
        {"object", object_id("acme", "twilio", "SM1")},
        {"superseding", superseding_id(name_space, "2026-11-23")}};
    std::string text;
    for (const auto& [name, id] : rows) text += name + '\t' + schemas::to_string(id) + '\n';
    const auto t = derive_tenant("acme", "a secret of the tests, long enough");
    text += "conversation\t" + keyed_hash(t, hash_purpose::conversation, {"twilio", "account-1", "tel:+84901234567"}) +
            '\n';
    text += "party\t" + keyed_hash(t, hash_purpose::party, {"tel:+84901234567"}) + '\n';
    text += "raw hmac\t" + keyed_hash(t, hash_purpose::raw, {"{}"}) + '\n';
    return text;
  }();
  FILE* file = std::fopen(SWITCHBOARD_SOURCE_DIR "/tests/broker/intake/ids.tsv", "rb");
  ASSERT_NE(file, nullptr);
  std::string committed(8192, '\0');
  committed.resize(std::fread(committed.data(), 1, committed.size(), file));
  std::fclose(file);
  EXPECT_EQ(made, committed);
}

}  // namespace
}  // namespace switchboard::intake
