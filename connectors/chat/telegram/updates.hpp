// The updates that are no Message: presses, queries, reactions, votes, purchases, boosts.
#pragma once

#include "connectors/chat/telegram/update.hpp"

namespace switchboard::connectors::telegram {

std::vector<item> decode_callback(const update&);            // callback_query
std::vector<item> decode_inline_query(const update&);        // inline_query
std::vector<item> decode_chosen_result(const update&);       // chosen_inline_result
std::vector<item> decode_reaction(const update&);            // message_reaction
std::vector<item> decode_reaction_count(const update&);      // message_reaction_count
std::vector<item> decode_poll(const update&);                // poll
std::vector<item> decode_poll_answer(const update&);         // poll_answer
std::vector<item> decode_purchased_media(const update&);     // purchased_paid_media
std::vector<item> decode_stopped_generation(const update&);  // stopped_message_generation
std::vector<item> decode_deleted_messages(const update&);    // deleted_business_messages
// shipping_query, pre_checkout_query, subscription, managed_bot, chat_join_request, chat_boost, removed_chat_boost:
// what they say is carried as a form named after them.
std::vector<item> decode_form(const update&);

}  // namespace switchboard::connectors::telegram
