// The checkpoint of exactly-once delivery: the newest committed record of a topic of one partition. Blocking.
#pragma once

#include <chrono>
#include <expected>
#include <optional>
#include <span>
#include <string>

#include "broker/publish/checkpoint.hpp"
#include "broker/publish/kafka.hpp"
#include "broker/publish/topics.hpp"

namespace switchboard::publish {

// Only after init_transactions, which ends the predecessor's open transaction: before, the end of what is committed
// cannot be told. Nothing: no checkpoint was ever committed.
std::expected<std::optional<position>, admin_error> read_checkpoint(std::span<const property>, const std::string& topic,
                                                                    std::chrono::milliseconds limit);

}  // namespace switchboard::publish
