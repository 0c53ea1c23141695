#include "connectors/chat/meta_whatsapp/system.hpp"

#include "connectors/common/identity.hpp"

namespace switchboard::connectors::meta_whatsapp {

namespace {

schemas::link link_of(schemas::link_relation relation, std::string from, std::string to, const contact& fact,
                      std::string_view method) {
  return {.relation = relation,
          .from = std::move(from),
          .to = std::move(to),
          .valid_from = fact.event.time,
          .evidence_method = std::string(method),
          .evidence_external_id = fact.key};
}

// One event for each pair of identities, the number first; the conversation stays the one under the old identity.
void changed(json::reader& system, std::string_view type, const change& c, contact fact, const person& sender,
             std::vector<item>& out) {
  const auto either = [&](std::string_view name, std::string_view older) {
    const std::string_view given = system.identifier(name);
    return given.empty() ? system.identifier(older) : given;
  };
  const person now{.phone = either("wa_id", "new_wa_id"),
                   .user_id = system.identifier("user_id"),
                   .parent_user_id = system.identifier("parent_user_id"),
                   .name = {}};
  const std::string_view customer = system.identifier("customer");
  person before{.phone = customer.empty() ? sender.phone : customer,
                .user_id = system.identifier("previous_user_id"),
                .parent_user_id = system.identifier("previous_parent_user_id"),
                .name = {}};
  const std::string_view business = c.update.entry_id.empty() ? c.account_id : c.update.entry_id;
  const std::pair<std::string, std::string> pairs[] = {
      {whatsapp_uri(before.phone), whatsapp_uri(now.phone)},
      {whatsapp_uri(business, before.user_id), whatsapp_uri(business, now.user_id)},
      {whatsapp_uri(business, before.parent_user_id), whatsapp_uri(business, now.parent_user_id)}};

  c.concern(fact, before);
  contact after = c.fact(fact.event.type, fact.event.direction);
  c.concern(after, now);
  if (!after.event.customer_uri.empty()) {
    fact.event.customer_uri = after.event.customer_uri;
    fact.event.actor = after.event.actor;
  }
  if (!after.conversation.empty()) fact.conversation_aliases.push_back(std::move(after.conversation));
  for (auto& alias : after.conversation_aliases) fact.conversation_aliases.push_back(std::move(alias));
  for (const auto& [from, to] : pairs) {
    if (from.empty() || to.empty() || from == to) continue;
    contact one = fact;
    one.event.link = link_of(schemas::link_relation::replaces, from, to, one, type);
    out.emplace_back(std::move(one));
    ++fact.ordinal;
  }
  if (fact.ordinal == 0) system.require(false, now.phone.empty() ? "user_id" : "wa_id");
}

// The key behind the number is another one: a new device, or a new person. The hash names it.
void identity_changed(json::reader& message, const change& c, contact fact, const person& sender,
                      std::vector<item>& out) {
  const auto given = message.sub("identity");
  message.require(given.has_value(), "identity");
  if (!given) return;
  json::reader identity(*given, message.path("identity"));
  c.concern(fact, sender);
  const std::string hash = identity.id("hash");
  identity.require(!hash.empty(), "hash");
  fact.event.link = link_of(schemas::link_relation::same, fact.event.customer_uri,
                            provider_uri("whatsapp-identity", c.account_id, hash), fact, "customer_identity_changed");
  if (const auto created = identity.find("created_timestamp"))
    if (const auto at = meta::time_of(*created)) fact.event.link->valid_from = at;
  message.require(!fact.event.customer_uri.empty(), "from");
  message.merge(identity);
  out.emplace_back(std::move(fact));
}

}  // namespace

void decode_system(json::reader& message, json::element whole, const change& c, contact fact, const person& sender,
                   std::vector<item>& out) {
  const auto given = message.sub("system");
  message.require(given.has_value(), "system");
  if (!given) return;
  json::reader system(*given, message.path("system"));
  const std::string_view type = system.identifier("type");
  fact.event.type = schemas::event_type::identity_linked;
  if (type == "user_changed_number" || type == "customer_changed_number" || type == "user_changed_user_id") {
    changed(system, type, c, std::move(fact), sender, out);
  } else if (type == "customer_identity_changed") {
    identity_changed(message, c, std::move(fact), sender, out);
  } else {
    c.concern(fact, sender);
    out.emplace_back(keep(std::move(fact), "system/" + std::string(type), whole));
  }
  message.merge(system);
}

}  // namespace switchboard::connectors::meta_whatsapp
