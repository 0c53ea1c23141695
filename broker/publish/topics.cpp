#include "broker/publish/topics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

#include "broker/publish/errors.hpp"
#include "broker/publish/kafka.hpp"

namespace switchboard::publish {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

int remaining(steady_clock::time_point deadline) {
  const auto left = std::chrono::duration_cast<milliseconds>(deadline - steady_clock::now());
  return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 60'000));
}

std::vector<property> config_of(const topic_settings& t) {
  const auto retention = t.retention < milliseconds(0) ? std::int64_t{-1} : std::int64_t{t.retention.count()};
  std::vector<property> config{{"min.insync.replicas", std::to_string(t.min_insync)},
                               {"retention.ms", std::to_string(retention)},
                               {"cleanup.policy", t.cleanup_policy},
                               {"max.message.bytes", std::to_string(t.max_message_bytes)},
                               {"message.timestamp.type", "CreateTime"}};
  if (t.segment_bytes) config.emplace_back("segment.bytes", std::to_string(*t.segment_bytes));
  return config;
}

void compare(const topic_settings& wanted, const topic_facts& found, topics_report& report) {
  const auto differs = [&](std::string setting, std::string want, std::string have) {
    if (want != have) report.differences.push_back({wanted.name, std::move(setting), std::move(want), std::move(have)});
  };
  differs("partitions", std::to_string(wanted.partitions), std::to_string(found.partitions));
  differs("replication", std::to_string(wanted.replication), std::to_string(found.replication));
  if (found.config.empty())
    report.warnings.push_back(
        fmt::format("the settings of {} cannot be read: grant our user DESCRIBE_CONFIGS on it", wanted.name));
  else
    for (const auto& [name, value] : config_of(wanted))
      if (auto have = found.config.find(name); have != found.config.end()) differs(name, value, have->second);

  if (found.replication < 3)
    report.warnings.push_back(fmt::format("{} has {} {}: what Kafka acknowledged is lost with a machine; use 3",
                                          wanted.name, found.replication, found.replication == 1 ? "copy" : "copies"));
  if (auto in_sync = found.config.find("min.insync.replicas"); in_sync != found.config.end() && in_sync->second == "1")
    report.warnings.push_back(
        fmt::format("{} has min.insync.replicas=1: Kafka acknowledges with one copy; use 2", wanted.name));
}

class admin_client final : public topics_admin {
 public:
  explicit admin_client(client c) : client_(std::move(c)), answers_(rd_kafka_queue_new(client_.raw())) {}

  std::expected<cluster_facts, admin_error> look(std::span<const std::string> topics, bool with_config,
                                                 milliseconds limit) override {
    const auto deadline = steady_clock::now() + limit;
    cluster_facts facts;
    for (const auto& name : topics) {
      auto found = look_at(name, facts, deadline);
      if (!found) return std::unexpected(std::move(found.error()));
      facts.topics.push_back(std::move(*found));
    }
    if (char* id = rd_kafka_clusterid(client_.raw(), remaining(deadline)); id != nullptr) {
      facts.id = id;
      rd_kafka_mem_free(client_.raw(), id);
    } else {
      return std::unexpected(failure(RD_KAFKA_RESP_ERR__TRANSPORT));
    }
    if (with_config)
      if (auto read = read_config(facts.topics, std::min(deadline, steady_clock::now() + limit / 3)); !read)
        return std::unexpected(std::move(read.error()));
    client_.drain();
    return facts;
  }

  std::expected<topics_report, admin_error> verify(std::span<const topic_settings> wanted,
                                                   milliseconds limit) override {
    std::vector<std::string> names;
    for (const auto& t : wanted) names.push_back(t.name);
    auto facts = look(names, true, limit);
    if (!facts) return std::unexpected(std::move(facts.error()));
    topics_report report;
    for (std::size_t i = 0; i < wanted.size(); ++i)
      if (const auto& found = facts->topics[i]; !found.exists)
        report.missing.push_back(wanted[i].name);
      else
        compare(wanted[i], found, report);
    return report;
  }

