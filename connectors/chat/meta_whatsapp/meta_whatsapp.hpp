// WhatsApp Cloud API: messages, receipts, calls and what else one app tells of its numbers;
// docs/connectors/meta-whatsapp.md.
#pragma once

#include "connectors/contract.hpp"

namespace switchboard::connectors::meta_whatsapp {

inline constexpr std::string_view name = "meta-whatsapp";
extern const connector definition;

}  // namespace switchboard::connectors::meta_whatsapp
