// A Kafka in this process, for development: librdkafka's mock cluster, which any client can produce to and subscribe
// to. It keeps what it got in memory, 5 MiB a partition, and ends with the process.
#pragma once

#include <expected>
#include <memory>
#include <span>
#include <string>

#include "broker/publish/forwarder.hpp"

namespace switchboard::publish {

class embedded_cluster {
 public:
  static std::expected<std::unique_ptr<embedded_cluster>, std::string> start(std::span<const topic>);
  virtual ~embedded_cluster() = default;
  virtual const std::string& bootstrap() const = 0;  // host:port
};

}  // namespace switchboard::publish
