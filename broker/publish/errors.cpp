#include "broker/publish/errors.hpp"

#include <fmt/format.h>

namespace switchboard::publish {

error_class classify(rd_kafka_resp_err_t code) noexcept {
  switch (code) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
      return error_class::none;
    case RD_KAFKA_RESP_ERR__PURGE_QUEUE:
    case RD_KAFKA_RESP_ERR__PURGE_INFLIGHT:
      return error_class::purged;
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_INVALID_RECORD:
      return error_class::record;
    case RD_KAFKA_RESP_ERR__FATAL:
    case RD_KAFKA_RESP_ERR__GAPLESS_GUARANTEE:
    case RD_KAFKA_RESP_ERR__FENCED:
    case RD_KAFKA_RESP_ERR__INCONSISTENT:
    case RD_KAFKA_RESP_ERR__STATE:
    case RD_KAFKA_RESP_ERR__MSG_TIMED_OUT:
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER:
    case RD_KAFKA_RESP_ERR_DUPLICATE_SEQUENCE_NUMBER:
    case RD_KAFKA_RESP_ERR_UNKNOWN_PRODUCER_ID:
    case RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH:
    case RD_KAFKA_RESP_ERR_PRODUCER_FENCED:
    case RD_KAFKA_RESP_ERR_INVALID_PRODUCER_ID_MAPPING:
    case RD_KAFKA_RESP_ERR_INVALID_TXN_STATE:
      return error_class::rebuild;
    default:
      return error_class::outage;
  }
}

std::string_view to_string(error_class c) noexcept {
  switch (c) {
    case error_class::none:
      return "none";
    case error_class::purged:
      return "purged";
    case error_class::record:
      return "record";
    case error_class::rebuild:
      return "rebuild";
    case error_class::outage:
      return "outage";
  }
  return "outage";
}

std::string advice(rd_kafka_resp_err_t code, std::string_view topic, std::string_view detail) {
  const auto of_topic = topic.empty() ? std::string("a topic") : fmt::format("topic {}", topic);
  switch (code) {
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
      return fmt::format("{} does not exist, or we may not see it; run: switchboard topics create", of_topic);
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
      return fmt::format("Kafka denies access to {}: grant our user WRITE and DESCRIBE on it", of_topic);
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
      return "Kafka denies access to the cluster: grant our user IDEMPOTENT_WRITE on it";
    case RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
      return "Kafka denies the transactional id: grant our user WRITE and DESCRIBE on the ids that begin with "
             "switchboard.";
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
      return "Kafka denies reading: grant our user READ on the group";
    case RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP:
      return fmt::format("Kafka refuses our time on {}: set the clock of this host (and of the brokers)", of_topic);
    case RD_KAFKA_RESP_ERR_POLICY_VIOLATION:
      return fmt::format("a policy of the cluster refuses what we write to {}: {}", of_topic, detail);
    case RD_KAFKA_RESP_ERR_INVALID_TRANSACTION_TIMEOUT:
      return "kafka.transaction_timeout is longer than the brokers' transaction.max.timeout.ms: shorten it";
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
      return fmt::format("{} does not take what the others refused: raise its max.message.bytes", of_topic);
    case RD_KAFKA_RESP_ERR_INVALID_RECORD:
      return fmt::format("{} refuses the record: look at its settings and at the brokers' log", of_topic);
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
    case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
      return fmt::format("Kafka refuses our user or password (sasl.username, sasl.password): {}", detail);
    case RD_KAFKA_RESP_ERR__SSL:
      return fmt::format("TLS towards Kafka failed (ssl.* properties): {}", detail);
    case RD_KAFKA_RESP_ERR__RESOLVE:
      return fmt::format("a broker's name does not resolve: {}", detail);
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
    case RD_KAFKA_RESP_ERR__TRANSPORT:
      return fmt::format("no broker can be reached: {}", detail);
    case RD_KAFKA_RESP_ERR__FENCED:
    case RD_KAFKA_RESP_ERR_PRODUCER_FENCED:
    case RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH:
      return "another producer took over our transactional id: is a copy of this journal in use elsewhere?";
    default: {
      const char* name = rd_kafka_err2name(code);
      return fmt::format("{}: {}", name == nullptr ? "Kafka" : name, detail.empty() ? rd_kafka_err2str(code) : detail);
    }
  }
}

}  // namespace switchboard::publish