  std::expected<topics_report, admin_error> create_missing(std::span<const topic_settings> wanted,
                                                           milliseconds limit) override {
    const auto deadline = steady_clock::now() + limit;
    auto before = verify(wanted, limit);
    if (!before || before->missing.empty()) return before;
    std::vector<new_topic_handle> wishes;
    for (const auto& t : wanted) {
      if (std::ranges::find(before->missing, t.name) == before->missing.end()) continue;
      std::array<char, 256> text{};
      new_topic_handle wish{
          rd_kafka_NewTopic_new(t.name.c_str(), t.partitions, t.replication, text.data(), text.size())};
      if (!wish) return std::unexpected(admin_error{RD_KAFKA_RESP_ERR__INVALID_ARG, t.name + ": " + text.data()});
      for (const auto& [name, value] : config_of(t))
        rd_kafka_NewTopic_set_config(wish.get(), name.c_str(), value.c_str());
      wishes.push_back(std::move(wish));
    }
    std::vector<admin_error> refused;
    for (const auto& [name, code, text] : request(wishes, deadline))
      if (code != RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) refused.push_back({code, fmt::format("{}: {}", name, text)});

    // The answer may be lost although the topics were made, and the brokers learn of a new topic one by one: look
    // again.
    for (;;) {
      auto after = verify(wanted, milliseconds(remaining(deadline)));
      if (!after) return after;
      if (after->missing.empty()) {
        after->created = std::move(before->missing);
        return after;
      }
      const bool lost = std::ranges::any_of(refused, [](const auto& r) {
        return r.code == RD_KAFKA_RESP_ERR__TRANSPORT || r.code == RD_KAFKA_RESP_ERR__TIMED_OUT;
      });
      if ((!refused.empty() && !lost) || remaining(deadline) == 0)
        return std::unexpected(!refused.empty() ? refused.front()
                                                : admin_error{RD_KAFKA_RESP_ERR__TIMED_OUT,
                                                              "Kafka did not show the new topics in time: look again"});
      if (auto event = event_handle{rd_kafka_queue_poll(client_.queue(), std::min(100, remaining(deadline)))};
          event && rd_kafka_event_type(event.get()) == RD_KAFKA_EVENT_LOG)
        write_log(event.get());
    }
  }

 private:
  admin_error failure(rd_kafka_resp_err_t code) {
    // The reason lies among the error events, and each is told but once: a transport error of a broker that refused our
    // password says little.
    const auto telling = [](rd_kafka_resp_err_t c) {
      return c == RD_KAFKA_RESP_ERR__AUTHENTICATION || c == RD_KAFKA_RESP_ERR__SSL || c == RD_KAFKA_RESP_ERR__RESOLVE;
    };
    for (auto& error : client_.drain())
      if (error.code != RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN && (telling(error.code) || !telling(last_.code)))
        last_ = std::move(error);
    const client_error told{telling(last_.code) ? last_.code : code, last_.text};
    return {told.code, advice(told.code, "", told.text)};
  }

  std::expected<topic_facts, admin_error> look_at(const std::string& name, cluster_facts& facts,
                                                  steady_clock::time_point deadline) {
    topic_handle handle{rd_kafka_topic_new(client_.raw(), name.c_str(), nullptr)};
    if (!handle) return std::unexpected(admin_error{RD_KAFKA_RESP_ERR__INVALID_ARG, name + ": not a name of a topic"});
    const rd_kafka_metadata_t* raw = nullptr;
    const auto code = rd_kafka_metadata(client_.raw(), 0, handle.get(), &raw, remaining(deadline));
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return std::unexpected(failure(code));
    last_ = {};
    metadata_handle metadata{raw};
    facts.brokers = metadata->broker_cnt;
    topic_facts found{.name = name, .problem = {}, .config = {}};
    if (metadata->topic_cnt != 1) return found;
    const auto& topic = metadata->topics[0];
    switch (topic.err) {
      case RD_KAFKA_RESP_ERR_NO_ERROR:
      case RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE:
        break;
      case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
        return found;
      default:
        found.problem = advice(topic.err, name, rd_kafka_err2str(topic.err));
    }
    found.exists = true;
    found.partitions = topic.partition_cnt;
    if (topic.partition_cnt > 0) found.replication = topic.partitions[0].replica_cnt;
    return found;
  }

  std::expected<void, admin_error> read_config(std::vector<topic_facts>& topics, steady_clock::time_point deadline) {
    std::vector<config_handle> resources;
    for (const auto& t : topics)
      if (t.exists) resources.emplace_back(rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, t.name.c_str()));
    if (resources.empty()) return {};
    std::vector<rd_kafka_ConfigResource_t*> raw;
    for (const auto& r : resources) raw.push_back(r.get());
    auto options = options_for(RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, deadline);
    rd_kafka_DescribeConfigs(client_.raw(), raw.data(), raw.size(), options.get(), answers_.get());
    event_handle answer{rd_kafka_queue_poll(answers_.get(), remaining(deadline) + 500)};
    if (!answer) return {};
    if (auto code = rd_kafka_event_error(answer.get())) {
      // A broker that does not know the request or has no controller to answer it, such as the mock.
      if (code == RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE || code == RD_KAFKA_RESP_ERR__TIMED_OUT) return {};
      return std::unexpected(failure(code));
    }
    const auto* result = rd_kafka_event_DescribeConfigs_result(answer.get());
    std::size_t count = 0;
    const auto* described = rd_kafka_DescribeConfigs_result_resources(result, &count);
    for (std::size_t i = 0; i < count; ++i) {
      if (rd_kafka_ConfigResource_error(described[i]) != RD_KAFKA_RESP_ERR_NO_ERROR) continue;
      auto topic =
          std::ranges::find(topics, std::string_view(rd_kafka_ConfigResource_name(described[i])), &topic_facts::name);
      if (topic == topics.end()) continue;
      std::size_t entries = 0;
      const auto* entry = rd_kafka_ConfigResource_configs(described[i], &entries);
      for (std::size_t j = 0; j < entries; ++j)
        if (const char* value = rd_kafka_ConfigEntry_value(entry[j]); value != nullptr)
          topic->config.emplace(rd_kafka_ConfigEntry_name(entry[j]), value);
    }
    return {};
  }

