// Foreign CloudEvents 1.0 over HTTP, in binary, structured and batch mode. docs/connectors/cloudevents.md.
#pragma once

#include "connectors/contract.hpp"

namespace switchboard::connectors::cloudevents {

inline constexpr std::string_view name = "cloudevents";
extern const connector definition;

}  // namespace switchboard::connectors::cloudevents
