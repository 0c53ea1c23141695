// What a user may say to librdkafka, and what he is told otherwise.
#include "broker/publish/properties.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace switchboard::publish {
namespace {

using properties = std::vector<std::pair<std::string, std::string>>;
constexpr int old_library = 0x020002ff, new_library = 0x02060100;

std::string told(properties p, publish::delivery d = delivery::idempotent, bool embedded = false,
                 int version = old_library) {
  std::string all;
  for (const auto& problem : check_properties(p, d, embedded, version))
    all += fmt::format("{}: {}; {}\n", problem.name, problem.message, problem.hint);
  return all;
}
const std::pair<std::string, std::string> server{"bootstrap.servers", "kafka:9092"};

TEST(publish_properties, a_plain_and_a_secured_cluster_pass) {
  EXPECT_EQ(told({server}), "");
  EXPECT_EQ(told({server, {"linger.ms", "5"}, {"compression.type", "lz4"}, {"client.rack", "a"}}), "");
  EXPECT_EQ(told({server,
                  {"security.protocol", "SASL_SSL"},
                  {"sasl.mechanism", "PLAIN"},
                  {"sasl.username", "u"},
                  {"sasl.password", "p"},
                  {"ssl.ca.location", "/ca.pem"}}),
            "");
}

TEST(publish_properties, unknown_names_and_values_out_of_range) {
  EXPECT_THAT(told({server, {"lingers", "5"}}), ::testing::HasSubstr("lingers: is not a property of librdkafka"));
  EXPECT_THAT(told({server, {"linger.ms", "-5"}}), ::testing::HasSubstr("linger.ms:"));
  EXPECT_THAT(told({server, {"compression.type", "rar"}}), ::testing::HasSubstr("compression.type:"));
  EXPECT_THAT(told({server, server}), ::testing::HasSubstr("is set twice"));
  EXPECT_TRUE(is_property("linger.ms"));
  EXPECT_FALSE(is_property("lingers"));
}

TEST(publish_properties, what_would_break_a_promise_cannot_be_set) {
  for (const char* name : {"acks", "enable.idempotence", "message.timeout.ms", "transactional.id", "partitioner",
                           "message.max.bytes", "max.in.flight", "retries", "enable.gapless.guarantee"})
    EXPECT_THAT(told({server, {name, "1"}}), ::testing::HasSubstr(std::string(name) + ": cannot be set")) << name;
}

TEST(publish_properties, contradictions) {
  EXPECT_THAT(told({}), ::testing::HasSubstr("bootstrap.servers: is missing"));
  EXPECT_THAT(told({server}, delivery::idempotent, true), ::testing::HasSubstr("contradicts kafka.embedded"));
  EXPECT_THAT(told({}, delivery::exactly_once, true), ::testing::HasSubstr("keeps no transactions"));
  EXPECT_EQ(told({}, delivery::idempotent, true), "");
  EXPECT_THAT(told({server, {"sasl.username", "u"}}),
              ::testing::HasSubstr("sasl.username: has no effect with security.protocol=plaintext"));
  EXPECT_THAT(told({server, {"ssl.ca.location", "/ca.pem"}}), ::testing::HasSubstr("ssl.ca.location: has no effect"));
  EXPECT_THAT(
      told({server, {"security.protocol", "sasl_plaintext"}, {"sasl.mechanism", "PLAIN"}, {"sasl.username", "u"}}),
      ::testing::HasSubstr("sasl.password: is missing"));
  EXPECT_THAT(told({server, {"security.protocol", "ssl"}, {"ssl.key.location", "/k"}}),
              ::testing::HasSubstr("ssl.certificate.location: is missing"));
}

TEST(publish_properties, scram_is_refused_by_the_library_at_hand) {
  const properties scram{server,
                         {"security.protocol", "SASL_SSL"},
                         {"sasl.mechanism", "SCRAM-SHA-512"},
                         {"sasl.username", "u"},
                         {"sasl.password", "p"}};
  EXPECT_THAT(told(scram), ::testing::HasSubstr("SCRAM-SHA-512 fails against Kafka 4 with librdkafka 2.0.2"));
  EXPECT_THAT(told(scram), ::testing::HasSubstr("2.6.1"));
  EXPECT_EQ(told(scram, delivery::idempotent, false, new_library), "");
}

TEST(publish_properties, secrets_are_not_repeated) {
  EXPECT_THAT(told({server, {"ssl.key.password", std::string(3, '\0') + "secret"}, {"security.protocol", "ssl"}}),
              ::testing::Not(::testing::HasSubstr("secret")));
}

}  // namespace
}  // namespace switchboard::publish
