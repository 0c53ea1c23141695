#include "connectors/chat/meta_whatsapp/change.hpp"

#include <algorithm>

#include "connectors/common/identity.hpp"
#include "connectors/common/text.hpp"

namespace switchboard::connectors::meta_whatsapp {

namespace {

std::string_view member_text(json::object from, std::string_view name) {
  json::element found;
  if (from.at_key(name).get(found)) return {};
  const std::string_view text = json::text(found).value_or("");
  return identifier(text, 256) ? text : std::string_view();
}

std::string_view digits_of(std::string_view phone) noexcept {
  if (phone.starts_with('+')) phone.remove_prefix(1);
  return phone;
}

bool same(const person& a, const person& b) noexcept {
  if (!a.user_id.empty() && !b.user_id.empty()) return a.user_id == b.user_id;
  if (!a.phone.empty() && !b.phone.empty()) return digits_of(a.phone) == digits_of(b.phone);
  return !a.parent_user_id.empty() && a.parent_user_id == b.parent_user_id;
}

void add(fingerprint& out, json::element e) {
  if (e.is_object()) {
    out.add("{");
    for (const auto member : json::object(e)) {
      if (member.key == "url") continue;
      out.add(member.key);
      add(out, member.value);
    }
    out.add("}");
  } else if (e.is_array()) {
    out.add("[");
    for (const json::element each : json::array(e)) add(out, each);
    out.add("]");
  } else if (const auto text = json::text(e)) {
    out.add(*text);
  } else {
    out.add(json::minified(e));
  }
}

// What passes by itself, and what does not: of the codes that receipts carry. The others are left open.
std::optional<bool> retryable(std::string_view code) {
  for (const std::string_view passing : {"1", "2", "4", "80007", "130429", "131000", "131016", "131048", "131056"})
    if (code == passing) return true;
  for (const std::string_view lasting :
       {"131021", "131026", "131047", "131050", "131051", "132000", "132001", "132012"})
    if (code == lasting) return false;
  return std::nullopt;
}

}  // namespace

change::change(const meta::update& u, json::object v, const connectors::limits& l, timestamp at)
    : update(u), value(v), limits(l), received_at(at), account_id(u.entry_id) {
  json::element member;
  if (json::object metadata; !value.at_key("metadata").get(metadata)) {
    if (const auto id = member_text(metadata, "phone_number_id"); !id.empty()) account_id = id;
    account_uri = whatsapp_uri(member_text(metadata, "display_phone_number"));
  }
  json::array list;
  if (value.at_key("contacts").get(list)) return;
  for (const json::element each : list) {
    json::object object;
    if (each.get(object)) continue;
    person known{.phone = member_text(object, "wa_id"),
                 .user_id = member_text(object, "user_id"),
                 .parent_user_id = member_text(object, "parent_user_id"),
                 .name = {}};
    if (json::object profile; !object.at_key("profile").get(profile)) {
      known.name = member_text(profile, "name");
      if (known.name.empty()) known.name = member_text(profile, "username");
    }
    contacts.push_back(known);
  }
}

person change::completed(person who) const {
  const auto known = std::ranges::find_if(contacts, [&](const person& each) { return same(each, who); });
  const person* found = known != contacts.end() ? &*known : nullptr;
  if (!found && contacts.size() == 1 && who.unknown()) found = &contacts.front();
  if (!found) return who;
  if (who.phone.empty()) who.phone = found->phone;
  if (who.user_id.empty()) who.user_id = found->user_id;
  if (who.parent_user_id.empty()) who.parent_user_id = found->parent_user_id;
  if (who.name.empty()) who.name = found->name;
  return who;
}

std::vector<schemas::identity> change::identities_of(const person& who) const {
  std::vector<schemas::identity> out;
  const auto add = [&](std::string uri, bool derived) {
    if (!uri.empty()) out.push_back({std::move(uri), !derived, derived});
  };
  const std::string_view business = update.entry_id.empty() ? account_id : update.entry_id;
  add(whatsapp_uri(business, who.user_id), false);
  add(whatsapp_uri(business, who.parent_user_id), false);
  std::string phone = whatsapp_uri(who.phone);
  const std::string tel = phone.empty() ? std::string() : "tel:" + phone.substr(phone.find('+'));
  add(std::move(phone), false);
  add(tel, true);
  return out;
}

contact change::fact(schemas::event_type type, schemas::direction direction) const {
  contact out;
  schemas::event& event = out.event;
  event.type = type;
  event.direction = direction;
  event.channel = schemas::channel::chat;
  event.provider = "meta";
  event.product = "whatsapp";
  event.account.id = account_id;
  event.account.uri = account_uri;
  event.time = received_at;
  if (update.entry_id == "0") event.add(schemas::flag::test);  // the dashboard's Test button
  return out;
}

void change::concern(contact& fact, const person& given, std::string_view group_id) const {
  schemas::event& event = fact.event;
  const person who = completed(given);
  auto identities = identities_of(who);
  if (!identities.empty()) event.customer_uri = identities.front().uri;
  if (!group_id.empty()) {
    event.conversation.kind = schemas::conversation_kind::group;
    event.conversation.external_id = group_id;
    fact.conversation = {std::string(account_id), "group", std::string(group_id)};
  } else {
    for (const schemas::identity& each : identities) {
      if (each.derived) continue;
      std::vector<std::string> parts{std::string(account_id), each.uri};
      if (fact.conversation.empty())
        fact.conversation = std::move(parts);
      else
        fact.conversation_aliases.push_back(std::move(parts));
    }
  }
  schemas::party customer{
      .who = schemas::role::customer, .display_name = std::string(who.name), .identities = std::move(identities)};
  schemas::party us{.who = schemas::role::business};
  if (!account_uri.empty()) us.identities.push_back({account_uri});
  if (event.direction == schemas::direction::inbound) {
    event.actor = std::move(customer);
    event.recipients.push_back({std::move(us), schemas::recipient_as::to});
  } else if (event.direction == schemas::direction::outbound) {
    event.actor = std::move(us);
    if (!who.unknown()) event.recipients.push_back({std::move(customer), schemas::recipient_as::to});
  }
}

void set_time(json::reader& from, std::string_view name, const change& c, schemas::event& event) {
  const auto found = from.find(name);
  const auto at = found ? meta::time_of(*found) : std::nullopt;
  event.time = at.value_or(c.received_at);
  if (!at) event.add(schemas::flag::time_from_receipt);
}

std::uint64_t fingerprint_of(json::element e) {
  fingerprint out;
  add(out, e);
  return out.value();
}

unsupported keep(contact fact, std::string kind, json::element e) {
  if (fact.fingerprint == 0) fact.fingerprint = fingerprint_of(e);
  fact.event.message.reset();  // no block but `unsupported`
  fact.event.call.reset();
  return {std::move(fact), "whatsapp/" + kind, json::minified(e)};
}

std::optional<schemas::receipt::error_info> first_error(json::reader& from) {
  const auto list = from.list("errors");
  if (!list) return std::nullopt;
  for (const json::element each : *list) {
    json::object object;
    if (each.get(object)) return from.fail(reject_code::wrong_type, "errors"), std::nullopt;
    json::reader error(object, from.path("errors/0"));
    schemas::receipt::error_info out{
        .code = error.id("code"), .title = std::string(error.text("title")), .retryable = {}};
    if (out.title.empty()) out.title = error.text("message");
    if (const auto data = error.sub("error_data"))
      if (const auto details = json::reader(*data, "").text("details"); !details.empty() && details != out.title)
        out.title += (out.title.empty() ? "" : ": ") + std::string(details);
    out.retryable = retryable(out.code);
    from.merge(error);
    return out;
  }
  return std::nullopt;
}

}  // namespace switchboard::connectors::meta_whatsapp
