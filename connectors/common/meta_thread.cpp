#include "connectors/common/identity.hpp"
#include "connectors/common/meta_parts.hpp"
#include "connectors/common/text.hpp"
#include "schemas/text.hpp"

namespace switchboard::connectors::meta {

namespace {

schemas::conversation_status& begin_hand_over(contact& fact, std::string_view who) {
  schemas::event& event = fact.event;
  event.type = schemas::event_type::conversation_changed;
  if (!who.empty()) event.actor = schemas::party{.who = schemas::role::business, .identities = {{app_uri(who)}}};
  return event.status.emplace();
}

}  // namespace

bool fill_reaction(json::reader& from, const entry_context&, contact& fact) {
  schemas::event& event = fact.event;
  event.type = schemas::event_type::reaction;
  event.object.external_id = from.identifier("mid", longest_id);
  from.require(!event.object.external_id.empty(), "mid");
  const std::string_view action = from.text("action");
  if (action != "react" && action != "unreact") from.fail(reject_code::out_of_range, "action");
  event.reaction = {.action = action == "react" ? schemas::reaction_action::added : schemas::reaction_action::removed,
                    .emoji = words(from.text("emoji"), longest_id, event),
                    .name = std::string(from.identifier("reaction"))};
  if (!fact.key.empty()) fact.key.insert(0, event.object.external_id + "/");
  return true;
}

// What the customer agreed to or no longer wants. A marketing message's topic is what the choice applies to.
bool fill_optin(json::reader& from, const entry_context&, contact& fact) {
  using enum schemas::consent_state;
  schemas::event& event = fact.event;
  const std::string_view type = from.text("type");
  schemas::consent consent{.state = granted, .scope = schemas::consent_scope::service};
  const auto text = [&](std::string_view name) { return words(from.text(name), longest_id, event); };
  if (type == "notification_messages") {
    const std::string_view status = from.text("notification_messages_status");
    if (lower(status).starts_with("stop")) consent.state = withdrawn;
    consent.scope = schemas::consent_scope::marketing;
    consent.applies_to = text("title");
    if (consent.applies_to.empty()) consent.applies_to = text("payload");
    consent.evidence = text("notification_messages_token");
    if (consent.state == granted) consent.expires_at = time_of(from, "token_expiry_timestamp");
  } else if (type == "one_time_notif_req") {
    consent.applies_to = text("payload");
    consent.evidence = text("one_time_notif_token");
  } else if (type.empty()) {
    consent.evidence = text("ref");
  } else {
    return false;
  }
  event.type = schemas::event_type::consent_changed;
  event.consent = std::move(consent);
  return true;
}

void fill_receipt(schemas::receipt_status status, std::optional<timestamp> up_to, contact& fact) {
  schemas::event& event = fact.event;
  event.type = schemas::event_type::receipt;
  event.receipt = {.status = status,
                   .up_to = up_to ? schemas::to_string(*up_to) : std::string(),
                   .recipient_uri = event.customer_uri,
                   .error = {},
                   .billing = {}};
}

std::string up_to_key(std::string_view status, const contact& fact, timestamp watermark) {
  return std::string(status) + "/" + fact.event.customer_uri + "/" +
         std::to_string(watermark.time_since_epoch().count());
}

// Messenger tells up to when, Instagram which message.
bool fill_read(json::reader& from, const entry_context& context, contact& fact) {
  const auto watermark = time_of(from, "watermark");
  const std::string_view mid = from.identifier("mid", longest_id);
  if (!watermark) from.require(!mid.empty(), context.product == "messenger" ? "watermark" : "mid");
  fill_receipt(schemas::receipt_status::read, watermark, fact);
  fact.event.object.external_id = mid;
  if (!mid.empty()) fact.key = std::string(mid) + "/read";
  if (mid.empty() && watermark) fact.key = up_to_key("read", fact, *watermark);
  return true;
}

bool fill_pass(json::reader& from, const entry_context&, contact& fact) {
  begin_hand_over(fact, from.id("previous_owner_app_id")).assignee = app_uri(from.id("new_owner_app_id"));
  return true;
}
bool fill_take(json::reader& from, const entry_context&, contact& fact) {
  const std::string owner = from.id("new_owner_app_id");
  begin_hand_over(fact, owner).assignee = app_uri(owner);
  return true;
}
bool fill_request(json::reader& from, const entry_context&, contact& fact) {
  const std::string wants = from.id("requested_owner_app_id");
  schemas::conversation_status& status = begin_hand_over(fact, wants);
  status.state = schemas::conversation_state::pending;
  status.queue = app_uri(wants);
  return true;
}

bool fill_account_linking(json::reader& from, const entry_context& context, contact& fact) {
  schemas::event& event = fact.event;
  const std::string_view status = from.text("status"), code = from.identifier("authorization_code", longest_id);
  if (status != "linked" && status != "unlinked") return false;
  const std::string scheme = std::string(context.product) + "-account";
  event.type = schemas::event_type::identity_linked;
  event.link = schemas::link{
      .relation = status == "linked" ? schemas::link_relation::same : schemas::link_relation::separates,
      .from = event.customer_uri,
      .to = code.empty() ? provider_uri(scheme, {}, context.account) : provider_uri(scheme, context.account, code),
      .valid_from = {},
      .evidence_method = "account_linking",
      .evidence_external_id = std::string(code)};
  return true;
}

}  // namespace switchboard::connectors::meta
