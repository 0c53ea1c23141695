// WeChat official and service accounts, mini programs and the open platform's notices; docs/connectors/wechat.md.
#pragma once

#include "connectors/contract.hpp"

namespace switchboard::connectors::wechat {

inline constexpr std::string_view name = "wechat";
extern const connector definition;

}  // namespace switchboard::connectors::wechat
