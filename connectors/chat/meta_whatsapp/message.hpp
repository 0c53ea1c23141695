// One element of messages[], message_echoes[] or an imported thread.
#pragma once

#include "connectors/chat/meta_whatsapp/change.hpp"

namespace switchboard::connectors::meta_whatsapp {

struct whose {
  schemas::direction direction = schemas::direction::inbound;
  schemas::capture capture = schemas::capture::automatic;
  std::string_view thread = {};  // the customer's number, where the message itself does not name him
};
void decode_message(json::reader& message, json::element whole, const change&, const whose&, std::vector<item>& out);

}  // namespace switchboard::connectors::meta_whatsapp
