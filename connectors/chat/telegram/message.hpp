// The updates that carry a Message: new, edited, of a channel, of a business account, of a guest chat.
#pragma once

#include "connectors/chat/telegram/update.hpp"

namespace switchboard::connectors::telegram {

std::vector<item> decode_message(const update&);

}  // namespace switchboard::connectors::telegram
