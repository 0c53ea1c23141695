#include "broker/publish/producer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace switchboard::publish {
namespace {

std::optional<transaction_error> told(rd_kafka_error_t* raw) {
  error_handle error{raw};
  if (!error) return {};
  return transaction_error{rd_kafka_error_code(error.get()), rd_kafka_error_string(error.get()),
                           rd_kafka_error_is_retriable(error.get()) != 0};
}

bool is_set(std::span<const property> properties, std::initializer_list<std::string_view> names) {
  return std::ranges::any_of(properties,
                             [&](const auto& p) { return std::ranges::find(names, p.first) != names.end(); });
}

std::vector<property> own_properties(const producer_settings& s) {
  const auto window_records = std::max<std::size_t>(s.window_records + s.window_records / 4, 1000);
  std::vector<property> ours{
      {"enable.idempotence", "true"},
      {"acks", "all"},
      {"partitioner", "murmur2_random"},
      {"allow.auto.create.topics", "false"},
      {"message.max.bytes", std::to_string(s.max_bytes)},
      // Full only when records wait for their reports to be drained.
      {"queue.buffering.max.messages", std::to_string(window_records)},
      {"queue.buffering.max.kbytes", std::to_string(std::max<std::size_t>(2 * s.window_bytes >> 10, 64u << 10))},
  };
  if (s.transactional_id.empty()) {
    ours.emplace_back("message.timeout.ms", "0");
    ours.emplace_back("enable.gapless.guarantee", "true");
  } else {
    ours.emplace_back("transactional.id", s.transactional_id);
    ours.emplace_back("transaction.timeout.ms", std::to_string(s.transaction_timeout.count()));
  }
  // A user's value stands, but a batch never outgrows a topic.
  std::int64_t batch = s.batch_bytes;
  for (const auto& [name, value] : s.properties)
    if (name == "batch.size") batch = std::min<std::int64_t>(batch, std::atoll(value.c_str()));
  ours.emplace_back("batch.size", std::to_string(batch));
  if (!is_set(s.properties, {"linger.ms", "queue.buffering.max.ms"})) ours.emplace_back("linger.ms", "2");
  if (!is_set(s.properties, {"reconnect.backoff.max.ms"})) ours.emplace_back("reconnect.backoff.max.ms", "500");
  if (!is_set(s.properties, {"socket.nagle.disable"})) ours.emplace_back("socket.nagle.disable", "true");
  if (!is_set(s.properties, {"client.id"})) ours.emplace_back("client.id", "switchboard");
  return ours;
}

}  // namespace

std::expected<std::unique_ptr<producer>, std::string> producer::create(const producer_settings& settings) {
  auto made = client::create(RD_KAFKA_PRODUCER, settings.properties, own_properties(settings), RD_KAFKA_EVENT_DR);
  if (!made) return std::unexpected(std::move(made.error()));
  std::unique_ptr<producer> result{new producer(std::move(*made))};
  const std::uint64_t one = 1;
  if (settings.wake_fd >= 0)
    rd_kafka_queue_io_event_enable(result->client_.queue(), settings.wake_fd, &one, sizeof one);
  for (const auto& name : settings.topics) {
    topic_handle handle{rd_kafka_topic_new(result->client_.raw(), name.c_str(), nullptr)};
    if (!handle) return std::unexpected(fmt::format("{} is not a name of a topic", name));
    result->topics_.push_back(std::move(handle));
  }
  return result;
}

rd_kafka_resp_err_t producer::produce(std::size_t topic, record& r, std::uint64_t serial) {
  // The tags without their macros, which use a GNU extension.
  const auto error = rd_kafka_producev(client_.raw(), RD_KAFKA_VTYPE_RKT, topics_[topic].get(), RD_KAFKA_VTYPE_MSGFLAGS,
                                       int{RD_KAFKA_MSG_F_COPY}, RD_KAFKA_VTYPE_KEY, r.key.data(), r.key.size(),
                                       RD_KAFKA_VTYPE_VALUE, r.value.data(), r.value.size(), RD_KAFKA_VTYPE_TIMESTAMP,
                                       r.timestamp_ms, RD_KAFKA_VTYPE_HEADERS, r.headers.get(), RD_KAFKA_VTYPE_OPAQUE,
                                       reinterpret_cast<void*>(serial), RD_KAFKA_VTYPE_END);
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) (void)r.headers.release();  // the message owns them now
  return error;
}

bool producer::drain(happenings& into) {
  constexpr std::size_t enough = 4096;
  while (into.reports.size() < enough) {
    auto event = client_.next_event();
    if (!event) return false;
    switch (rd_kafka_event_type(event.get())) {
      case RD_KAFKA_EVENT_LOG:
        write_log(event.get());
        break;
      case RD_KAFKA_EVENT_ERROR:
        into.errors.push_back(error_of(client_.raw(), event.get()));
        break;
      case RD_KAFKA_EVENT_DR:
        while (const auto* message = rd_kafka_event_message_next(event.get()))
          into.reports.push_back({reinterpret_cast<std::uint64_t>(message->_private), message->err,
                                  rd_kafka_message_status(message) != RD_KAFKA_MSG_STATUS_NOT_PERSISTED});
        break;
      default:
        break;
    }
  }
  return true;
}

rd_kafka_resp_err_t producer::fatal_error(std::string& text) const {
  std::array<char, 512> buffer{};
  const auto code = rd_kafka_fatal_error(client_.raw(), buffer.data(), buffer.size());
  text = buffer.data();
  return code;
}

std::optional<transaction_error> producer::init(std::chrono::milliseconds limit) {
  return told(rd_kafka_init_transactions(client_.raw(), static_cast<int>(limit.count())));
}
std::optional<transaction_error> producer::begin() { return told(rd_kafka_begin_transaction(client_.raw())); }
std::optional<transaction_error> producer::commit(std::chrono::milliseconds limit) {
  return told(rd_kafka_commit_transaction(client_.raw(), static_cast<int>(limit.count())));
}

}  // namespace switchboard::publish
