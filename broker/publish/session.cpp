#include "broker/publish/session.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "broker/publish/checkpoint_topic.hpp"
#include "broker/publish/errors.hpp"

namespace switchboard::publish {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds look_limit{3000};
constexpr std::int64_t default_topic_limit = 1'000'000;  // a little below Kafka's own default
constexpr std::int64_t least_client_limit = 1000;        // librdkafka takes no less

struct size_limits {
  std::int64_t smallest, largest;
};

// A batch must pass every topic, or one large neighbour fails a thousand good records; a single record may be as large
// as the most generous topic takes, so that Kafka is the one to refuse it.
size_limits limits_of(const std::vector<topic_facts>& topics) {
  size_limits limits{default_topic_limit, 0};
  for (const auto& t : topics) {
    const auto limit = t.max_message_bytes().value_or(default_topic_limit);
    limits.smallest = std::min(limits.smallest, limit);
    limits.largest = std::max(limits.largest, limit);
  }
  constexpr std::int64_t most = 1'000'000'000;
  return {std::max<std::int64_t>(limits.smallest - 128, 512), std::clamp(limits.largest, least_client_limit, most)};
}

std::expected<std::vector<topic_facts>, std::string> look(const session_settings& s, topics_admin& admin,
                                                          session& opened) {
  std::vector<std::string> names;
  for (const auto& t : s.publish.topics) names.push_back(t.kafka);
  if (!opened.checkpoint_topic.empty()) names.push_back(opened.checkpoint_topic);

  // In short steps, so that the thread keeps turning while no broker answers.
  const bool with_config = !s.publish.embedded && !s.publish.development;
  auto facts = admin.look(names, with_config, look_limit);
  for (int tries = 1; !facts && facts.error().code == RD_KAFKA_RESP_ERR__TRANSPORT && tries < 3 && s.carry_on();
       ++tries)
    facts = admin.look(names, with_config, look_limit);
  if (!facts) return std::unexpected(std::move(facts.error().message));
  opened.cluster_id = facts->id;
  if (!s.known_cluster.empty() && s.known_cluster != facts->id)
    return std::unexpected(fmt::format(
        "the checkpoint is about Kafka cluster {}, but bootstrap.servers leads to cluster {}: go back to the "
        "former, or remove {}/checkpoint to publish what the journal still holds to the new one",
        s.known_cluster, facts->id, s.publish.checkpoint_directory));

  std::vector<std::string> missing;
  for (const auto& t : facts->topics) {
    if (!t.problem.empty() && t.name == opened.checkpoint_topic)
      return std::unexpected(
          fmt::format("Kafka denies access to {}: grant our user CREATE, WRITE, READ and DESCRIBE on it", t.name));
    if (!t.problem.empty()) return std::unexpected(t.problem);
    if (!t.exists && t.name != opened.checkpoint_topic) missing.push_back(t.name);
  }
  if (!missing.empty())
    return std::unexpected(
        missing.size() == 1
            ? advice(RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, missing.front(), "")
            : fmt::format("topics {} do not exist, or we may not see them; run: switchboard topics create",
                          fmt::join(missing, ", ")));
  return std::move(facts->topics);
}

std::expected<void, std::string> make_checkpoint_topic(const session_settings& s, topics_admin& admin,
                                                       const std::vector<topic_facts>& topics) {
  if (topics.back().exists) return {};
  const std::vector wanted{checkpoint_topic(s.journal, topics.front().replication)};
  auto made = admin.create_missing(wanted, milliseconds(10'000));
  if (!made)
    return std::unexpected(
        fmt::format("the checkpoint topic could not be made ({}); grant our user CREATE on it, or run: "
                    "switchboard topics create",
                    made.error().message));
  return {};
}

std::expected<void, std::string> begin_transactions(const session_settings& s, producer& p) {
  for (;;) {
    auto error = p.init(milliseconds(2000));
    if (!error) return {};
    if (!error->retriable) return std::unexpected(advice(error->code, "", error->text));
    if (!s.carry_on()) return std::unexpected(error->text);
  }
}

}  // namespace

std::string checkpoint_topic_name(const schemas::uuid& journal) { return checkpoint_topic(journal, 1).name; }

std::expected<session, std::string> open_session(const session_settings& s) {
  session opened;
  const bool exactly_once = s.publish.delivery == delivery::exactly_once;
  if (exactly_once) opened.checkpoint_topic = checkpoint_topic_name(s.journal);

  auto admin = topics_admin::create(s.properties);
  if (!admin) return std::unexpected(std::move(admin.error()));
  auto topics = look(s, **admin, opened);
  if (!topics) return std::unexpected(std::move(topics.error()));
  if (exactly_once)
    if (auto made = make_checkpoint_topic(s, **admin, *topics); !made) return std::unexpected(std::move(made.error()));

  const auto limits = limits_of(*topics);
  producer_settings wanted{.properties = s.properties,
                           .topics = {},
                           .batch_bytes = limits.smallest,
                           .max_bytes = limits.largest,
                           .window_records = s.publish.window_records,
                           .window_bytes = s.publish.window_bytes,
                           .transactional_id = exactly_once ? "switchboard." + schemas::to_string(s.journal) : "",
                           .transaction_timeout = s.publish.transaction_timeout,
                           .wake_fd = s.wake_fd};
  for (const auto& t : *topics) wanted.topics.push_back(t.name);
  auto producer = producer::create(wanted);
  if (!producer) return std::unexpected(std::move(producer.error()));
  opened.producer = std::move(*producer);

  if (exactly_once) {
    if (auto begun = begin_transactions(s, *opened.producer); !begun) return std::unexpected(std::move(begun.error()));
    auto committed = read_checkpoint(s.properties, opened.checkpoint_topic, milliseconds(15'000));
    if (!committed) return std::unexpected(std::move(committed.error().message));
    opened.committed = std::move(*committed);
  }
  return opened;
}

}  // namespace switchboard::publish
