// Telegram: the Bot API's webhook, one update a request; docs/connectors/telegram.md.
#pragma once

#include "connectors/contract.hpp"

namespace switchboard::connectors::telegram {

inline constexpr std::string_view name = "telegram";
extern const connector definition;

}  // namespace switchboard::connectors::telegram
