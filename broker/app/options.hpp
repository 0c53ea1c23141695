// Every key of the configuration file, as tables: what load() checks against and what docs/configuration.md is made
// from.
#pragma once

#include "broker/config/schema.hpp"

namespace switchboard::app {

extern const config::section configuration_table;  // the file as a whole
extern const config::section listener_limits_table;
extern const config::section source_table_options;  // one entry of `sources`

// Topics that always exist, with the names they have in Kafka unless configured otherwise.
struct default_topic {
  std::string_view logical, kafka;
};
extern const std::span<const default_topic> default_topics;

}  // namespace switchboard::app
