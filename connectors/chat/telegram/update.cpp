#include "connectors/chat/telegram/update.hpp"

#include <algorithm>

#include "connectors/common/identity.hpp"
#include "connectors/common/text.hpp"
#include "connectors/common/time.hpp"

namespace switchboard::connectors::telegram {

namespace {

constexpr std::size_t longest_name = 1024;

void append_fields(std::vector<schemas::field>& out, std::string name, json::element value) {
  if (out.size() == most_parts || name.empty()) return;
  if (json::object object; !value.get(object)) {
    for (const auto member : object) append_fields(out, name + '.' + std::string(member.key), member.value);
  } else if (json::array list; !value.get(list)) {
    std::size_t i = 0;
    for (const json::element each : list) append_fields(out, name + '.' + std::to_string(i++), each);
  } else if (auto text = json::scalar(value)) {
    out.push_back({.name = std::move(name), .value = *std::move(text)});
  }
}

int decimals_of(std::string_view currency) noexcept {
  // XTR: Telegram Stars.
  for (const std::string_view none : {"XTR", "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF",
                                      "UGX", "VND", "VUV", "XAF", "XOF", "XPF"})
    if (currency == none) return 0;
  for (const std::string_view three : {"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})
    if (currency == three) return 3;
  return 2;
}

}  // namespace

contact start(const update& u, schemas::event_type type) {
  contact out;
  schemas::event& event = out.event;
  event.type = type;
  event.channel = schemas::channel::chat;
  event.provider = "telegram";
  event.product = "bot";
  event.account = {u.settings.bot, uri_of(u.settings.bot_id), u.settings.username};
  event.time = u.received_at;
  event.add(schemas::flag::time_from_receipt);
  event.delivery_id = std::to_string(u.id);
  event.provider_sequence = {u.settings.bot, event.delivery_id};
  out.fingerprint = u.fingerprint;
  return out;
}

void at(schemas::event& event, std::optional<std::int64_t> seconds) {
  const auto time = seconds && *seconds > 0 ? from_unix_seconds(*seconds) : std::nullopt;
  if (!time) return;
  event.time = *time;
  std::erase(event.flags, schemas::flag::time_from_receipt);
}

item unknown(const update& u, contact fact, std::string_view kind) {
  return unsupported{std::move(fact), "telegram/" + std::string(cut(kind, 64)), u.raw};
}

item missing(const update& u, std::string_view pointer) {
  return item_rejected{reject_code::missing_field, "/" + std::string(u.kind) + std::string(pointer), u.raw};
}

std::string uri_of(std::int64_t id) { return provider_uri("telegram", {}, std::to_string(id)); }
std::string uri_of(const node& who) {
  const auto id = who.integer("id");
  return id ? uri_of(*id) : std::string();
}

std::string name_of(const node& who) {
  std::string out(who.text("title"));
  if (out.empty()) out = who.text("first_name");
  if (const std::string_view last = who.text("last_name"); !last.empty()) {
    if (!out.empty()) out += ' ';
    out += last;
  }
  if (out.empty() && !who.text("username").empty()) out = "@" + std::string(who.text("username"));
  return std::string(cut(out, longest_name));
}

schemas::party party_of(const node& who, schemas::role role) {
  schemas::party out{.who = role, .display_name = name_of(who)};
  if (role == schemas::role::customer && who.truth("is_bot")) out.who = schemas::role::bot;
  if (std::string uri = uri_of(who); !uri.empty()) out.identities.push_back({std::move(uri), true});
  out.locale = language_tag(who.text("language_code"));
  return out;
}

void from_customer(contact& fact, const node& user) {
  if (!user) return;
  fact.event.actor = party_of(user);
  if (fact.event.actor->who == schemas::role::customer)
    fact.event.customer_uri = uri_of(user);
  else
    fact.event.automated = schemas::automated::bot;
}

void to_us(contact& fact) {
  schemas::event& event = fact.event;
  if (event.conversation.kind != schemas::conversation_kind::direct) return;
  event.recipients.push_back(
      {.who = {
           .who = schemas::role::business, .display_name = event.account.name, .identities = {{event.account.uri}}}});
}

std::string own_ref(const update& u, std::string_view kind, std::string_view id) {
  std::string out = u.settings.bot + '/' + std::string(kind) + '/';
  append_escaped(out, cut(id, 256));
  return out;
}

std::string message_ref(const update& u, std::string_view connection, std::int64_t chat, std::int64_t message) {
  std::string out = u.settings.bot + '/';
  if (!connection.empty()) {
    append_escaped(out, cut(connection, 256));
    out += '/';
  }
  return out += std::to_string(chat) + '/' + std::to_string(message);
}

std::string message_ref(const update& u, const node& message) {
  const auto chat = message["chat"].integer("id"), id = message.integer("message_id");
  if (!chat || !id) return {};
  // Ephemeral messages have a space of ids of their own, and those are used again.
  if (const auto ephemeral = message.integer("ephemeral_message_id"))
    return u.settings.bot + '/' + std::to_string(*chat) + "/ephemeral/" + std::to_string(*ephemeral) + '/' +
           message.digits("date");
  return message_ref(u, message.text("business_connection_id"), *chat, *id);
}

void converse(const update& u, contact& fact, const node& chat, const node& message) {
  schemas::event& event = fact.event;
  auto& conversation = event.conversation;
  const std::string id = chat.digits("id");
  if (id.empty()) return;
  conversation.external_id = id;
  conversation.subject = cut(chat.text("title"), longest_name);
  if (!chat.text("username").empty() && chat.text("type") != "private")
    conversation.visibility = schemas::visibility::public_;
  conversation.kind = schemas::conversation_kind::group;

  const std::string topic = message.digits("message_thread_id");
  if (const std::string_view connection = message.text("business_connection_id"); !connection.empty()) {
    event.product = "business";
    event.customer_uri = uri_of(chat);
    conversation.kind = schemas::conversation_kind::direct;
    fact.conversation = {std::string(connection), event.customer_uri};
  } else if (chat.text("type") == "private") {
    event.customer_uri = uri_of(chat);
    conversation.kind = schemas::conversation_kind::direct;
    conversation.thread_id = topic;
    fact.conversation = {u.settings.bot, event.customer_uri};
  } else if (const std::string direct = message["direct_messages_topic"].digits("topic_id"); !direct.empty()) {
    conversation.kind = schemas::conversation_kind::direct;
    conversation.visibility = schemas::visibility::private_;
    conversation.thread_id = direct;
    fact.conversation = {id, "direct", direct};
  } else if (chat.text("type") == "channel" && message.has("message_id")) {
    conversation.kind = schemas::conversation_kind::post;
    event.channel = schemas::channel::social;
    fact.conversation = {id, "post", message.digits("message_id")};
  } else if (message.truth("is_topic_message") && !topic.empty()) {
    conversation.kind = schemas::conversation_kind::thread;
    conversation.thread_id = topic;
    fact.conversation = {id, topic};
  } else {
    fact.conversation = {id};
  }
}

void converse_with(const update& u, contact& fact, const node& user) {
  std::string uri = uri_of(user);
  if (uri.empty()) return;
  fact.event.conversation.external_id = user.digits("id");  // which is what a private chat is called
  fact.conversation = {u.settings.bot, std::move(uri)};
}

std::optional<schemas::money> money_of(std::int64_t total, std::string_view currency) {
  if (total < 0) return std::nullopt;
  std::string amount = std::to_string(total);
  if (const auto decimals = static_cast<std::size_t>(decimals_of(currency)); decimals > 0) {
    if (amount.size() <= decimals) amount.insert(0, decimals + 1 - amount.size(), '0');
    amount.insert(amount.size() - decimals, 1, '.');
  }
  return connectors::money_of(std::move(amount), currency);
}

std::vector<schemas::field> fields_of(const node& from, std::initializer_list<std::string_view> without) {
  std::vector<schemas::field> out;
  if (!from) return out;
  for (const auto member : *from.object())
    if (std::ranges::find(without, member.key) == without.end())
      append_fields(out, std::string(member.key), member.value);
  return out;
}

}  // namespace switchboard::connectors::telegram
