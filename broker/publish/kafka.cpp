#include "broker/publish/kafka.hpp"

#include <array>

#include "broker/observe/log.hpp"

namespace switchboard::publish {

void client::destroy_client::operator()(rd_kafka_t* handle) const noexcept {
  rd_kafka_destroy_flags(handle, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
}

std::expected<client, std::string> client::create(rd_kafka_type_t type, std::span<const property> base,
                                                  std::span<const property> ours, int events) {
  conf_handle conf{rd_kafka_conf_new()};
  std::array<char, 512> text{};
  for (auto properties : {base, ours})
    for (const auto& [name, value] : properties)
      if (rd_kafka_conf_set(conf.get(), name.c_str(), value.c_str(), text.data(), text.size()) != RD_KAFKA_CONF_OK)
        return std::unexpected(std::string("kafka.") + name + ": " + text.data());
  rd_kafka_conf_set(conf.get(), "log.queue", "true", text.data(), text.size());
  rd_kafka_conf_set_events(conf.get(), events | RD_KAFKA_EVENT_ERROR | RD_KAFKA_EVENT_LOG);
  rd_kafka_t* handle = rd_kafka_new(type, conf.get(), text.data(), text.size());
  if (handle == nullptr) return std::unexpected(std::string("kafka: ") + text.data());
  (void)conf.release();  // the client owns it now
  client made{handle};
  rd_kafka_set_log_queue(handle, nullptr);
  return made;
}

std::vector<client_error> client::drain() const {
  std::vector<client_error> errors;
  while (auto event = next_event()) {
    switch (rd_kafka_event_type(event.get())) {
      case RD_KAFKA_EVENT_LOG:
        write_log(event.get());
        break;
      case RD_KAFKA_EVENT_ERROR:
        errors.push_back(error_of(raw(), event.get()));
        break;
      default:
        break;
    }
  }
  return errors;
}

void write_log(const rd_kafka_event_t* event) {
  const char* facility = "";
  const char* text = "";
  int severity = 7;
  if (rd_kafka_event_log(const_cast<rd_kafka_event_t*>(event), &facility, &text, &severity) != 0) return;
  const bool known = std::string_view(facility) == "CONFWARN";  // that gap-less delivery is experimental, at each start
  const auto level = known           ? observe::level::debug
                     : severity <= 2 ? observe::level::warning
                     : severity <= 4 ? observe::level::info  // what matters of it is in the status
                                     : observe::level::debug;
  observe::log(level, "librdkafka", {{"facility", facility}, {"text", text}});
}

client_error error_of(const rd_kafka_t* client, rd_kafka_event_t* event) {
  client_error error{rd_kafka_event_error(event), rd_kafka_event_error_string(event)};
  if (error.code == RD_KAFKA_RESP_ERR__FATAL) {
    std::array<char, 512> text{};
    error.code = rd_kafka_fatal_error(const_cast<rd_kafka_t*>(client), text.data(), text.size());
    error.text = text.data();
  }
  return error;
}

}  // namespace switchboard::publish
