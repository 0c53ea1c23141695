#include "connectors/chat/telegram/message.hpp"

#include "connectors/chat/telegram/content.hpp"
#include "connectors/chat/telegram/service.hpp"
#include "connectors/common/identity.hpp"
#include "connectors/common/time.hpp"

namespace switchboard::connectors::telegram {

namespace {

using schemas::event_type;

// The company's own: who of it spoke, and to whom.
void from_us(contact& fact, schemas::party who, const node& chat) {
  schemas::event& event = fact.event;
  event.direction = schemas::direction::outbound;
  event.actor = std::move(who);
  if (event.customer_uri.empty()) return;
  schemas::recipient to{.who = {.identities = {{event.customer_uri}}}};
  if (uri_of(chat) == event.customer_uri) to.who.display_name = name_of(chat);
  event.recipients.push_back(std::move(to));
}

// A channel or group that speaks, or who signed for it.
schemas::party in_the_name_of(const node& chat, schemas::role role, std::string_view signature) {
  schemas::party out = party_of(chat, signature.empty() ? role : schemas::role::agent);
  if (!signature.empty()) out.display_name = signature;
  return out;
}

// Who wrote. After converse(): there a private chat has named its customer.
void fill_sender(const update& u, const node& message, contact& fact) {
  schemas::event& event = fact.event;
  const node chat = message["chat"], from = message["from"], sender_chat = message["sender_chat"];
  const std::string_view type = chat.text("type");
  const auto author = from.integer("id"), place = chat.integer("id");
  const std::string_view signature = message.text("author_signature");
  if (message.has("via_bot") || message.has("sender_business_bot")) event.automated = schemas::automated::bot;

  if (author == u.settings.bot_id || message.has("sender_business_bot")) {
    const node bot = message.has("sender_business_bot") ? message["sender_business_bot"] : from;
    event.automated = schemas::automated::bot;
    return from_us(fact, party_of(bot, schemas::role::bot), chat);
  }
  if (type == "channel" || message.truth("is_automatic_forward")) {
    if (from && !sender_chat) return from_us(fact, party_of(from, schemas::role::agent), chat);
    return from_us(fact, in_the_name_of(sender_chat ? sender_chat : chat, schemas::role::business, signature), chat);
  }
  if (const node topic = message["direct_messages_topic"]) {
    event.customer_uri = uri_of(topic["user"]);
    if (topic.has("user") && author != topic["user"].integer("id"))
      return from_us(fact, party_of(sender_chat ? sender_chat : from, schemas::role::agent), chat);
  }
  // A group in its own name: an administrator who does not say which.
  if (sender_chat && sender_chat.integer("id") == place)
    return from_us(fact, in_the_name_of(sender_chat, schemas::role::agent, signature), chat);
  // Both write in a business account's private chat, which is named by the customer.
  if (message.has("business_connection_id") && author && author != place) {
    if (message.truth("is_from_offline")) event.automated = schemas::automated::auto_reply;
    return from_us(fact, party_of(from, schemas::role::agent), chat);
  }
  // `from` is a placeholder where somebody writes as a channel of theirs.
  from_customer(fact, sender_chat ? sender_chat : from);
  to_us(fact);
}

void reply_to(schemas::event& event, schemas::context_kind kind, std::string external_id) {
  if (external_id.empty()) return;
  if (event.message && !event.message->context)
    event.message->context = {schemas::context_rel::replies_to, kind, external_id, {}};
  event.related.push_back({schemas::rel::in_reply_to, {}, std::move(external_id), {}});
}

// The post that an origin names, empty when it names none.
std::string origin_post(const update& u, const node& origin) {
  const auto chat = origin["chat"].integer("id"), post = origin.integer("message_id");
  return chat && post ? message_ref(u, {}, *chat, *post) : std::string();
}

void forwarded(schemas::event& event, const node& from, std::string_view name, std::optional<std::int64_t> at,
               std::string original) {
  schemas::forwarding& out = event.message->forwarded.emplace();
  out.from = from ? name_of(from) : std::string(name);
  out.from_uri = uri_of(from);
  if (at) out.at = from_unix_seconds(*at);
  if (!original.empty()) event.related.push_back({schemas::rel::forwarded_from, {}, std::move(original), {}});
}

void fill_forward(const update& u, const node& message, schemas::event& event) {
  if (const node origin = message["forward_origin"]) {
    for (const std::string_view who : {"chat", "sender_chat", "sender_user"})
      if (const node from = origin[who])
        return forwarded(event, from, {}, origin.integer("date"), origin_post(u, origin));
    return forwarded(event, {}, origin.text("sender_user_name"), origin.integer("date"), {});
  }
  // As it was told before Bot API 7.0.
  const auto at = message.integer("forward_date");
  if (const node chat = message["forward_from_chat"]) {
    const auto id = chat.integer("id"), post = message.integer("forward_from_message_id");
    forwarded(event, chat, {}, at, id && post ? message_ref(u, {}, *id, *post) : std::string());
  } else if (message.has("forward_from") || message.has("forward_sender_name")) {
    forwarded(event, message["forward_from"], message.text("forward_sender_name"), at, {});
  }
}

void fill_context(const update& u, const node& message, contact& fact) {
  schemas::event& event = fact.event;
  if (const node parent = message["reply_to_message"]) {
    // What a channel's discussion group gets of a post; an answer to it is a comment on the post.
    const node post = parent["forward_origin"];
    if (parent.truth("is_automatic_forward") && post && event.message) {
      event.channel = schemas::channel::social;
      event.message->context = {
          schemas::context_rel::comments_on, schemas::context_kind::post, origin_post(u, post), {}};
    }
    std::string external_id = message_ref(u, parent);
    // A reply inside an account names its parent without repeating where it is.
    if (external_id.empty())
      if (const auto id = parent.integer("message_id"); id && message["chat"].integer("id"))
        external_id = message_ref(u, message.text("business_connection_id"), *message["chat"].integer("id"), *id);
    reply_to(event, schemas::context_kind::message, std::move(external_id));
  }
  const node external = message["external_reply"];
  if (const auto id = external.integer("message_id"); id && external["chat"].integer("id"))
    reply_to(event, schemas::context_kind::message, message_ref(u, {}, *external["chat"].integer("id"), *id));
  if (const node story = message["reply_to_story"])
    reply_to(event, schemas::context_kind::story, story["chat"].digits("id") + "/story/" + story.digits("id"));
  fill_forward(u, message, event);
  if (const std::string_view album = message.text("media_group_id"); !album.empty())
    event.related.push_back(
        {schemas::rel::part_of, {}, own_ref(u, message["chat"].digits("id") + "/album", album), {}});
}

// A command, without the bot's name that groups put behind it; what follows /start came with the link that led the
// customer to the bot.
void fill_command(const node& message, schemas::event& event) {
  bool first = false;
  message.each("entities", most_parts, [&](const node& entity) {
    first = first || (entity.text("type") == "bot_command" && entity.integer("offset") == 0);
  });
  if (!first || !event.text.starts_with('/')) return;
  const std::string_view text = event.text, command = text.substr(0, text.find_first_of(" @\n"));
  event.message->kind = schemas::message_kind::interaction;
  event.message->interaction = {schemas::interaction_kind::keyword, std::string(command), {}, {}};
  const auto space = text.find(' ');
  if (command != "/start" || space == std::string_view::npos || space + 1 == text.size()) return;
  event.message->referral =
      schemas::referral_info{.kind = schemas::referral_kind::link, .ref = std::string(text.substr(space + 1))};
}

// Telegram tells whose number it is: a card of one's own is a proof.
std::string own_number(const node& message) {
  const node card = message["contact"];
  const auto user = card.integer("user_id");
  if (!user || user != message["from"].integer("id")) return {};
  const std::string_view number = card.text("phone_number");
  return tel_uri(number.starts_with('+') ? std::string(number) : '+' + std::string(number));
}

contact link_of(const contact& message, std::string phone) {
  contact out = message;
  schemas::event& event = out.event;
  event.type = event_type::identity_linked;
  event.message.reset();
  event.attachments.clear();
  event.related.clear();
  event.text.clear();
  out.blobs.clear();
  event.link = schemas::link{.relation = schemas::link_relation::same,
                             .from = event.customer_uri,
                             .to = std::move(phone),
                             .evidence_method = "contact",
                             .evidence_external_id = event.object.external_id};
  out.derived_from = 0;
  return out;
}

}  // namespace

std::vector<item> decode_message(const update& u) {
  const node& message = u.body;
  if (!message["chat"].integer("id")) return {missing(u, "/chat/id")};
  if (!message.integer("message_id")) return {missing(u, "/message_id")};

  const bool edited = u.kind.starts_with("edited_");
  contact fact = start(u, event_type::message_received);
  schemas::event& event = fact.event;
  event.object.external_id = message_ref(u, message);
  fact.key = event.object.external_id;
  at(event, message.integer("date"));
  converse(u, fact, message["chat"], message);
  fill_sender(u, message, fact);

  if (!edited)
    if (auto service = decode_service(u, message, fact); !service.empty()) return service;
  event.message.emplace();
  if (!fill_content(u, message, fact)) {
    event.message.reset();
    if (edited) fact.key += "/edited/" + event.delivery_id;
    if (message.has("passport_data")) event.add(schemas::flag::encrypted);
    return {unknown(u, std::move(fact), content_name(message))};
  }
  fill_context(u, message, fact);
  fill_command(message, event);
  if (event.direction == schemas::direction::outbound) event.type = event_type::message_sent;
  if (edited) {
    event.type = event_type::message_edited;
    const std::string edit = message.digits("edit_date");
    at(event, message.integer("edit_date"));
    fact.key += edit.empty() ? "/edited/" + event.delivery_id : '/' + edit;
  }
  std::string phone = event.actor && event.actor->who == schemas::role::customer ? own_number(message) : std::string();
  if (phone.empty()) return {std::move(fact)};
  event.actor->identities.push_back({phone, true});
  contact link = link_of(fact, std::move(phone));
  return {std::move(fact), std::move(link)};
}

}  // namespace switchboard::connectors::telegram
