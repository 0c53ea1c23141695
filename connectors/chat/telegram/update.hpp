// One update: what every fact in it shares, who its people are and which conversation it belongs to.
#pragma once

#include "connectors/chat/telegram/node.hpp"
#include "connectors/chat/telegram/settings.hpp"

namespace switchboard::connectors::telegram {

struct update {
  const configuration& settings;
  const connectors::limits& limits;
  timestamp received_at;
  std::int64_t id = 0;    // update_id
  std::string_view kind;  // the update's member: "edited_message"
  node body;              // its value
  std::string raw;        // the same, compact
  std::uint64_t fingerprint = 0;
};

inline constexpr std::size_t most_parts = 200;  // attachments, fields, cards of one event

// A fact without a subject: account, delivery, order; its time is that of receipt until at() says more.
contact start(const update&, schemas::event_type);
// Unix seconds. Without them, and with 0 (a message that can no longer be read), the time of receipt stays.
void at(schemas::event&, std::optional<std::int64_t> seconds);
item unknown(const update&, contact, std::string_view kind);
item missing(const update&, std::string_view pointer);

// "telegram:42": users, bots, groups and channels share one space of ids, the same for every bot.
std::string uri_of(std::int64_t id);
std::string uri_of(const node& user_or_chat);  // empty without an id
std::string name_of(const node& user_or_chat);
schemas::party party_of(const node& user_or_chat, schemas::role = schemas::role::customer);
// The actor is this user, a customer unless it is a bot, and the customer concerned.
void from_customer(contact&, const node& user);
// We are whom it reached, outside groups. After converse().
void to_us(contact&);

// What tells a message from all others: "{bot}/{chat}/{message}", with the business connection before the chat where
// it belongs to one: in private chats every account counts its own messages.
std::string message_ref(const update&, const node& message);
std::string message_ref(const update&, std::string_view connection, std::int64_t chat, std::int64_t message);
// "{bot}/{kind}/{id}" for what else the bot gets ids of.
std::string own_ref(const update&, std::string_view kind, std::string_view id);

// Where it was said. `message` may be empty or name no more than an id (reactions).
void converse(const update&, contact&, const node& chat, const node& message);
// What comes without a chat: between this user and the bot.
void converse_with(const update&, contact&, const node& user);

// Total in the smallest units, Telegram Stars as XTR. nullopt when the currency is none.
std::optional<schemas::money> money_of(std::int64_t total, std::string_view currency);
// All scalars below `from`, named by their way down ("order_info.phone_number"), without the named members.
std::vector<schemas::field> fields_of(const node& from, std::initializer_list<std::string_view> without = {});

}  // namespace switchboard::connectors::telegram
