// Every sample of every connector: signed, verified and decoded, and fresh each time.
#include <gmock/gmock.h>

#include <algorithm>
#include <set>

#include "connectors/registry.hpp"
#include "schemas/codec.hpp"
#include "tests/connectors/support/request.hpp"

namespace switchboard::connectors {
namespace {

TEST(samples, of_every_connector_verify_and_decode) {
  std::size_t tried = 0;
  for (const connector* each : all()) {
    const auto source =
        tests::configure_file(SWITCHBOARD_SOURCE_DIR "/tests/connectors/" + tests::folder_of(*each) + "/source.json");
    ASSERT_EQ(source.connector, each);
    for (const sample& s : each->samples) {
      SCOPED_TRACE(std::string(each->name) + "/" + std::string(s.name));
      EXPECT_FALSE(s.description.empty());
      EXPECT_NE(std::ranges::find(each->methods, s.method), each->methods.end());
      std::set<std::string> keys;
      for (std::uint64_t counter = 0; counter < 20; ++counter) {
        const freshness fresh{.now = *schemas::timestamp_from_rfc3339("2026-05-05T10:00:00.5Z"),
                              .random = counter % 5,
                              .counter = counter};
        const auto out = each->sign(s, *source.prepared, "https://hooks.example.com/in/x", fresh);
        EXPECT_EQ(out.target.substr(0, 5), "/in/x");
        EXPECT_EQ(out.body.find("{{"), std::string::npos) << out.body;
        auto request = tests::request::from_outbound(out, "https://hooks.example.com", fresh.now);
        const auto became = tests::run(source, request);
        ASSERT_TRUE(became.authentic()) << to_string(std::get<rejected>(became.verdict).code);
        ASSERT_FALSE(became.decoded.whole) << became.decoded.whole->pointer;
        ASSERT_FALSE(became.decoded.items.empty());
        EXPECT_EQ(became.reply.status, 200);
        for (const item& i : became.decoded.items) {
          const auto* fact = std::get_if<contact>(&i);
          ASSERT_TRUE(fact) << std::get<item_rejected>(i).pointer;
          EXPECT_NE(std::ranges::find(each->emits, fact->event.type, &emission::type), each->emits.end());
          EXPECT_TRUE(
              keys.insert(fact->key + std::string(schemas::info(fact->event.type).name) + std::to_string(fact->ordinal))
                  .second)
              << "not fresh: " << fact->key;
        }
        if (each->posture.covers_body) {
          request.body += " ";
          EXPECT_FALSE(tests::run(source, request).authentic()) << "tampered";
        }
        request.headers.clear();
        request.target = "/in/x";
        request.public_url = "https://hooks.example.com/in/x";
        EXPECT_FALSE(tests::run(source, request).authentic()) << "without a credential";
        ++tried;
      }
    }
  }
  EXPECT_GE(tried, 20 * 3 * all().size() / 2);
}

}  // namespace
}  // namespace switchboard::connectors
