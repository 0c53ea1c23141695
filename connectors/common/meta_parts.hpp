// The members of an item of messaging[], each of which says what happened. Internal to meta_messaging.
#pragma once

#include "connectors/common/meta_messaging.hpp"

namespace switchboard::connectors::meta {

inline constexpr std::size_t longest_id = 512;

// Each fills the fact from one member of the item; what is wrong stays in the reader. False: of a kind unknown to us,
// and the fact is as it was. The fact comes with its people, its time, its conversation, and a key made of those.

// What was written, and where its writer came from.
bool fill_message(json::reader&, const entry_context&, contact&);
bool fill_postback(json::reader&, const entry_context&, contact&);
bool fill_edit(json::reader&, const entry_context&, contact&);
bool fill_referral(json::reader&, const entry_context&, contact&);

// What became of it, and of the thread.
bool fill_reaction(json::reader&, const entry_context&, contact&);
bool fill_read(json::reader&, const entry_context&, contact&);
void fill_receipt(schemas::receipt_status, std::optional<timestamp> up_to, contact&);
std::string up_to_key(std::string_view status, const contact&, timestamp watermark);
bool fill_optin(json::reader&, const entry_context&, contact&);
bool fill_pass(json::reader&, const entry_context&, contact&);
bool fill_take(json::reader&, const entry_context&, contact&);
bool fill_request(json::reader&, const entry_context&, contact&);
bool fill_account_linking(json::reader&, const entry_context&, contact&);

// What customers answered: surveys, ratings, forms.
bool fill_survey(json::reader&, const entry_context&, contact&);
bool fill_response_feedback(json::reader&, const entry_context&, contact&);
bool fill_customer_information(json::reader&, const entry_context&, contact&);
bool fill_game(json::reader&, const entry_context&, contact&);

}  // namespace switchboard::connectors::meta
