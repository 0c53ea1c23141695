#pragma once

#include "connectors/contract.hpp"

namespace switchboard::connectors::meta_whatsapp {

decoded decode(const inbound&, const prepared&, const authentic&, const limits&);
response reply(const inbound&, const prepared&, const decoded&, std::span<const item_outcome>);

}  // namespace switchboard::connectors::meta_whatsapp
