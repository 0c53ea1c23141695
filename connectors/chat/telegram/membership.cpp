#include "connectors/chat/telegram/membership.hpp"

namespace switchboard::connectors::telegram {

namespace {

using schemas::event_type;
using state = schemas::membership_state;

bool belongs(const node& member) {
  const std::string_view status = member.text("status");
  if (status == "restricted") return member.truth("is_member");
  return status == "creator" || status == "administrator" || status == "member";
}

// nullopt: rights changed, membership did not.
std::optional<state> change_of(const update& u) {
  const node before = u.body["old_chat_member"], after = u.body["new_chat_member"], chat = u.body["chat"];
  const std::string_view was = before.text("status"), is = after.text("status");
  if (chat.text("type") == "private") {
    if (is == "kicked" && was != "kicked") return state::blocked;
    if (was == "kicked" && belongs(after)) return state::unblocked;
    return std::nullopt;
  }
  if (is.empty() || belongs(before) == belongs(after)) return std::nullopt;
  const bool channel = chat.text("type") == "channel";
  if (belongs(after)) return channel ? state::followed : state::joined;
  const bool by_others = u.body["from"].integer("id") != after["user"].integer("id");
  if (is == "kicked" || by_others) return state::removed;
  return channel ? state::unfollowed : state::left;
}

contact without_membership(const contact& from, event_type type) {
  contact out = from;
  out.event.type = type;
  out.event.membership.reset();
  out.derived_from = 0;
  return out;
}

}  // namespace

std::string member_ref(const update& u, const node& chat, const node& user) {
  return u.settings.bot + '/' + chat.digits("id") + "/member/" + user.digits("id");
}

std::vector<item> decode_member(const update& u) {
  const node chat = u.body["chat"], user = u.body["new_chat_member"]["user"];
  if (!chat.integer("id")) return {missing(u, "/chat/id")};
  if (!user.integer("id")) return {missing(u, "/new_chat_member/user/id")};

  contact fact = start(u, event_type::membership_changed);
  schemas::event& event = fact.event;
  event.object.external_id = member_ref(u, chat, user);
  fact.key = event.object.external_id + '/' + u.body.digits("date") + '/' + event.delivery_id;
  at(event, u.body.integer("date"));
  from_customer(fact, u.body["from"]);
  // In a private chat the customer acts and the bot is the member.
  if (!user.truth("is_bot")) event.customer_uri = uri_of(user);
  converse(u, fact, chat, {});
  to_us(fact);
  const auto state = change_of(u);
  if (!state) return {unknown(u, std::move(fact), u.kind)};
  event.membership = {*state, uri_of(user)};

  std::vector<item> out{fact};
  if (*state == state::blocked) {  // the opposite says only that he can be written to again
    contact consent = without_membership(fact, event_type::consent_changed);
    consent.event.consent = schemas::consent{.state = schemas::consent_state::withdrawn,
                                             .scope = schemas::consent_scope::all,
                                             .evidence = event.object.external_id};
    out.emplace_back(std::move(consent));
  }
  if (const node link = u.body["invite_link"]; link && (*state == state::joined || *state == state::followed)) {
    contact referral = without_membership(fact, event_type::referral);
    referral.event.referral = schemas::referral_info{.kind = schemas::referral_kind::link,
                                                     .url = std::string(link.text("invite_link")),
                                                     .campaign = std::string(link.text("name"))};
    out.emplace_back(std::move(referral));
  }
  return out;
}

std::vector<item> decode_business_connection(const update& u) {
  const std::string_view id = u.body.text("id");
  const node user = u.body["user"];
  if (id.empty()) return {missing(u, "/id")};
  contact fact = start(u, event_type::membership_changed);
  schemas::event& event = fact.event;
  event.product = "business";
  event.direction = schemas::direction::system;
  event.object.external_id = own_ref(u, "business", id);
  fact.key = event.object.external_id + '/' + u.body.digits("date") + '/' + event.delivery_id;
  at(event, u.body.integer("date"));
  if (user) event.actor = party_of(user, schemas::role::agent);
  fact.conversation = {"business", std::string(id)};
  event.membership = {u.body.truth("is_enabled") ? state::joined : state::left, uri_of(user)};
  return {std::move(fact)};
}

}  // namespace switchboard::connectors::telegram
