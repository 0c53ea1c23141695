#include "broker/app/topic_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <map>

#include "broker/publish/kafka.hpp"
#include "schemas/codec.hpp"

namespace switchboard::app {
namespace {

constexpr int answer_within_ms = 10'000;

class reader final : public topic_reader {
 public:
  reader(publish::client client) : client_(std::move(client)) {}
  ~reader() override { rd_kafka_consumer_close(client_.raw()); }

  std::expected<void, std::string> assign(const settings& s) {
    const publish::partitions_handle all(rd_kafka_topic_partition_list_new(16));
    for (const auto& topic : s.topics)
      if (auto added = add(topic, s.from_beginning, all.get()); !added) return added;
    if (all->cnt == 0) return std::unexpected("none of the topics exists");
    if (const auto code = rd_kafka_assign(client_.raw(), all.get()); code != RD_KAFKA_RESP_ERR_NO_ERROR)
      return std::unexpected(rd_kafka_err2str(code));
    return {};
  }

  const std::vector<std::string>& missing() const override { return missing_; }
  bool caught_up() const override { return behind_.empty(); }

  std::expected<std::optional<record>, std::string> next(std::chrono::milliseconds limit) override {
    message_.reset(rd_kafka_consumer_poll(client_.raw(), static_cast<int>(limit.count())));
    (void)client_.drain();
    if (message_ == nullptr) return std::nullopt;
    const std::string topic = message_->rkt != nullptr ? rd_kafka_topic_name(message_->rkt) : "";
    if (message_->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      behind_.erase({topic, message_->partition});
      return std::nullopt;
    }
    if (message_->err != RD_KAFKA_RESP_ERR_NO_ERROR) return std::unexpected(rd_kafka_message_errstr(message_.get()));
    record r;
    topic_ = topic;
    r.topic = topic_;
    r.partition = message_->partition;
    r.offset = message_->offset;
    r.key = {static_cast<const char*>(message_->key), message_->key_len};
    r.value = {static_cast<const char*>(message_->payload), message_->len};
    if (rd_kafka_headers_t* headers = nullptr;
        rd_kafka_message_headers(message_.get(), &headers) == RD_KAFKA_RESP_ERR_NO_ERROR) {
      const char* name = nullptr;
      const void* value = nullptr;
      std::size_t size = 0;
      for (std::size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR;
           ++i)
        r.headers.emplace_back(name, std::string_view(static_cast<const char*>(value), value != nullptr ? size : 0));
    }
    if (const auto found = behind_.find({topic_, r.partition}); found != behind_.end() && r.offset + 1 >= found->second)
      behind_.erase(found);
    return r;
  }

 private:
  std::expected<void, std::string> add(const std::string& name, bool from_beginning,
                                       rd_kafka_topic_partition_list_t* all) {
    const publish::topic_handle topic(rd_kafka_topic_new(client_.raw(), name.c_str(), nullptr));
    const rd_kafka_metadata_t* found = nullptr;
    const auto code = rd_kafka_metadata(client_.raw(), 0, topic.get(), &found, answer_within_ms);
    (void)client_.drain();
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
      return std::unexpected(fmt::format("Kafka does not answer: {}", rd_kafka_err2str(code)));
    const publish::metadata_handle metadata(found);
    if (metadata->topic_cnt != 1 || metadata->topics[0].err != RD_KAFKA_RESP_ERR_NO_ERROR ||
        metadata->topics[0].partition_cnt == 0) {
      missing_.push_back(name);
      return {};
    }
    for (int i = 0; i < metadata->topics[0].partition_cnt; ++i) {
      const auto partition = metadata->topics[0].partitions[i].id;
      std::int64_t low = 0, high = 0;
      if (const auto asked =
              rd_kafka_query_watermark_offsets(client_.raw(), name.c_str(), partition, &low, &high, answer_within_ms);
          asked != RD_KAFKA_RESP_ERR_NO_ERROR)
        return std::unexpected(fmt::format("{} [{}]: {}", name, partition, rd_kafka_err2str(asked)));
      rd_kafka_topic_partition_list_add(all, name.c_str(), partition)->offset = from_beginning ? low : high;
      if (from_beginning && low < high) behind_.emplace(std::pair(name, partition), high);
    }
    return {};
  }

  publish::client client_;
  publish::message_handle message_;
  std::string topic_;
  std::vector<std::string> missing_;
  std::map<std::pair<std::string, std::int32_t>, std::int64_t> behind_;
};

}  // namespace

std::expected<std::unique_ptr<topic_reader>, std::string> topic_reader::open(const settings& s) {
  const std::vector<publish::property> ours{
      {"group.id", "switchboard-reader"},
      {"enable.auto.commit", "false"},
      {"enable.auto.offset.store", "false"},
      {"enable.partition.eof", "true"},
      {"auto.offset.reset", "earliest"},
      {"isolation.level", s.read_committed ? "read_committed" : "read_uncommitted"}};
  auto client = publish::client::create(RD_KAFKA_CONSUMER, s.properties, ours);
  if (!client) return std::unexpected(client.error());
  auto made = std::make_unique<reader>(std::move(*client));
  if (auto assigned = made->assign(s); !assigned) return std::unexpected(assigned.error());
  return made;
}

std::string_view consumed_event::attribute(std::string_view name) const noexcept {
  const auto found = std::ranges::find(attributes, name, &std::pair<std::string, std::string>::first);
  return found == attributes.end() ? std::string_view() : std::string_view(found->second);
}

consumed_event as_event(const record& r) {
  consumed_event event;
  std::string_view content_type;
  for (const auto& [name, value] : r.headers) {
    if (name.starts_with("ce_")) event.attributes.emplace_back(name.substr(3), value);
    if (name == "content-type") content_type = value;
  }
  if (content_type.starts_with("application/cloudevents+json")) {
    boost::system::error_code error;
    auto whole = boost::json::parse(r.value, error);
    if (!error && whole.is_object()) {
      event.attributes.clear();
      for (const auto& member : whole.get_object()) {
        if (member.key() == "data")
          event.data = boost::json::serialize(member.value());
        else if (member.value().is_string())
          event.attributes.emplace_back(member.key(), std::string_view(member.value().get_string()));
      }
      return event;
    }
  }
  if (!content_type.empty()) event.attributes.emplace_back("datacontenttype", content_type);
  event.data = r.value;
  return event;
}

std::string consumed_event::structured() const {
  std::string out = "{";
  for (const auto& [name, value] : attributes) {
    if (out.size() > 1) out += ',';
    schemas::append_json_string(out, name);
    out += ':';
    schemas::append_json_string(out, value);
  }
  if (out.size() > 1) out += ',';
  if (attribute("datacontenttype").find("json") != std::string_view::npos) {
    out += "\"data\":";
    out += data;
  } else {
    out += "\"data\":";
    schemas::append_json_string(out, data);
  }
  return out + "}";
}

}  // namespace switchboard::app
