#include "broker/publish/embedded.hpp"

// clang-format off: the mock must come after its library
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
// clang-format on

#include "broker/publish/kafka.hpp"

namespace switchboard::publish {
namespace {

constexpr int brokers = 1;
constexpr int partitions = 3;

class mock_cluster final : public embedded_cluster {
 public:
  explicit mock_cluster(client host)
      : host_(std::move(host)), cluster_(rd_kafka_mock_cluster_new(host_.raw(), brokers)) {
    if (cluster_) bootstrap_ = rd_kafka_mock_cluster_bootstraps(cluster_.get());
  }

  bool started() const { return cluster_ != nullptr; }
  const std::string& bootstrap() const override { return bootstrap_; }
  bool add(const std::string& name) {
    return rd_kafka_mock_topic_create(cluster_.get(), name.c_str(), partitions, brokers) == RD_KAFKA_RESP_ERR_NO_ERROR;
  }

 private:
  client host_;  // lends the cluster its log and must outlive it
  std::unique_ptr<rd_kafka_mock_cluster_t, destroy_with<rd_kafka_mock_cluster_destroy>> cluster_;
  std::string bootstrap_;
};

}  // namespace

std::expected<std::unique_ptr<embedded_cluster>, std::string> embedded_cluster::start(std::span<const topic> topics) {
  // Nobody drains this client: it must have nothing to say.
  const std::vector<property> silent{{"log_level", "0"}};
  auto host = client::create(RD_KAFKA_PRODUCER, silent, {});
  if (!host) return std::unexpected(std::move(host.error()));
  auto cluster = std::make_unique<mock_cluster>(std::move(*host));
  if (!cluster->started()) return std::unexpected("the embedded Kafka could not be started: is a port free?");
  for (const auto& t : topics)
    if (!cluster->add(t.kafka)) return std::unexpected("the embedded Kafka refused to make topic " + t.kafka);
  return cluster;
}

}  // namespace switchboard::publish
