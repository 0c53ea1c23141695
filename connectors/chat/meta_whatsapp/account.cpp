#include "connectors/chat/meta_whatsapp/kinds.hpp"

namespace switchboard::connectors::meta_whatsapp {

namespace {

using schemas::event_type;

// Told without an id of its own: by the account, the time of the request and the content.
contact account_fact(const change& c, json::element e, std::string_view what) {
  contact fact = c.fact(event_type::unsupported, schemas::direction::system);
  fact.fingerprint = fingerprint_of(e);
  if (c.update.entry_time) {
    fact.event.time = *c.update.entry_time;
    fact.key = std::string(c.update.entry_id) + "/" + std::string(what) + "/" +
               std::to_string(c.update.entry_time->time_since_epoch().count()) + "/" + std::to_string(fact.fingerprint);
  } else {
    fact.event.add(schemas::flag::time_from_receipt);
  }
  return fact;
}

void participants(json::reader& group, std::string_view list_name, schemas::membership_state state, const change& c,
                  const contact& common, std::vector<item>& out) {
  const auto list = group.list(list_name);
  if (!list) return;
  for_each(c, *list, group.path(list_name), out, [&](json::reader& p, json::element, std::vector<item>& made) {
    contact fact = common;
    person who{.phone = p.identifier("wa_id"),
               .user_id = p.identifier("user_id"),
               .parent_user_id = p.identifier("parent_user_id"),
               .name = {}};
    if (who.unknown()) who.phone = p.identifier("input");
    p.require(!who.unknown(), "wa_id");
    c.concern(fact, who, common.event.conversation.external_id);
    fact.key += "/" + std::string(who.user_id.empty() ? who.phone : who.user_id);
    fact.event.membership = {.state = state, .member = fact.event.customer_uri};
    made.emplace_back(std::move(fact));
  });
}

void decode_group(json::reader& from, json::element whole, const change& c, std::vector<item>& out) {
  const std::string_view type = from.identifier("type", 128), group = from.identifier("group_id");
  from.require(!group.empty(), "group_id");
  contact fact = c.fact(event_type::membership_changed, schemas::direction::inbound);
  set_time(from, "timestamp", c, fact.event);
  fact.event.object.external_id = group;
  fact.event.conversation.kind = schemas::conversation_kind::group;
  fact.event.conversation.external_id = group;
  fact.conversation = {std::string(c.account_id), "group", std::string(group)};
  fact.fingerprint = fingerprint_of(whole);
  fact.event.delivery_id = from.id("request_id");
  fact.key = std::string(group) + "/" + std::string(type) + "/" + from.id("timestamp") + "/" + fact.event.delivery_id;

  const std::size_t before = out.size();
  if (type == "group_participants_add") {
    participants(from, "added_participants", schemas::membership_state::joined, c, fact, out);
  } else if (type == "group_participants_remove") {
    const bool left = from.text("initiated_by") == "participant";
    if (!left) fact.event.direction = schemas::direction::outbound;
    participants(from, "removed_participants",
                 left ? schemas::membership_state::left : schemas::membership_state::removed, c, fact, out);
  }
  if (out.size() > before) return;
  fact.event.direction = schemas::direction::system;
  fact.key += "/" + from.id("join_request_id");
  out.emplace_back(keep(std::move(fact), std::string(c.update.field) + "/" + std::string(type), whole));
}

}  // namespace

void decode_groups(const change& c, std::vector<item>& out) {
  for_each(c, "groups", out,
           [&](json::reader& g, json::element whole, std::vector<item>& made) { decode_group(g, whole, c, made); });
}

void decode_errors(const change& c, std::vector<item>& out) {
  for_each(c, "errors", out, [&](json::reader& e, json::element whole, std::vector<item>& made) {
    made.emplace_back(keep(account_fact(c, whole, "errors"), "errors/" + e.id("code"), whole));
  });
}

void decode_account(const change& c, std::vector<item>& out) {
  const std::string field(c.update.field);
  const std::size_t before = out.size();
  for_each(c, "state_sync", out, [&](json::reader& e, json::element whole, std::vector<item>& made) {
    const std::string_view type = e.identifier("type", 64);
    made.emplace_back(keep(account_fact(c, whole, "state_sync"), field + "/" + std::string(type), whole));
  });
  if (out.size() > before) return;
  std::string kind = field.empty() ? "messaging" : field;
  for (const std::string_view name : {"event", "decision"})
    if (std::string_view what; !c.value.at_key(name).get(what) && what.size() <= 64) kind += "/" + std::string(what);
  out.emplace_back(keep(account_fact(c, c.update.whole, field), std::move(kind), c.update.whole));
}

}  // namespace switchboard::connectors::meta_whatsapp
