#include "connectors/chat/meta_whatsapp/message.hpp"

#include <algorithm>

#include "connectors/chat/meta_whatsapp/content.hpp"
#include "connectors/chat/meta_whatsapp/kinds.hpp"
#include "connectors/chat/meta_whatsapp/system.hpp"
#include "connectors/common/time.hpp"

namespace switchboard::connectors::meta_whatsapp {

namespace {

using schemas::event_type;

person sender_of(json::reader& m) {
  return {.phone = m.identifier("from"),
          .user_id = m.identifier("from_user_id"),
          .parent_user_id = m.identifier("from_parent_user_id"),
          .name = {}};
}

person addressee_of(json::reader& m) {
  return {.phone = m.identifier("to"),
          .user_id = m.identifier("to_user_id"),
          .parent_user_id = m.identifier("to_parent_user_id"),
          .name = {}};
}

// Applies to an earlier message: that one is the object, this one only its delivery.
std::string set_object(json::reader& from, std::string_view name, contact& fact) {
  std::string original = from.id(name);
  from.require(!original.empty(), name);
  fact.event.delivery_id = fact.key;
  fact.event.object.external_id = original;
  return original;
}

void reaction(json::reader& m, contact& fact) {
  fact.event.type = event_type::reaction;
  const auto given = m.sub("reaction");
  m.require(given.has_value(), "reaction");
  if (!given) return;
  json::reader from(*given, m.path("reaction"));
  set_object(from, "message_id", fact);
  schemas::reaction& out = fact.event.reaction.emplace();
  out.emoji = from.text("emoji");
  if (out.emoji.empty()) out.action = schemas::reaction_action::removed;
  m.merge(from);
}

// false when what it was changed into is of a kind that is not known.
bool edit(json::reader& m, const change& c, contact& fact) {
  fact.event.type = event_type::message_edited;
  const auto given = m.sub("edit");
  m.require(given.has_value(), "edit");
  if (!given) return true;
  json::reader from(*given, m.path("edit"));
  set_object(from, "original_message_id", fact);
  const auto changed = from.sub("message");
  from.require(changed.has_value(), "message");
  bool known = true;
  if (changed) {
    json::reader message(*changed, from.path("message"));
    known = fill_content(message, message.identifier("type"), c, fact.event, true);
    from.merge(message);
  }
  m.merge(from);
  return known;
}

void revoke(json::reader& m, contact& fact) {
  fact.event.type = event_type::message_deleted;
  fact.event.deletion.emplace().reason = schemas::deletion_reason::unsent;
  const auto given = m.sub("revoke");
  m.require(given.has_value(), "revoke");
  if (!given) return;
  json::reader from(*given, m.path("revoke"));
  set_object(from, "original_message_id", fact);
  m.merge(from);
}

// A permission to be called is an explicit choice, where the customer made it and not the call itself.
void permission(const contact& message, std::vector<item>& out) {
  const auto& answer = message.event.message->interaction;
  if (!answer || answer->title != "call_permission" || message.event.direction != schemas::direction::inbound) return;
  const auto chosen = std::ranges::find(answer->fields, "response_source", &schemas::field::name);
  const bool granted = answer->payload == "accept";
  if (chosen == answer->fields.end() || chosen->value != "user_action" || (!granted && answer->payload != "reject"))
    return;
  contact consent = message;
  schemas::event& event = consent.event;
  event.type = event_type::consent_changed;
  event.message.reset();
  event.related.clear();
  event.consent = {.state = granted ? schemas::consent_state::granted : schemas::consent_state::withdrawn,
                   .scope = schemas::consent_scope::calls,
                   .applies_to = {},
                   .evidence = event.object.external_id};
  const auto until = std::ranges::find(answer->fields, "expiration_timestamp", &schemas::field::name);
  if (until != answer->fields.end())
    if (const auto at = plain_integer(until->value)) event.consent->expires_at = from_unix(*at);
  consent.derived_from = out.size() - 1;
  out.emplace_back(std::move(consent));
}

void opened(contact& fact) {
  fact.event.type = event_type::session_started;
  schemas::session& out = fact.event.session.emplace();
  out.id = fact.key;
  out.reason = "request_welcome";
}

}  // namespace

void decode_message(json::reader& m, json::element whole, const change& c, const whose& origin,
                    std::vector<item>& out) {
  const bool inbound = origin.direction == schemas::direction::inbound;
  contact fact = c.fact(inbound ? event_type::message_received : event_type::message_sent, origin.direction);
  schemas::event& event = fact.event;
  event.capture = origin.capture;
  fact.key = m.id("id");
  m.require(!fact.key.empty(), "id");
  fact.fingerprint = fingerprint_of(whole);
  event.object.external_id = fact.key;
  set_time(m, "timestamp", c, event);
  person who = inbound ? sender_of(m) : addressee_of(m);
  if (who.unknown()) who.phone = origin.thread;
  const std::string_view type = m.identifier("type");
  if (type == "system") return decode_system(m, whole, c, std::move(fact), who, out);
  c.concern(fact, who, m.identifier("group_id"));
  if (!inbound && origin.capture == schemas::capture::automatic) event.automated = schemas::automated::human;

  bool known = true;
  if (type == "reaction")
    reaction(m, fact);
  else if (type == "edit")
    known = edit(m, c, fact);
  else if (type == "revoke")
    revoke(m, fact);
  else if (type == "request_welcome")
    opened(fact);
  else
    known = fill_content(m, type, c, event);
  if (!known) {
    out.emplace_back(keep(std::move(fact), std::string(c.update.field) + "/" + std::string(type), whole));
    return;
  }
  out.emplace_back(std::move(fact));
  if (type == "interactive") permission(std::get<contact>(out.back()), out);
}

void decode_messages(const change& c, std::vector<item>& out) {
  for_each(c, "messages", out, [&](json::reader& m, json::element whole, std::vector<item>& made) {
    decode_message(m, whole, c, {}, made);
  });
}

void decode_echoes(const change& c, std::vector<item>& out) {
  for_each(c, "message_echoes", out, [&](json::reader& m, json::element whole, std::vector<item>& made) {
    decode_message(m, whole, c, {.direction = schemas::direction::outbound}, made);
  });
}

}  // namespace switchboard::connectors::meta_whatsapp
