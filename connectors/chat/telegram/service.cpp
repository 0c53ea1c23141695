#include "connectors/chat/telegram/service.hpp"

#include "connectors/chat/telegram/membership.hpp"

namespace switchboard::connectors::telegram {

namespace {

using schemas::event_type;

contact as(const contact& told, event_type type) {
  contact out = told;
  out.event.type = type;
  return out;
}

contact member(const update& u, const contact& told, const node& user, schemas::membership_state state,
               std::uint32_t ordinal) {
  contact out = as(told, event_type::membership_changed);
  out.ordinal = ordinal;
  out.event.object.external_id = member_ref(u, u.body["chat"], user);
  out.event.membership = {state, uri_of(user)};
  if (!user.truth("is_bot")) out.event.customer_uri = uri_of(user);
  return out;
}

// A group became a supergroup: told once in each of the two.
contact migration(const contact& told, std::int64_t from, std::int64_t to) {
  contact out = as(told, event_type::conversation_linked);
  const std::string here = told.event.conversation.external_id, old = std::to_string(from);
  out.conversation_aliases.push_back({here == old ? std::to_string(to) : old});
  out.event.direction = schemas::direction::system;
  out.event.link = schemas::link{.relation = schemas::link_relation::replaces,
                                 .from = uri_of(from),
                                 .to = uri_of(to),
                                 .evidence_method = "migration",
                                 .evidence_external_id = told.event.object.external_id};
  return out;
}

std::optional<schemas::conversation_state> topic_state(const node& message) {
  if (message.has("forum_topic_closed")) return schemas::conversation_state::closed;
  if (message.has("forum_topic_created") || message.has("forum_topic_reopened"))
    return schemas::conversation_state::open;
  return std::nullopt;
}

}  // namespace

std::vector<item> decode_service(const update& u, const node& message, const contact& told) {
  std::vector<item> out;
  message.each("new_chat_members", most_parts, [&](const node& user) {
    out.emplace_back(member(u, told, user, schemas::membership_state::joined, static_cast<std::uint32_t>(out.size())));
  });
  if (const node user = message["left_chat_member"]) {
    const bool itself = user.integer("id") == message["from"].integer("id");
    out.emplace_back(
        member(u, told, user, itself ? schemas::membership_state::left : schemas::membership_state::removed, 0));
  }
  const auto here = message["chat"].integer("id");
  if (const auto to = message.integer("migrate_to_chat_id")) out.emplace_back(migration(told, *here, *to));
  if (const auto from = message.integer("migrate_from_chat_id")) out.emplace_back(migration(told, *from, *here));
  if (const auto state = topic_state(message)) {
    contact fact = as(told, event_type::conversation_changed);
    if (const std::string_view name = message["forum_topic_created"].text("name"); !name.empty())
      fact.event.conversation.subject = name;
    fact.event.status = schemas::conversation_status{.state = *state};
    out.emplace_back(std::move(fact));
  }
  if (message.has("write_access_allowed")) {
    contact fact = as(told, event_type::consent_changed);
    fact.event.consent = schemas::consent{.state = schemas::consent_state::granted,
                                          .scope = schemas::consent_scope::all,
                                          .evidence = told.event.object.external_id};
    out.emplace_back(std::move(fact));
  }
  if (const node refund = message["refunded_payment"]) {
    contact fact = as(told, event_type::form_submitted);
    fact.event.direction = schemas::direction::system;
    fact.event.form = schemas::form{.id = std::string(refund.text("invoice_payload")),
                                    .name = "telegram.refunded_payment",
                                    .fields = fields_of(refund)};
    if (const std::string_view charge = refund.text("telegram_payment_charge_id"); !charge.empty())
      fact.event.related.push_back({schemas::rel::about, {}, std::string(charge), {}});
    if (!fact.event.form->fields.empty()) out.emplace_back(std::move(fact));
  }
  return out;
}

}  // namespace switchboard::connectors::telegram
