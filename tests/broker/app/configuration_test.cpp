#include "broker/app/configuration.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

namespace switchboard::app {
namespace {

using namespace std::chrono_literals;

std::optional<std::string> environment(const std::string& name) {
  if (name == "TENANT") return "0123456789abcdef";
  if (name == "KEY") return "device-key-0123";
  return std::nullopt;
}

load_result parse_text(const std::string& text, bool without_secrets = false) {
  return parse(text, "sw.yaml", {without_secrets, environment});
}

std::vector<std::string> problems(const std::string& text) {
  const auto result = parse_text(text);
  std::vector<std::string> said;
  if (!result)
    for (const auto& d : result.error()) said.push_back(config::to_string(d));
  return said;
}

// Lines 1 to 3 of most files below.
const std::string base =
    "journal: {directory: /tmp/j}\n"
    "kafka: {embedded: true}\n"
    "tenants: [{id: acme, secret: \"${TENANT}\"}]\n";
const std::string kiosk =
    "sources:\n"
    "  - id: store\n"
    "    connector: kiosk\n"
    "    tenant: acme\n"
    "    credentials: [{device: d1, key: \"${KEY}\"}]\n";

TEST(configuration, of_little_has_the_defaults_of_the_components) {
  const auto c = parse_text(base + kiosk);
  ASSERT_TRUE(c) << testing::PrintToString(problems(base + kiosk));
  EXPECT_EQ(c->intake.address, "127.0.0.1");
  EXPECT_EQ(c->intake.port, 8080);
  EXPECT_EQ(c->admin.port, 9090);
  const net::http_limits limits;
  EXPECT_EQ(c->intake.limits.header_bytes, limits.header_bytes);
  EXPECT_EQ(c->intake.limits.headers, limits.headers);
  EXPECT_EQ(c->intake.limits.target_bytes, limits.target_bytes);
  EXPECT_EQ(c->intake.limits.connections, limits.connections);
  EXPECT_EQ(c->intake.limits.connections_per_address, limits.connections_per_address);
  EXPECT_EQ(c->intake.limits.bytes_in_flight, limits.bytes_in_flight);
  EXPECT_EQ(c->intake.limits.idle, limits.idle);
  EXPECT_EQ(c->intake.limits.reply, limits.reply);
  const journal::settings journal;
  EXPECT_EQ(c->journal.mode, journal.mode);
  EXPECT_EQ(c->journal.max_bytes, journal.max_bytes);
  EXPECT_EQ(c->journal.segment_bytes, journal.segment_bytes);
  EXPECT_EQ(c->journal.queue_bytes, journal.queue_bytes);
  EXPECT_EQ(c->journal.commit_interval, journal.commit_interval);
  EXPECT_EQ(c->journal.dedupe_window, journal.dedupe_window);
  EXPECT_EQ(c->journal.longest_stop, journal.longest_stop);
  EXPECT_EQ(c->journal.dedupe_memory, journal.dedupe_memory);
  EXPECT_EQ(c->journal.sequence_scopes, journal.sequence_scopes);
  EXPECT_EQ(c->journal.sequence_age, journal.sequence_age);
  EXPECT_EQ(c->journal.reserved_share, journal.reserved_share);
  const publish::settings publish;
  EXPECT_TRUE(c->publish.embedded);
  EXPECT_EQ(c->publish.delivery, publish.delivery);
  EXPECT_EQ(c->publish.content, publish.content);
  EXPECT_EQ(c->publish.transaction_timeout, publish.transaction_timeout);
  EXPECT_EQ(c->publish.commit_interval, publish.commit_interval);
  EXPECT_EQ(c->publish.heartbeat, publish.heartbeat);
  EXPECT_EQ(c->publish.checkpoint_directory, "/tmp/j");
  ASSERT_EQ(c->publish.topics.size(), 6u);
  EXPECT_EQ(c->publish.topics[0].kafka, "contacts.inbound.v1");
  EXPECT_EQ(c->publish.topics[5].kafka, "contacts.dead-letter.v1");
  EXPECT_EQ(c->blobs.directory, "/tmp/j/blobs");
  EXPECT_EQ(c->blobs.retention_days, blobs::local_settings{}.retention_days);
  EXPECT_EQ(c->drain, 30s);
  EXPECT_TRUE(c->warnings.empty());

  ASSERT_EQ(c->sources.size(), 1u);
  const auto& s = *c->sources[0];
  EXPECT_EQ(s.path, "/in/store");
  EXPECT_EQ(s.tenant->id, "acme");
  EXPECT_EQ(s.connector->name, "kiosk");
  EXPECT_NE(s.prepared, nullptr);
  EXPECT_EQ(s.limits.body_bytes, s.connector->limits.body_bytes);
  EXPECT_EQ(s.skew_allowed, 5min);
  EXPECT_EQ(s.name_space, make_namespace("store"));
}

TEST(configuration, wants_segments_that_hold_the_largest_request) {
  const std::string small =
      "journal: {directory: /tmp/j, segment_size: 1MiB}\n"
      "kafka: {embedded: true}\n"
      "tenants: [{id: acme, secret: \"${TENANT}\"}]\n";
  EXPECT_EQ(
      problems(small + kiosk),
      std::vector<std::string>{
          "sw.yaml:1:44: a request of the source 'store' may need 37MiB, more than a segment of the journal holds; "
          "write journal.segment_size: 37MiB, or make limits.body_bytes (8MiB) and limits.items (1000) of the "
          "source smaller"});
  EXPECT_TRUE(problems(small + kiosk + "    limits: {body_bytes: 64KiB, items: 48}\n").empty());
  EXPECT_EQ(
      problems(base + kiosk + "    limits: {body_bytes: 24MiB}\n"),
      std::vector<std::string>{
          "sw.yaml:9:13: a request of the source 'store' may need 85MiB, more than a segment of the journal holds; "
          "write journal.segment_size: 85MiB, or make limits.body_bytes (24MiB) and limits.items (1000) of the "
          "source smaller"});
  auto enough = small;
  enough.replace(enough.find("1MiB"), 4, "37MiB");
  EXPECT_TRUE(problems(enough + kiosk).empty());
}

TEST(configuration, binds_what_is_written) {
  const auto c = parse_text(
      "listen: {address: \"::\", port: 1, threads: 3, trusted_proxies: [10.0.0.0/8], limits: {headers: 50, idle: 5s}}\n"
      "admin: {port: 2, blob_tokens: {acme: \"${KEY}\"}}\n"
      "journal: {directory: /j, max_size: 1GiB, dedupe_window: 3d, reserved_share: 0.25}\n"
      "blobs: {directory: /b, retention: 40d}\n"
      "kafka:\n"
      "  bootstrap.servers: k:9092\n"
      "  linger.ms: 3\n"
      "  delivery: exactly_once\n"
      "  acknowledge: both\n"
      "  content: structured\n"
      "  topics: {inbound: in.v1, complaints: complaints.v1}\n"
      "tenants: [{id: acme, secret: \"${TENANT}\"}, {id: other, secret: abcdefghijklmnop}]\n"
      "sources:\n"
      "  - id: store\n"
      "    connector: kiosk\n"
      "    namespace: old-store\n"
      "    tenant: acme\n"
      "    accounts: {d1: other}\n"
      "    path: /devices\n"
      "    public_url: https://hooks.example.com\n"
      "    credentials: {device: d1, key: \"${KEY}\"}\n"
      "    settings: {timezone: Europe/Berlin}\n"
      "    limits: {items: 5, body_bytes: 64KiB}\n"
      "    key: party\n"
      "    store_raw: true\n"
      "    rules:\n"
      "      - {name: late, when: {category: complaint, channel: [kiosk, sms]}, priority: high, due_within: 1h, "
      "also_to: complaints}\n"
      "log: {format: json, level: warning}\n"
      "drain: 5s\n");
  ASSERT_TRUE(c) << config::to_string(c.error().at(0));
  EXPECT_EQ(c->intake.address, "::");
  EXPECT_EQ(c->intake.threads, 3);
  EXPECT_EQ(c->intake.limits.headers, 50u);
  EXPECT_EQ(c->intake.limits.idle, 5s);
  EXPECT_EQ(c->blob_tokens.at(0), (std::pair<std::string, std::string>{"acme", "device-key-0123"}));
  EXPECT_EQ(c->journal.mode, journal::acknowledge::both);
  EXPECT_EQ(c->journal.max_bytes, 1u << 30);
  EXPECT_EQ(c->journal.dedupe_window, 72h);
  EXPECT_EQ(c->blobs.retention_days, 40);
  EXPECT_EQ(c->publish.delivery, publish::delivery::exactly_once);
  EXPECT_EQ(c->publish.content, publish::content_mode::structured);
  EXPECT_EQ(c->publish.topics.at(0).kafka, "in.v1");
  EXPECT_EQ(c->publish.topics.at(6).logical, "complaints");
  const std::pair<std::string, std::string> linger{"linger.ms", "3"};
  EXPECT_NE(std::ranges::find(c->publish.properties, linger), c->publish.properties.end());
  EXPECT_EQ(c->log, observe::log_format::json);
  EXPECT_EQ(c->log_level, observe::level::warning);
  EXPECT_EQ(c->drain, 5s);
  const auto& s = *c->sources.at(0);
  EXPECT_EQ(s.path, "/devices");
  EXPECT_EQ(s.name_space, make_namespace("old-store"));
  EXPECT_EQ(s.accounts.at("d1")->id, "other");
  EXPECT_EQ(s.tenant->id, "acme");
  EXPECT_EQ(s.limits.items, 5u);
  EXPECT_EQ(s.limits.body_bytes, 65536u);
  EXPECT_EQ(s.key, intake::key_by::party);
  EXPECT_TRUE(s.store_raw);
  ASSERT_EQ(s.rules.size(), 1u);
  EXPECT_EQ(s.rules[0].when.at(1).any_of, (std::vector<std::string>{"kiosk", "sms"}));
  EXPECT_EQ(s.rules[0].due_within, 1h);
  EXPECT_EQ(s.rules[0].also_to, std::vector<std::string>{"complaints"});
}

struct wrong {
  const char* name;
  std::string yaml;
  std::vector<std::string> said;
};
void PrintTo(const wrong& w, std::ostream* out) { *out << w.name; }
class configuration_diagnostics : public testing::TestWithParam<wrong> {};
TEST_P(configuration_diagnostics, name_the_place) { EXPECT_EQ(problems(GetParam().yaml), GetParam().said); }

const std::string twice =
    "  - id: store\n"
    "    connector: kiosk\n"
    "    tenant: acme\n"
    "    credentials: [{device: d2, key: \"${KEY}\"}]\n";

INSTANTIATE_TEST_SUITE_P(
    table, configuration_diagnostics,
    testing::Values(
        wrong{"unknown_connector",
              base + "sources:\n  - {id: a, connector: kisok, tenant: acme}\n",
              {"sw.yaml:5:24: there is no connector 'kisok'; did you mean 'kiosk'?"}},
        wrong{"unknown_tenant",
              base + "sources:\n  - {id: a, connector: kiosk, tenant: acne, credentials: [{device: d, key: k}]}\n",
              {"sw.yaml:5:39: the tenant 'acne' is not configured; did you mean 'acme'?"}},
        wrong{"no_tenant",
              base + "sources:\n  - {id: a, connector: kiosk, credentials: [{device: d, key: k}]}\n",
              {"sw.yaml:5:10: the source 'a' has no tenant; give 'tenant' when all contacts belong to one, 'accounts' "
               "when the provider's account decides"}},
        wrong{"no_credentials",
              base + "sources:\n  - {id: a, connector: kiosk, tenant: acme}\n",
              {"sw.yaml:5:10: the source 'a' has no credentials; without them anyone gets in; write credentials: with "
               "the keys that the "
               "configuration reference names"}},
        wrong{
            "secret_not_set",
            base +
                "sources:\n  - {id: a, connector: kiosk, tenant: acme, credentials: [{device: d, key: \"${NOPE}\"}]}\n",
            {"sw.yaml:5:76: the environment variable NOPE is not set; set it, or write ${file:/path}"}},
        wrong{"credential_key",
              base +
                  "sources:\n  - {id: a, connector: kiosk, tenant: acme, credentials: [{device: d, kee: x, key: k}]}\n",
              {"sw.yaml:5:76: 'kee' is not known here; known: device, key"}},
        wrong{"source_twice",
              base + kiosk + twice,
              {"sw.yaml:9:9: the source id 'store' is used twice; the first is in line 5",
               "sw.yaml:9:9: the path '/in/store' is used twice; the first is in line 5"}},
        wrong{"bad_path",
              base + "sources:\n  - {id: a, connector: kiosk, tenant: acme, path: in/a, credentials: [{device: d, key: "
                     "k}]}\n",
              {"sw.yaml:5:51: this is no path; write one that begins with '/', without query, such as /in/store-7"}},
        wrong{"bad_public_url",
              base + "sources:\n  - {id: a, connector: kiosk, tenant: acme, public_url: \"https://h/x\", credentials: "
                     "[{device: d, key: k}]}\n",
              {"sw.yaml:5:57: this is no scheme and host; write https://hooks.example.com, without a path: the path of "
               "the request is added"}},
        wrong{"rule_field",
              base + "sources:\n  - {id: a, connector: kiosk, tenant: acme, credentials: [{device: d, key: k}], rules: "
                     "[{name: r, when: {chanel: sms}}]}\n",
              {"sw.yaml:5:106: a rule has no field 'chanel'; did you mean 'channel'?"}},
        wrong{"rule_topic",
              base + "sources:\n  - {id: a, connector: kiosk, tenant: acme, credentials: [{device: d, key: k}], rules: "
                     "[{name: r, when: {channel: sms}, also_to: [x]}]}\n",
              {"sw.yaml:5:130: the topic 'x' is not configured; add it under kafka.topics"}},
        wrong{"no_kafka",
              "journal: {directory: /j}\nkafka: {}\ntenants: [{id: acme, secret: \"${TENANT}\"}]\n" + kiosk,
              {"sw.yaml:2:8: 'bootstrap.servers' is missing; name Kafka's brokers (host:port, …), or say "
               "kafka.embedded: true for development"}},
        wrong{"kafka_missing",
              "journal: {directory: /j}\ntenants: [{id: acme, secret: \"${TENANT}\"}]\n" + kiosk,
              {"sw.yaml:1:1: 'kafka' is missing in 'configuration'; Where events go: a Kafka address, or `embedded: "
               "true` for development."}},
        wrong{"short_secret",
              "journal: {directory: /j}\nkafka: {embedded: true}\ntenants: [{id: acme, secret: short}]\n" + kiosk,
              {"sw.yaml:3:30: the secret is shorter than 16 characters; make one with: openssl rand -hex 32"}},
        wrong{"topic_name",
              "journal: {directory: /j}\nkafka: {embedded: true, topics: {inbound: \"a b\"}}\ntenants: [{id: acme, "
              "secret: \"${TENANT}\"}]\n" +
                  kiosk,
              {"sw.yaml:2:43: 'a b' is no name of a topic; use letters, digits, '.', '_' and '-', at most 249"}},
        wrong{"address",
              "listen: {address: localhost}\n" + base + kiosk,
              {"sw.yaml:1:19: 'localhost' is no IP address; write 127.0.0.1, 0.0.0.0 or ::"}},
        wrong{"same_port",
              "listen: {port: 9090}\n" + base + kiosk,
              {"sw.yaml: the admin listener has the address and port of 'listen'; give it another port"}},
        wrong{"network",
              "listen: {trusted_proxies: [10.0.0.0/99]}\n" + base + kiosk,
              {"sw.yaml:1:27: '10.0.0.0/99' is no network; write CIDR, such as 10.0.0.0/8 or ::1/128"}},
        wrong{"certificate",
              base + kiosk + "tls: {certificate: /nonexistent.pem, key: /nonexistent.key}\n",
              {"sw.yaml:9:20: the file /nonexistent.pem cannot be read; check the path and its permissions",
               "sw.yaml:9:43: the file /nonexistent.key cannot be read; check the path and its permissions"}},
        wrong{"no_certificate",
              base + kiosk + "tls: {certificate: /dev/null, key: /dev/null}\n",
              {"sw.yaml:9:20: cannot read the certificate from /dev/null: no start line; give a PEM file"}},
        wrong{"nobody_to_check_clients",
              base + kiosk + "tls: {certificate: /dev/null, key: /dev/null, require_client: true}\n",
              {"sw.yaml:9:63: clients cannot be checked; name the authorities under tls.client_ca"}},
        wrong{"blob_token",
              "admin: {blob_tokens: {nobody: \"${KEY}\"}}\n" + base + kiosk,
              {"sw.yaml:1:22: the tenant 'nobody' is not configured; add it under tenants"}},
        wrong{"several",
              base + "sources:\n  - {id: a b, connector: kisok, tenant: acme}\ndrian: 5s\n",
              {"sw.yaml:5:10: this is no name of a source; use letters, digits, '-' and '_', at most 64",
               "sw.yaml:5:26: there is no connector 'kisok'; did you mean 'kiosk'?",
               "sw.yaml:6:1: unknown key 'drian' in 'configuration'; did you mean 'drain'?"}}),
    [](const auto& i) { return std::string(i.param.name); });

TEST(configuration, refuses_what_the_promise_rests_on) {
  const auto said = problems(
      "journal: {directory: /j}\nkafka: {bootstrap.servers: \"k:1\", enable.idempotence: false}\ntenants: [{id: acme, "
      "secret: \"${TENANT}\"}]\n" +
      kiosk);
  ASSERT_EQ(said.size(), 1u);
  EXPECT_TRUE(said[0].starts_with("sw.yaml:2:35: 'enable.idempotence' ")) << said[0];
}

TEST(configuration, shows_no_secret_in_a_diagnostic) {
  for (const auto& line :
       problems("journal: {directory: /j, max_size: \"${TENANT}\"}\nkafka: {bootstrap.servers: k, linger.ms: "
                "\"${KEY}\", sasl.password: \"${KEY}\"}\ntenants: [{id: acme, secret: \"${TENANT}\"}]\n" +
                kiosk)) {
    EXPECT_EQ(line.find("device-key-0123"), std::string::npos) << line;
    EXPECT_EQ(line.find("0123456789abcdef"), std::string::npos) << line;
  }
}

TEST(configuration, warns_about_what_can_lose) {
  const auto c = parse_text(
      "journal: {directory: /j}\nblobs: {retention: 5d}\nkafka: {bootstrap.servers: \"k:1\", replication_factor: 1, "
      "min_insync_replicas: 1}\ntenants: [{id: acme, secret: \"${TENANT}\"}]\n" +
      kiosk);
  ASSERT_TRUE(c);
  std::vector<std::string> said;
  for (const auto& d : c->warnings) said.push_back(config::to_string(d));
  EXPECT_EQ(said, (std::vector<std::string>{"sw.yaml:2:20: warning: attachments expire before the records that refer "
                                            "to them; make blobs.retention at least kafka.retention",
                                            "sw.yaml:3:55: warning: a replication factor of 1 can lose acknowledged "
                                            "records with one broker; use 3 and min_insync_replicas 2"}));
}

TEST(configuration, needs_no_secret_for_work_that_verifies_nothing) {
  const auto text =
      "journal: {directory: /j}\nkafka: {bootstrap.servers: \"${K}\"}\ntenants: [{id: acme, secret: "
      "\"${T}\"}]\nlisten: {port: \"${P}\"}\n" +
      kiosk;
  EXPECT_FALSE(parse_text(text));
  const auto c = parse_text(text, true);
  ASSERT_TRUE(c) << config::to_string(c.error().at(0));
  EXPECT_NE(c->sources.at(0)->prepared, nullptr);
}

TEST(configuration, tells_a_change_by_the_digest_of_its_section) {
  const auto a = parse_text(base + kiosk + "drain: 5s\nadmin: {port: 1, blob_tokens: {acme: x}}\n");
  const auto b = parse_text(base + kiosk + "drain: 6s\nadmin: {port: 1, blob_tokens: {acme: y}}\n");
  ASSERT_TRUE(a && b);
  const auto digest = [](const configuration& c, std::string_view name) {
    return std::ranges::find(c.sections, name, &std::pair<std::string, std::size_t>::first)->second;
  };
  EXPECT_NE(digest(*a, "drain"), digest(*b, "drain"));
  EXPECT_EQ(digest(*a, "admin"), digest(*b, "admin"));
  EXPECT_EQ(digest(*a, "kafka"), digest(*b, "kafka"));
  EXPECT_EQ(std::ranges::find(a->sections, "sources", &std::pair<std::string, std::size_t>::first), a->sections.end());
}

TEST(configuration, makes_name_spaces_that_never_change) {
  EXPECT_EQ(schemas::to_string(make_namespace("11111111-2222-8333-8444-555555555555")),
            "11111111-2222-8333-8444-555555555555");
  EXPECT_EQ(schemas::to_string(make_namespace("store")), "ef57e3f5-34ab-8b86-8df6-ad6058023892");
}

TEST(reference, is_the_committed_page) {
  std::ifstream in(SWITCHBOARD_SOURCE_DIR "/docs/configuration.md");
  const std::string page{std::istreambuf_iterator<char>(in), {}};
  EXPECT_EQ(page, reference_markdown()) << "make it again: switchboard check --reference > docs/configuration.md";
}

}  // namespace
}  // namespace switchboard::app
