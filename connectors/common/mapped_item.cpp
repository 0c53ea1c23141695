#include "connectors/common/mapped_item.hpp"

#include "connectors/common/fingerprint.hpp"
#include "connectors/common/identity.hpp"
#include "connectors/common/text.hpp"

namespace switchboard::connectors {

namespace {

void fill_customer(mapping& from, const mapping_settings& settings, schemas::event& event) {
  schemas::party actor;
  actor.display_name = from.text("actor.name");
  const auto add = [&](std::string uri) {
    if (uri.empty()) return;
    if (event.customer_uri.empty()) event.customer_uri = uri;
    actor.identities.push_back({std::move(uri)});
  };
  add(provider_uri(settings.provider, event.account.id, from.identifier("actor.id")));
  if (const std::string mail = from.text("actor.email"); !mail.empty()) add(mailto_uri(mail));
  if (const std::string phone = from.text("actor.phone"); !phone.empty())
    add(sender_uri(phone, settings.provider, event.account.id, settings.calling_code));
  if (!actor.display_name.empty() || !actor.identities.empty()) event.actor = std::move(actor);
}

void fill_conversation(mapping& from, contact& fact) {
  schemas::event& event = fact.event;
  std::vector<std::string> customer;
  if (!event.customer_uri.empty()) customer = {event.account.id, event.customer_uri};
  event.conversation.subject = from.text("subject");
  event.conversation.external_id = from.identifier("conversation");
  if (event.conversation.external_id.empty()) {
    fact.conversation = std::move(customer);
    return;
  }
  event.conversation.kind = schemas::conversation_kind::thread;
  fact.conversation = {"conversation", event.account.id, event.conversation.external_id};
  if (!customer.empty()) fact.conversation_aliases.push_back(std::move(customer));
}

void fill_time(mapping& from, const mapping_settings& settings, json::element item, schemas::event& event) {
  // The default place is a custom of senders, not a promise: what is no time there is none.
  mapping custom(settings, item);
  if (const auto at = (settings.time_mapped ? from : custom).time("time")) {
    event.time = *at;
    std::erase(event.flags, schemas::flag::time_from_receipt);
  }
}

std::string raw_of(json::element each, const mapped_delivery& d) {
  return d.raw.empty() ? json::minified(each) : std::string(d.raw);
}

std::optional<std::string> kind_of(json::element item, const mapped_delivery& d, const mapping_settings& settings) {
  if (d.kind || !settings.kind_pointer) return d.kind;
  const auto found = json::at(item, *settings.kind_pointer);
  return found ? json::scalar(*found) : std::nullopt;
}

}  // namespace

contact mapped_base(const mapped_delivery& d, const mapping_settings& settings) {
  contact fact;
  fact.key = d.id;
  fact.ordinal = static_cast<std::uint32_t>(d.index);
  fact.event.channel = settings.channel;
  fact.event.provider = settings.provider;
  fact.event.product = settings.product;
  fact.event.account.id = settings.account.empty() ? std::string(d.account) : settings.account;
  fact.event.delivery_id = d.id;
  fact.event.object.external_id = d.index == 0 ? d.id : d.id + "/" + std::to_string(d.index);
  fact.event.time = d.sent.value_or(d.received_at);
  if (!d.sent) fact.event.add(schemas::flag::time_from_receipt);
  return fact;
}

item mapped_item(json::element each, const mapped_delivery& d, const mapping_settings& settings) {
  contact fact = mapped_base(d, settings);
  schemas::event& event = fact.event;
  mapping from(settings, each);
  fact.fingerprint = fingerprint().add(d.raw.empty() ? json::minified(each) : d.raw).value();

  if (std::string account = from.identifier("account"); !account.empty()) event.account.id = std::move(account);
  if (std::string object = from.identifier("object"); !object.empty()) event.object.external_id = std::move(object);
  event.object.revision = from.identifier("revision");
  event.text = from.text("text", std::string::npos);
  event.language = language_tag(from.text("language"));
  if (const auto category = from.choice<schemas::category>("category"))
    event.handling = {.category = category, .priority = {}, .due_at = {}, .decided_by = "customer"};
  if (std::string store = from.identifier("store"); !store.empty())
    event.place = {.store_id = std::move(store), .device_id = {}, .timezone = {}, .country = {}};
  fill_time(from, settings, each, event);
  fill_customer(from, settings, event);
  fill_conversation(from, fact);
  if (std::string sequence = from.identifier("sequence"); !sequence.empty()) {
    const std::string& scope = event.conversation.external_id;
    event.provider_sequence = {scope.empty() ? event.account.id : scope, std::move(sequence)};
    if (event.provider_sequence->scope.empty()) event.provider_sequence->scope = settings.provider;
  }
  const auto kind = kind_of(each, d, settings);
  const meaning what = kind ? settings.of(*kind) : settings.otherwise;
  fill_block(what, from, each, d, settings, fact);
  if (from.failed()) return item_rejected{from.code(), from.wrong(), raw_of(each, d)};
  if (what != meaning::ignored) return fact;
  return unsupported{std::move(fact), std::string(d.carrier) + "/" + kind.value_or("ignored"), raw_of(each, d)};
}

void map_body(json::element body, mapped_delivery d, const mapping_settings& settings, const limits& limits,
              decoded& out) {
  if (!settings.items) {
    out.items.push_back(mapped_item(body, d, settings));
    return;
  }
  const auto found = json::at(body, *settings.items);
  json::array list;
  std::optional<reject_code> wrong;
  if (!found)
    wrong = reject_code::missing_field;
  else if (found->get(list))
    wrong = reject_code::wrong_type;
  else if (list.size() > limits.items)
    wrong = reject_code::too_many_items;
  if (wrong) {
    out.whole = {*wrong, *settings.items, raw_of(body, d)};
    return;
  }
  d.raw = {};
  for (const json::element each : list) {
    out.items.push_back(mapped_item(each, d, settings));
    ++d.index;
  }
}

item opaque_item(const mapped_delivery& d, const mapping_settings& settings) {
  contact fact = mapped_base(d, settings);
  fact.fingerprint = fingerprint().add(d.raw).value();
  if (d.raw.empty() || !valid_utf8(d.raw))
    return unsupported{std::move(fact), std::string(d.carrier) + (d.raw.empty() ? "/empty" : "/binary"),
                       std::string(d.raw)};
  fill_payload(std::string(d.raw), d.content_type, fact);
  return fact;
}

}  // namespace switchboard::connectors