  struct refusal {
    std::string topic;
    rd_kafka_resp_err_t code;
    std::string text;
  };
  std::vector<refusal> request(std::span<const new_topic_handle> wishes, steady_clock::time_point deadline) {
    std::vector<rd_kafka_NewTopic_t*> raw;
    for (const auto& w : wishes) raw.push_back(w.get());
    auto options = options_for(RD_KAFKA_ADMIN_OP_CREATETOPICS, deadline);
    rd_kafka_CreateTopics(client_.raw(), raw.data(), raw.size(), options.get(), answers_.get());
    event_handle answer{rd_kafka_queue_poll(answers_.get(), remaining(deadline) + 500)};
    if (!answer) return {{"topics", RD_KAFKA_RESP_ERR__TIMED_OUT, "no answer"}};
    if (auto code = rd_kafka_event_error(answer.get()))
      return {{"topics", code, rd_kafka_event_error_string(answer.get())}};
    std::vector<refusal> refused;
    std::size_t count = 0;
    const auto* topics = rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(answer.get()), &count);
    for (std::size_t i = 0; i < count; ++i)
      if (auto code = rd_kafka_topic_result_error(topics[i]); code != RD_KAFKA_RESP_ERR_NO_ERROR) {
        const char* text = rd_kafka_topic_result_error_string(topics[i]);
        refused.push_back(
            {rd_kafka_topic_result_name(topics[i]), code, text == nullptr ? rd_kafka_err2str(code) : text});
      }
    return refused;
  }

  options_handle options_for(rd_kafka_admin_op_t operation, steady_clock::time_point deadline) {
    options_handle options{rd_kafka_AdminOptions_new(client_.raw(), operation)};
    std::array<char, 256> text{};
    rd_kafka_AdminOptions_set_request_timeout(options.get(), std::max(remaining(deadline), 1), text.data(),
                                              text.size());
    return options;
  }

  client client_;
  queue_handle answers_;
  client_error last_{RD_KAFKA_RESP_ERR_NO_ERROR, {}};
};

}  // namespace

std::vector<topic_settings> wanted_topics(std::span<const topic> topics, const topic_settings& defaults) {
  std::vector<topic_settings> wanted;
  for (const auto& t : topics) {
    wanted.push_back(defaults);
    wanted.back().name = t.kafka;
    if (t.logical == "dead_letter") wanted.back().max_message_bytes = defaults.max_message_bytes * 2;
  }
  return wanted;
}

topic_settings checkpoint_topic(const schemas::uuid& journal, int replication) {
  return {.name = "switchboard.checkpoint." + schemas::to_string(journal),
          .partitions = 1,
          .replication = replication,
          .min_insync = replication >= 3 ? 2 : 1,
          .retention = milliseconds(-1),
          .cleanup_policy = "compact",
          .segment_bytes = 16 << 20};  // only closed segments are compacted, and a start reads what is left
}

std::optional<std::int64_t> topic_facts::max_message_bytes() const {
  auto found = config.find("max.message.bytes");
  std::int64_t bytes = 0;
  if (found == config.end() ||
      std::from_chars(found->second.data(), found->second.data() + found->second.size(), bytes).ec != std::errc{})
    return {};
  return bytes;
}

std::expected<std::unique_ptr<topics_admin>, std::string> topics_admin::create(
    std::span<const std::pair<std::string, std::string>> properties) {
  static const std::vector<property> ours{
      {"allow.auto.create.topics", "false"}, {"reconnect.backoff.max.ms", "500"}, {"socket.nagle.disable", "true"}};
  auto made = client::create(RD_KAFKA_PRODUCER, properties, ours);
  if (!made) return std::unexpected(std::move(made.error()));
  return std::make_unique<admin_client>(std::move(*made));
}

}  // namespace switchboard::publish
