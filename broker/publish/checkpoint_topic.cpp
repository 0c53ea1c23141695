#include "broker/publish/checkpoint_topic.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "broker/publish/errors.hpp"

namespace switchboard::publish {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

int remaining(steady_clock::time_point deadline) {
  const auto left = std::chrono::duration_cast<milliseconds>(deadline - steady_clock::now());
  return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 60'000));
}

admin_error failure(rd_kafka_resp_err_t code, const std::string& topic) {
  return {code, fmt::format("reading the checkpoint: {}", advice(code, topic, rd_kafka_err2str(code)))};
}

struct watermarks {
  std::int64_t low = 0, high = 0;
};

std::expected<watermarks, admin_error> ask_watermarks(std::span<const property> properties, const std::string& topic,
                                                      steady_clock::time_point deadline) {
  static const std::vector<property> ours{{"isolation.level", "read_uncommitted"}, {"reconnect.backoff.max.ms", "500"}};
  auto made = client::create(RD_KAFKA_CONSUMER, properties, ours);
  if (!made) return std::unexpected(admin_error{RD_KAFKA_RESP_ERR__INVALID_ARG, made.error()});
  watermarks marks;
  const auto code =
      rd_kafka_query_watermark_offsets(made->raw(), topic.c_str(), 0, &marks.low, &marks.high, remaining(deadline));
  made->drain();
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return std::unexpected(failure(code, topic));
  return marks;
}

// The newest committed record from `from` on.
std::expected<std::optional<position>, admin_error> newest(const client& reader, const std::string& topic,
                                                           std::int64_t from, std::int64_t high,
                                                           steady_clock::time_point deadline) {
  topic_handle handle{rd_kafka_topic_new(reader.raw(), topic.c_str(), nullptr)};
  if (!handle || rd_kafka_consume_start(handle.get(), 0, from) != 0)
    return std::unexpected(failure(rd_kafka_last_error(), topic));
  std::optional<position> found;
  std::optional<admin_error> problem;
  for (bool at_end = false; !at_end && !problem;) {
    reader.drain();
    message_handle message{rd_kafka_consume(handle.get(), 0, std::min(200, std::max(remaining(deadline), 1)))};
    if (!message) {
      if (remaining(deadline) == 0) problem = failure(RD_KAFKA_RESP_ERR__TIMED_OUT, topic);
    } else if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      at_end = message->offset >= high;
    } else if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      problem = failure(message->err, topic);
    } else {
      auto read = position_from_json({static_cast<const char*>(message->payload), message->len});
      if (read)
        found = std::move(*read);
      else
        problem = admin_error{RD_KAFKA_RESP_ERR__BAD_MSG, fmt::format("the checkpoint in {} at offset {} is {}", topic,
                                                                      message->offset, read.error())};
      at_end = message->offset >= high - 1;
    }
  }
  rd_kafka_consume_stop(handle.get(), 0);
  if (problem) return std::unexpected(std::move(*problem));
  return found;
}

}  // namespace

std::expected<std::optional<position>, admin_error> read_checkpoint(std::span<const property> properties,
                                                                    const std::string& topic, milliseconds limit) {
  const auto deadline = steady_clock::now() + limit;
  auto marks = ask_watermarks(properties, topic, deadline);
  if (!marks) return std::unexpected(std::move(marks.error()));
  if (marks->high <= marks->low) return std::optional<position>{};

  static const std::vector<property> ours{{"isolation.level", "read_committed"},
                                          {"enable.partition.eof", "true"},
                                          {"auto.offset.reset", "earliest"},
                                          {"fetch.wait.max.ms", "20"},
                                          {"reconnect.backoff.max.ms", "500"}};
  auto reader = client::create(RD_KAFKA_CONSUMER, properties, ours);
  if (!reader) return std::unexpected(admin_error{RD_KAFKA_RESP_ERR__INVALID_ARG, reader.error()});
  // The newest is nearly always among the last; aborted transactions may fill more than that.
  constexpr std::int64_t tail = 2000;
  auto found = newest(*reader, topic, std::max(marks->low, marks->high - tail), marks->high, deadline);
  if (found && !*found && marks->high - tail > marks->low)
    found = newest(*reader, topic, marks->low, marks->high, deadline);
  return found;
}

}  // namespace switchboard::publish
