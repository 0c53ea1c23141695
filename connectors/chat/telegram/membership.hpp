// Who belongs to what: blocking the bot, joining and leaving groups and channels, connecting a business account.
#pragma once

#include "connectors/chat/telegram/update.hpp"

namespace switchboard::connectors::telegram {

std::vector<item> decode_member(const update&);  // my_chat_member, chat_member
std::vector<item> decode_business_connection(const update&);

// "{bot}/{chat}/member/{user}"
std::string member_ref(const update&, const node& chat, const node& user);

}  // namespace switchboard::connectors::telegram
