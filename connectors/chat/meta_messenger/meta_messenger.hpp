// Messenger and the Pages of Facebook; docs/connectors/meta-messenger.md.
#pragma once

#include "connectors/contract.hpp"

namespace switchboard::connectors::meta_messenger {

inline constexpr std::string_view name = "meta-messenger";
extern const connector definition;

}  // namespace switchboard::connectors::meta_messenger
