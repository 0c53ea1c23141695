// librdkafka's handles as owners, and the one way to make a client of it. Internal to publish.
//
// No foreign thread runs our code: logs, errors and delivery reports come as events on the client's main queue, which
// its owner drains.
#pragma once

#include <librdkafka/rdkafka.h>

#include <expected>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace switchboard::publish {

template <auto destroy>
struct destroy_with {
  void operator()(auto* handle) const noexcept { destroy(handle); }
};
using conf_handle = std::unique_ptr<rd_kafka_conf_t, destroy_with<rd_kafka_conf_destroy>>;
using queue_handle = std::unique_ptr<rd_kafka_queue_t, destroy_with<rd_kafka_queue_destroy>>;
using event_handle = std::unique_ptr<rd_kafka_event_t, destroy_with<rd_kafka_event_destroy>>;
using topic_handle = std::unique_ptr<rd_kafka_topic_t, destroy_with<rd_kafka_topic_destroy>>;
using headers_handle = std::unique_ptr<rd_kafka_headers_t, destroy_with<rd_kafka_headers_destroy>>;
using error_handle = std::unique_ptr<rd_kafka_error_t, destroy_with<rd_kafka_error_destroy>>;
using message_handle = std::unique_ptr<rd_kafka_message_t, destroy_with<rd_kafka_message_destroy>>;
using metadata_handle = std::unique_ptr<const rd_kafka_metadata_t, destroy_with<rd_kafka_metadata_destroy>>;
using partitions_handle =
    std::unique_ptr<rd_kafka_topic_partition_list_t, destroy_with<rd_kafka_topic_partition_list_destroy>>;
using options_handle = std::unique_ptr<rd_kafka_AdminOptions_t, destroy_with<rd_kafka_AdminOptions_destroy>>;
using new_topic_handle = std::unique_ptr<rd_kafka_NewTopic_t, destroy_with<rd_kafka_NewTopic_destroy>>;
using config_handle = std::unique_ptr<rd_kafka_ConfigResource_t, destroy_with<rd_kafka_ConfigResource_destroy>>;

using property = std::pair<std::string, std::string>;

// What a client's main queue said, besides delivery reports.
struct client_error {
  rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
  std::string text;
};

// A client and its main queue. One thread.
class client {
 public:
  // Later properties override earlier ones. `events` are enabled beside errors and logs.
  static std::expected<client, std::string> create(rd_kafka_type_t, std::span<const property> base,
                                                   std::span<const property> ours, int events = 0);

  rd_kafka_t* raw() const { return handle_.get(); }
  rd_kafka_queue_t* queue() const { return queue_.get(); }
  event_handle next_event() const { return event_handle{rd_kafka_queue_poll(queue_.get(), 0)}; }
  // Takes everything off the queue: logs are written, errors returned. For clients without delivery reports.
  std::vector<client_error> drain() const;

 private:
  struct destroy_client {
    void operator()(rd_kafka_t* handle) const noexcept;
  };
  client(rd_kafka_t* handle) : handle_(handle), queue_(rd_kafka_queue_get_main(handle)) {}
  std::unique_ptr<rd_kafka_t, destroy_client> handle_;
  queue_handle queue_;
};

// Writes a log event of librdkafka to our log.
void write_log(const rd_kafka_event_t*);
client_error error_of(const rd_kafka_t*, rd_kafka_event_t*);

}  // namespace switchboard::publish
