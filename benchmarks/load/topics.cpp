#include "benchmarks/load/topics.hpp"

#include <fmt/format.h>

#include <charconv>
#include <map>
#include <thread>

#include "broker/app/topic_reader.hpp"
#include "broker/publish/kafka.hpp"
#include "schemas/text.hpp"

namespace switchboard::load {
namespace {

constexpr int answer_within_ms = 10'000;

std::uint64_t number(std::string_view text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

bool has_no_leader(rd_kafka_resp_err_t code) {
  return code == RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION || code == RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE ||
         code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
}

class reader final : public topics {
 public:
  explicit reader(publish::client client) : client_(std::move(client)) {}
  ~reader() override { rd_kafka_consumer_close(client_.raw()); }

  std::expected<void, std::string> note(const std::vector<std::string>& names) {
    for (const auto& name : names) {
      places_.emplace(name, static_cast<std::uint16_t>(places_.size()));
      const publish::topic_handle topic(rd_kafka_topic_new(client_.raw(), name.c_str(), nullptr));
      const rd_kafka_metadata_t* found = nullptr;
      const auto code = rd_kafka_metadata(client_.raw(), 0, topic.get(), &found, answer_within_ms);
      (void)client_.drain();
      if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
        return std::unexpected(fmt::format("Kafka does not answer: {}", rd_kafka_err2str(code)));
      const publish::metadata_handle metadata(found);
      if (metadata->topic_cnt != 1 || metadata->topics[0].err != RD_KAFKA_RESP_ERR_NO_ERROR) continue;
      for (int i = 0; i < metadata->topics[0].partition_cnt; ++i)
        if (auto noted = note_end(name, metadata->topics[0].partitions[i].id); !noted) return noted;
    }
    if (ends_->cnt == 0) return std::unexpected("none of the topics exists; switchboard topics create makes them");
    return {};
  }

  std::expected<void, std::string> start() override {
    const auto code = rd_kafka_assign(client_.raw(), ends_.get());
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return std::unexpected(rd_kafka_err2str(code));
    return {};
  }

  std::expected<bool, std::string> next(record& into, std::chrono::milliseconds limit) override {
    const publish::message_handle message(rd_kafka_consumer_poll(client_.raw(), static_cast<int>(limit.count())));
    if (message == nullptr) {
      (void)client_.drain();
      return false;
    }
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      const bool passes = message->err == RD_KAFKA_RESP_ERR__TRANSPORT ||
                          message->err == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN ||
                          message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF;
      if (passes) return false;
      return std::unexpected(rd_kafka_message_errstr(message.get()));
    }
    into = {};
    const auto* const topic = rd_kafka_topic_name(message->rkt);
    if (topic != last_topic_) {
      last_topic_ = topic;
      last_place_ = places_.at(topic);
    }
    into.event.topic = last_place_;
    if (!read_headers(message.get(), into)) read_structured(message.get(), into);
    return true;
  }

 private:
  std::expected<void, std::string> note_end(const std::string& name, std::int32_t partition) {
    std::int64_t low = 0, high = 0;
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(answer_within_ms);
    auto code = RD_KAFKA_RESP_ERR_NO_ERROR;
    do {  // a topic that was just made has no leader for a moment
      if (code != RD_KAFKA_RESP_ERR_NO_ERROR) std::this_thread::sleep_for(std::chrono::milliseconds(100));
      code = rd_kafka_query_watermark_offsets(client_.raw(), name.c_str(), partition, &low, &high, answer_within_ms);
    } while (has_no_leader(code) && std::chrono::steady_clock::now() < deadline);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
      return std::unexpected(fmt::format("{} [{}]: {}", name, partition, rd_kafka_err2str(code)));
    rd_kafka_topic_partition_list_add(ends_.get(), name.c_str(), partition)->offset = high;
    return {};
  }

  static bool attribute(const rd_kafka_headers_t* headers, const char* name, std::string_view& value) {
    const void* bytes = nullptr;
    std::size_t size = 0;
    if (rd_kafka_header_get_last(headers, name, &bytes, &size) != RD_KAFKA_RESP_ERR_NO_ERROR) return false;
    value = {static_cast<const char*>(bytes), size};
    return true;
  }

  static void fill(record& into, std::string_view id, std::string_view journal, std::string_view sequence) {
    const auto known = schemas::uuid_from_string(id);
    into.is_event = known.has_value();
    if (known) into.event.id = *known;
    const auto from = schemas::uuid_from_string(journal);
    into.event.numbered = from.has_value();
    if (from) into.event.journal = *from;
    into.event.sequence = number(sequence);
  }

  static bool read_headers(rd_kafka_message_t* message, record& into) {
    rd_kafka_headers_t* headers = nullptr;
    if (rd_kafka_message_headers(message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return false;
    std::string_view id, journal, sequence;
    if (!attribute(headers, "ce_id", id)) return false;
    attribute(headers, "ce_sbjournal", journal);
    attribute(headers, "ce_sbseq", sequence);
    fill(into, id, journal, sequence);
    return true;
  }

  static void read_structured(rd_kafka_message_t* message, record& into) {
    app::record r;
    r.value = {static_cast<const char*>(message->payload), message->len};
    rd_kafka_headers_t* headers = nullptr;
    std::string_view type;
    if (rd_kafka_message_headers(message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR ||
        !attribute(headers, "content-type", type))
      return;
    r.headers.emplace_back("content-type", type);
    const auto event = app::as_event(r);
    fill(into, event.attribute("id"), event.attribute("sbjournal"), event.attribute("sbseq"));
  }

  publish::client client_;
  publish::partitions_handle ends_{rd_kafka_topic_partition_list_new(16)};
  std::map<std::string, std::uint16_t, std::less<>> places_;
  std::string last_topic_;
  std::uint16_t last_place_ = 0;
};

}  // namespace

std::expected<std::unique_ptr<topics>, std::string> topics::open(
    const std::vector<std::pair<std::string, std::string>>& properties, const std::vector<std::string>& names) {
  const std::vector<publish::property> ours{{"group.id", "switchboard-load"},       {"enable.auto.commit", "false"},
                                            {"enable.auto.offset.store", "false"},  {"auto.offset.reset", "earliest"},
                                            {"isolation.level", "read_committed"},  {"fetch.wait.max.ms", "10"},
                                            {"queued.max.messages.kbytes", "16384"}};
  auto client = publish::client::create(RD_KAFKA_CONSUMER, properties, ours);
  if (!client) return std::unexpected(client.error());
  auto made = std::make_unique<reader>(std::move(*client));
  if (auto noted = made->note(names); !noted) return std::unexpected(noted.error());
  return made;
}

}  // namespace switchboard::load
