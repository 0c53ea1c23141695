// What an error of librdkafka means for the forwarder. Pure.
#pragma once

#include <librdkafka/rdkafka.h>

#include <string>
#include <string_view>

namespace switchboard::publish {

enum class error_class : std::uint8_t {
  none,
  purged,   // we took the record back ourselves, or it fell with another one: says nothing about it
  record,   // refused for what it is: poison, if it was refused alone
  rebuild,  // the producer is spent; the records are fine
  outage,   // everything else: rights, topics, policies, clocks, networks
};

error_class classify(rd_kafka_resp_err_t) noexcept;
std::string_view to_string(error_class) noexcept;

// For a person: what is wrong and what to do about it. `topic` may be empty, `detail` is librdkafka's text.
std::string advice(rd_kafka_resp_err_t, std::string_view topic, std::string_view detail);

}  // namespace switchboard::publish
