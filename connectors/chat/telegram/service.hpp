// Service messages: what happened to a chat or to the customer, told as a Message without words.
#pragma once

#include "connectors/chat/telegram/update.hpp"

namespace switchboard::connectors::telegram {

// `told`: the message's envelope (sender, conversation, time, object). Empty when it is no service message that
// becomes an event of its own kind.
std::vector<item> decode_service(const update&, const node& message, const contact& told);

}  // namespace switchboard::connectors::telegram
