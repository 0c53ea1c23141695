// Messages of type system: the customer has another number, another id, another device.
#pragma once

#include "connectors/chat/meta_whatsapp/change.hpp"

namespace switchboard::connectors::meta_whatsapp {

void decode_system(json::reader& message, json::element whole, const change&, contact fact, const person& sender,
                   std::vector<item>& out);

}  // namespace switchboard::connectors::meta_whatsapp
