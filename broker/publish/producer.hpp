// One producer of librdkafka's, disposable. Publisher thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "broker/publish/kafka.hpp"
#include "broker/publish/record.hpp"

namespace switchboard::publish {

struct producer_settings {
  std::span<const property> properties;
  std::vector<std::string> topics;              // Kafka's names; records name theirs by index
  std::int64_t batch_bytes = 0, max_bytes = 0;  // the smallest and the largest limit of the topics
  std::size_t window_records = 0, window_bytes = 0;
  std::string transactional_id;  // empty: idempotent
  std::chrono::milliseconds transaction_timeout{};
  int wake_fd = -1;  // an eventfd, written when the queue turns from empty to not
};

struct delivery_report {
  std::uint64_t serial;  // 0: not of the journal
  rd_kafka_resp_err_t error;
  bool may_be_in_kafka;  // on error: the library does not know
};
struct happenings {
  std::vector<delivery_report> reports;
  std::vector<client_error> errors;
};

struct transaction_error {
  rd_kafka_resp_err_t code;
  std::string text;
  bool retriable;
};

class producer {
 public:
  static std::expected<std::unique_ptr<producer>, std::string> create(const producer_settings&);

  // Copies key and value, takes the headers on success. QUEUE_FULL is normal: drain and come again.
  rd_kafka_resp_err_t produce(std::size_t topic, record&, std::uint64_t serial);
  // At most a few thousand reports at once; true while there is more. The eventfd is written again only after false.
  bool drain(happenings&);
  rd_kafka_resp_err_t fatal_error(std::string& text) const;
  // Takes back what was not sent yet; its reports follow.
  void purge_queue() { rd_kafka_purge(client_.raw(), RD_KAFKA_PURGE_F_QUEUE); }

  // Transactions. Each may block for `limit`; commit only once every record was reported.
  std::optional<transaction_error> init(std::chrono::milliseconds limit);
  std::optional<transaction_error> begin();
  std::optional<transaction_error> commit(std::chrono::milliseconds limit);

  rd_kafka_t* raw() const { return client_.raw(); }

 private:
  explicit producer(client c) : client_(std::move(c)) {}
  client client_;
  std::vector<topic_handle> topics_;
};

}  // namespace switchboard::publish
