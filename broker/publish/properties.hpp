// Which of librdkafka's properties a user may set, and to what. Pure but for the library's own tables.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "broker/publish/forwarder.hpp"

namespace switchboard::publish {

struct property_problem {
  std::string name;           // empty: of all together
  std::string message, hint;  // for a person
};

// Unknown names, values out of range, properties that the forwarder owns, contradictions, and what the library at hand
// cannot do. `library_version` is rd_kafka_version(), a parameter for the tests.
std::vector<property_problem> check_properties(std::span<const std::pair<std::string, std::string>> properties,
                                               publish::delivery, bool embedded);
std::vector<property_problem> check_properties(std::span<const std::pair<std::string, std::string>> properties,
                                               publish::delivery, bool embedded, int library_version);

// Is this a property of librdkafka at all? For tables of options.
bool is_property(std::string_view name);

}  // namespace switchboard::publish
