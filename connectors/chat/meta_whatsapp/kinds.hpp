// The kinds of change, each in a file of its own. Each appends what the change becomes; nothing means that it holds
// none.
#pragma once

#include "connectors/chat/meta_whatsapp/change.hpp"

namespace switchboard::connectors::meta_whatsapp {

void decode_messages(const change&, std::vector<item>& out);     // messages[]: message.cpp
void decode_echoes(const change&, std::vector<item>& out);       // message_echoes[], sent from the app: message.cpp
void decode_history(const change&, std::vector<item>& out);      // history[], imported: history.cpp
void decode_statuses(const change&, std::vector<item>& out);     // statuses[] of messages: status.cpp
void decode_preferences(const change&, std::vector<item>& out);  // user_preferences[]: status.cpp
void decode_calls(const change&, std::vector<item>& out);        // calls[] and statuses[] of calls: call.cpp
void decode_groups(const change&, std::vector<item>& out);       // groups[]: account.cpp
void decode_errors(const change&, std::vector<item>& out);       // errors[] of the account: account.cpp
void decode_account(const change&, std::vector<item>& out);      // whatever else, at least one item: account.cpp

}  // namespace switchboard::connectors::meta_whatsapp
