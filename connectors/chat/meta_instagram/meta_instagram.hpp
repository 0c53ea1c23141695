// Instagram: direct messages, comments, mentions; docs/connectors/meta-instagram.md.
#pragma once

#include "connectors/contract.hpp"

namespace switchboard::connectors::meta_instagram {

inline constexpr std::string_view name = "meta-instagram";
extern const connector definition;

}  // namespace switchboard::connectors::meta_instagram
