// How a command reaches the Kafka that the broker writes to.
#pragma once

#include <expected>
#include <string>
#include <utility>
#include <vector>

#include "broker/app/configuration.hpp"

namespace switchboard::app {

// The configured properties; for an embedded broker its address, which the running process tells on its admin listener
// (`admin_url`, empty: from the configuration). The error is for a person.
std::expected<std::vector<std::pair<std::string, std::string>>, std::string> kafka_properties(
    const configuration&, const std::string& admin_url);

}  // namespace switchboard::app
