#include <algorithm>

#include "connectors/chat/meta_whatsapp/kinds.hpp"

namespace switchboard::connectors::meta_whatsapp {

namespace {

using schemas::event_type;

std::string_view either(json::reader& from, std::string_view name, std::string_view other) {
  const std::string_view given = from.identifier(name);
  return given.empty() ? from.identifier(other) : given;
}

std::optional<schemas::receipt_status> status_of(std::string_view name) {
  using enum schemas::receipt_status;
  constexpr std::pair<std::string_view, schemas::receipt_status> names[] = {
      {"sent", sent}, {"delivered", delivered}, {"read", read}, {"played", played}, {"failed", failed}};
  const auto found = std::ranges::find(names, name, &std::pair<std::string_view, schemas::receipt_status>::first);
  return found == std::end(names) ? std::nullopt : std::optional(found->second);
}

void fill_pricing(json::reader& status, schemas::receipt& receipt) {
  const auto pricing = status.sub("pricing");
  if (!pricing) return;
  json::reader from(*pricing, status.path("pricing"));
  auto& billing = receipt.billing.emplace();
  billing.category = from.text("category");
  billing.model = from.text("pricing_model");
  if (const std::string_view type = from.text("type"); !type.empty())
    billing.model += (billing.model.empty() ? "" : "/") + std::string(type);
  status.merge(from);
}

// The window in which it counts, and what the company gave its message along.
void fill_company_side(json::reader& status, schemas::event& event) {
  if (const auto window = status.sub("conversation")) {
    json::reader from(*window, status.path("conversation"));
    if (std::string id = from.id("id"); !id.empty())
      event.related.push_back({schemas::rel::part_of, {}, std::move(id), {}});
    status.merge(from);
  }
  if (const std::string_view tracker = status.text("biz_opaque_callback_data"); !tracker.empty())
    event.receipt->metadata.push_back({"biz_opaque_callback_data", std::string(tracker)});
}

void decode_status(json::reader& s, json::element whole, const change& c, std::vector<item>& out) {
  contact fact = c.fact(event_type::receipt, schemas::direction::system);
  schemas::event& event = fact.event;
  event.object.external_id = s.id("id");
  s.require(!event.object.external_id.empty(), "id");
  const std::string_view name = s.identifier("status", 64);
  s.require(!name.empty(), "status");
  fact.key = event.object.external_id + "/" + std::string(name);
  fact.fingerprint = fingerprint_of(whole);
  set_time(s, "timestamp", c, event);

  person who{.phone = s.identifier("recipient_id"),
             .user_id = s.identifier("recipient_user_id"),
             .parent_user_id = either(s, "parent_recipient_user_id", "recipient_parent_user_id"),
             .name = {}};
  std::string_view group;
  if (s.text("recipient_type") == "group") {  // one status for each of its members
    group = who.phone;
    who = {.phone = either(s, "recipient_participant_id", "participant_recipient_id"),
           .user_id = either(s, "recipient_participant_user_id", "participant_recipient_user_id"),
           .parent_user_id = {},
           .name = {}};
    const std::string_view member = who.phone.empty() ? who.user_id : who.phone;
    if (!member.empty()) fact.key += "/" + std::string(member);
  }
  c.concern(fact, who, group);
  // Not of a message: how a payment went ("failed" too), and what else may come.
  const std::string_view about = s.identifier("type", 64);
  const auto status = about.empty() || about == "message" ? status_of(name) : std::nullopt;
  if (!status) {
    const std::string kind = "status/" + std::string(about) + (about.empty() ? "" : "/") + std::string(name);
    out.emplace_back(keep(std::move(fact), kind, whole));
    return;
  }

  schemas::receipt& receipt = event.receipt.emplace();
  receipt.status = *status;
  receipt.recipient_uri = event.customer_uri;
  receipt.error = first_error(s);
  fill_pricing(s, receipt);
  fill_company_side(s, event);
  out.emplace_back(std::move(fact));
}

void decode_preference(json::reader& p, json::element whole, const change& c, std::vector<item>& out) {
  contact fact = c.fact(event_type::consent_changed, schemas::direction::inbound);
  schemas::event& event = fact.event;
  const person who{.phone = p.identifier("wa_id"),
                   .user_id = p.identifier("user_id"),
                   .parent_user_id = p.identifier("parent_user_id"),
                   .name = {}};
  p.require(!who.unknown(), "wa_id");
  c.concern(fact, who);
  set_time(p, "timestamp", c, event);
  const std::string_view value = p.identifier("value", 64), category = p.identifier("category", 128);
  fact.fingerprint = fingerprint_of(whole);
  fact.key = std::string(who.user_id.empty() ? who.phone : who.user_id) + "/" + std::string(category) + "/" +
             p.id("timestamp");

  const bool granted = value == "resume" || value == "signup";
  if (category != "marketing_messages" || (!granted && value != "stop"))
    return out.emplace_back(
               keep(std::move(fact), "user_preferences/" + std::string(category) + "/" + std::string(value), whole)),
           void();
  event.consent = {.state = granted ? schemas::consent_state::granted : schemas::consent_state::withdrawn,
                   .scope = schemas::consent_scope::marketing,
                   .applies_to = {},
                   .evidence = std::string(p.text("detail"))};
  if (std::string signup = p.id("signup_id"); !signup.empty())
    event.related.push_back({schemas::rel::about, {}, std::move(signup), {}});
  out.emplace_back(std::move(fact));
}

}  // namespace

void decode_statuses(const change& c, std::vector<item>& out) {
  for_each(c, "statuses", out,
           [&](json::reader& s, json::element whole, std::vector<item>& made) { decode_status(s, whole, c, made); });
}

void decode_preferences(const change& c, std::vector<item>& out) {
  for_each(c, "user_preferences", out, [&](json::reader& p, json::element whole, std::vector<item>& made) {
    decode_preference(p, whole, c, made);
  });
}

}  // namespace switchboard::connectors::meta_whatsapp
