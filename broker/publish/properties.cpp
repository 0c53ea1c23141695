#include "broker/publish/properties.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "broker/publish/kafka.hpp"

namespace switchboard::publish {
namespace {

struct owned_property {
  std::string_view name, why;
};
// Each of these would break a promise if it were set otherwise.
constexpr std::array owned{
    owned_property{"enable.idempotence", "always on: without it a retry may duplicate and reorder"},
    owned_property{"enable.gapless.guarantee", "always on: a failed batch must not be overtaken"},
    owned_property{"acks", "always all: less loses acknowledged contacts"},
    owned_property{"request.required.acks", "always all: less loses acknowledged contacts"},
    owned_property{"message.timeout.ms", "always without end: a record that times out leaves a hole"},
    owned_property{"delivery.timeout.ms", "always without end: a record that times out leaves a hole"},
    owned_property{"retries", "always without end: a record that is given up leaves a hole"},
    owned_property{"message.send.max.retries", "always without end: a record that is given up leaves a hole"},
    owned_property{"max.in.flight.requests.per.connection", "follows from idempotence"},
    owned_property{"max.in.flight", "follows from idempotence"},
    owned_property{"transactional.id", "follows from the journal; say delivery: exactly_once"},
    owned_property{"transaction.timeout.ms", "say kafka.transaction_timeout"},
    owned_property{"partitioner", "always murmur2_random, so that Java and JavaScript clients place keys alike"},
    owned_property{"queuing.strategy", "always fifo: order per key"},
    owned_property{"message.max.bytes", "read from the topics"},
    owned_property{"queue.buffering.max.messages", "follows from the window"},
    owned_property{"queue.buffering.max.kbytes", "follows from the window"},
    owned_property{"delivery.report.only.error", "every delivery is counted"},
    owned_property{"produce.offset.report", "not used"},
    owned_property{"log.queue", "logs are taken as events"},
    owned_property{"enabled_events", "events are ours"},
    owned_property{"allow.auto.create.topics", "topics are never made in passing; run: switchboard topics create"},
    owned_property{"statistics.interval.ms", "see /metrics"},
    owned_property{"test.mock.num.brokers", "say kafka.embedded: true"},
    owned_property{"plugin.library.paths", "no foreign code in this process"},
};

constexpr std::array scram{"SCRAM-SHA-256", "SCRAM-SHA-512"};
constexpr int scram_works_from = 0x02060100;  // 2.6.1

bool is_secret(std::string_view name) {
  return name.contains("password") || name.contains("secret") || name.contains(".pem");
}

std::string version_text(int version) {
  return fmt::format("{}.{}.{}", (version >> 24) & 0xff, (version >> 16) & 0xff, (version >> 8) & 0xff);
}

void check_each(std::span<const std::pair<std::string, std::string>> properties, std::vector<property_problem>& found) {
  conf_handle scratch{rd_kafka_conf_new()};
  std::map<std::string_view, int> seen;
  for (const auto& [name, value] : properties) {
    if (++seen[name] == 2) found.push_back({name, "is set twice", "keep one"});
    if (auto known = std::ranges::find(owned, name, &owned_property::name); known != owned.end()) {
      found.push_back({name, "cannot be set", std::string(known->why)});
      continue;
    }
    std::array<char, 512> text{};
    switch (rd_kafka_conf_set(scratch.get(), name.c_str(), value.c_str(), text.data(), text.size())) {
      case RD_KAFKA_CONF_OK:
        break;
      case RD_KAFKA_CONF_UNKNOWN:
        found.push_back({name, "is not a property of librdkafka",
                         "https://github.com/confluentinc/librdkafka/blob/master/CONFIGURATION.md lists them"});
        break;
      default:
        // librdkafka's text repeats the value.
        found.push_back({name, is_secret(name) ? "has a value that librdkafka refuses" : std::string(text.data()),
                         "see librdkafka's CONFIGURATION.md"});
    }
  }
}

}  // namespace

bool is_property(std::string_view name) {
  conf_handle scratch{rd_kafka_conf_new()};
  std::array<char, 1> value{};
  std::size_t size = value.size();
  return rd_kafka_conf_get(scratch.get(), std::string(name).c_str(), value.data(), &size) != RD_KAFKA_CONF_UNKNOWN;
}

std::vector<property_problem> check_properties(std::span<const std::pair<std::string, std::string>> properties,
                                               publish::delivery delivery, bool embedded) {
  return check_properties(properties, delivery, embedded, rd_kafka_version());
}

std::vector<property_problem> check_properties(std::span<const std::pair<std::string, std::string>> properties,
                                               publish::delivery delivery, bool embedded, int library_version) {
  std::vector<property_problem> found;
  check_each(properties, found);

  const auto get = [&](std::string_view name) -> std::string_view {
    auto set = std::ranges::find(properties, name, [](const auto& p) { return std::string_view(p.first); });
    return set == properties.end() ? std::string_view{} : std::string_view(set->second);
  };
  const auto either = [&](std::string_view a, std::string_view b) { return get(a).empty() ? get(b) : get(a); };

  const auto servers = either("bootstrap.servers", "metadata.broker.list");
  if (embedded) {
    if (!servers.empty())
      found.push_back({"bootstrap.servers", "contradicts kafka.embedded: true", "keep one of them"});
    if (delivery == delivery::exactly_once)
      found.push_back({"", "the embedded broker keeps no transactions of ours over a restart",
                       "say delivery: idempotent, or name a Kafka in bootstrap.servers"});
  } else if (servers.empty()) {
    found.push_back({"bootstrap.servers", "is missing",
                     "name Kafka's brokers (host:port, …), or say kafka.embedded: true for development"});
  }

  std::string protocol(get("security.protocol"));
  std::ranges::transform(protocol, protocol.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (protocol.empty()) protocol = "plaintext";
  std::string mechanism(either("sasl.mechanism", "sasl.mechanisms"));
  std::ranges::transform(mechanism, mechanism.begin(),
                         [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  const bool sasl = protocol.starts_with("sasl");
  const bool tls = protocol.ends_with("ssl");
  for (const auto& [name, value] : properties) {
    if (name.starts_with("sasl.") && !sasl)
      found.push_back({name, fmt::format("has no effect with security.protocol={}", protocol),
                       "set security.protocol to SASL_SSL or SASL_PLAINTEXT"});
    if (name.starts_with("ssl.") && !tls)
      found.push_back({name, fmt::format("has no effect with security.protocol={}", protocol),
                       "set security.protocol to SSL or SASL_SSL"});
  }
  if (sasl && mechanism.empty())
    found.push_back(
        {"sasl.mechanism", fmt::format("is missing with security.protocol={}", protocol), "PLAIN, OAUTHBEARER, …"});
  if (sasl && (mechanism == "PLAIN" || mechanism.starts_with("SCRAM-")))
    for (std::string_view name : {"sasl.username", "sasl.password"})
      if (get(name).empty())
        found.push_back({std::string(name), fmt::format("is missing with sasl.mechanism={}", mechanism), "set it"});
  if (std::ranges::find(scram, mechanism) != scram.end() && library_version < scram_works_from)
    found.push_back({"sasl.mechanism",
                     fmt::format("{} fails against Kafka 4 with librdkafka {}: a fault of the library, mended in 2.6.1",
                                 mechanism, version_text(library_version)),
                     "use PLAIN over TLS or mutual TLS, or run with a newer librdkafka.so.1 (LD_LIBRARY_PATH)"});
  if (get("ssl.key.location").empty() != get("ssl.certificate.location").empty() &&
      get("ssl.keystore.location").empty())
    found.push_back({get("ssl.key.location").empty() ? "ssl.key.location" : "ssl.certificate.location",
                     "is missing: a key and a certificate go together", "set both, or none"});
  return found;
}

}  // namespace switchboard::publish
