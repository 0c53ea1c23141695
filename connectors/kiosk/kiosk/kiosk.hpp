// Store kiosks: signed HTTP batches from devices of our own protocol. docs/connectors/kiosk.md is the protocol's page.
#pragma once

#include "connectors/contract.hpp"

namespace switchboard::connectors::kiosk {

inline constexpr std::string_view name = "kiosk";
extern const connector definition;

}  // namespace switchboard::connectors::kiosk
