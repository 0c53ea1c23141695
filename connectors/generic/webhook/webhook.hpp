// Any system that speaks Standard Webhooks; what its bodies mean stands in the settings. docs/connectors/webhook.md.
#pragma once

#include "connectors/contract.hpp"

namespace switchboard::connectors::webhook {

inline constexpr std::string_view name = "webhook";
extern const connector definition;

}  // namespace switchboard::connectors::webhook
