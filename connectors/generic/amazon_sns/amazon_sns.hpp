// Whatever is published to a topic of Amazon SNS; what its messages mean stands in the settings.
// docs/connectors/amazon-sns.md.
#pragma once

#include "connectors/contract.hpp"

namespace switchboard::connectors::amazon_sns {

inline constexpr std::string_view name = "amazon-sns";
extern const connector definition;

}  // namespace switchboard::connectors::amazon_sns
