#include "connectors/generic/webhook/decode.hpp"

#include "connectors/common/fingerprint.hpp"
#include "connectors/common/identity.hpp"
#include "connectors/common/text.hpp"
#include "connectors/generic/webhook/items.hpp"
#include "connectors/generic/webhook/verify.hpp"

namespace switchboard::connectors::webhook {

namespace {

struct delivery {
  const inbound& request;
  const configuration& settings;
  std::string id;
  body_facts body;
};

void fill_customer(mapping& from, const configuration& settings, schemas::event& event) {
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

void fill_time(mapping& from, const delivery& d, json::element item, schemas::event& event) {
  // The default place is a custom of senders, not a promise: what is no time there is none.
  mapping custom(d.settings, item);
  if (const auto at = (d.settings.time_mapped ? from : custom).time("time")) {
    event.time = *at;
  } else {
    event.time = d.request.received_at;
    event.add(schemas::flag::time_from_receipt);
  }
}

contact base_of(const delivery& d, std::size_t index) {
  contact fact;
  fact.key = d.id;
  fact.ordinal = static_cast<std::uint32_t>(index);
  fact.event.channel = d.settings.channel;
  fact.event.provider = d.settings.provider;
  fact.event.product = d.settings.product;
  fact.event.account.id = d.settings.account;
  fact.event.delivery_id = d.id;
  fact.event.object.external_id = index == 0 ? d.id : d.id + "/" + std::to_string(index);
  return fact;
}

meaning meaning_of(json::element item, const configuration& settings) {
  if (settings.kinds.empty()) return settings.otherwise;
  const auto at = json::at(item, settings.kind_pointer);
  const auto name = at ? json::text(*at) : std::nullopt;
  const auto known = name ? settings.kinds.find(*name) : settings.kinds.end();
  return known == settings.kinds.end() ? settings.otherwise : known->second;
}

item decode_item(json::element each, std::size_t index, const delivery& d) {
  contact fact = base_of(d, index);
  schemas::event& event = fact.event;
  mapping from(d.settings, each);
  fact.fingerprint = fingerprint().add(d.body.whole ? std::string(d.body.raw) : json::minified(each)).value();

  if (std::string account = from.identifier("account"); !account.empty()) event.account.id = std::move(account);
  if (std::string object = from.identifier("object"); !object.empty()) event.object.external_id = std::move(object);
  event.object.revision = from.identifier("revision");
  event.text = from.text("text", std::string::npos);
  event.language = language_tag(from.text("language"));
  if (const auto category = from.choice<schemas::category>("category"))
    event.handling = {.category = category, .priority = {}, .due_at = {}, .decided_by = "customer"};
  if (std::string store = from.identifier("store"); !store.empty())
    event.place = {.store_id = std::move(store), .device_id = {}, .timezone = {}, .country = {}};
  fill_time(from, d, each, event);
  fill_customer(from, d.settings, event);
  fill_conversation(from, fact);
  if (std::string sequence = from.identifier("sequence"); !sequence.empty()) {
    const std::string& scope = event.conversation.external_id;
    event.provider_sequence = {scope.empty() ? event.account.id : scope, std::move(sequence)};
    if (event.provider_sequence->scope.empty()) event.provider_sequence->scope = d.settings.provider;
  }
  const meaning what = meaning_of(each, d.settings);
  fill_block(what, from, each, d.body, d.settings, fact);
  if (from.failed())
    return item_rejected{from.code(), from.wrong(), d.body.whole ? std::string(d.body.raw) : json::minified(each)};
  if (what != meaning::ignored) return fact;
  const auto name = json::at(each, d.settings.kind_pointer);
  const std::string kind = name ? json::scalar(*name).value_or("ignored") : "ignored";
  return unsupported{std::move(fact), "webhook/" + kind, d.body.whole ? std::string(d.body.raw) : json::minified(each)};
}

// A body that is no JSON and does not claim to be: whole, as it came.
item decode_opaque(const delivery& d) {
  contact fact = base_of(d, 0);
  fact.fingerprint = fingerprint().add(d.body.raw).value();
  fact.event.time = d.request.received_at;
  fact.event.add(schemas::flag::time_from_receipt);
  if (d.body.raw.empty() || !valid_utf8(d.body.raw))
    return unsupported{std::move(fact), "webhook/" + std::string(d.body.raw.empty() ? "empty" : "binary"),
                       std::string(d.body.raw)};
  fill_payload(std::string(d.body.raw), d.body.content_type, fact);
  return fact;
}

bool is_json(std::string_view media_type) noexcept {
  return media_type.empty() || media_type == "application/json" || media_type == "text/json" ||
         media_type.ends_with("+json");
}

}  // namespace

decoded decode(const inbound& request, const prepared& settings, const authentic&, const limits& limits) {
  decoded out;
  const std::string type = repaired(media_type(request.find("Content-Type").value_or("")));
  delivery d{
      request, static_cast<const configuration&>(settings), std::string(headers_of(request).id), {request.body, type}};
  const auto root = json::parse(request.body, limits.depth);
  if (!root && !is_json(type)) {
    out.items.push_back(decode_opaque(d));
    return out;
  }
  const auto refuse = [&](reject_code code, std::string pointer) {
    out.whole = {code, std::move(pointer), std::string(request.body)};
    return std::move(out);
  };
  if (!root) return refuse(root.error(), "");
  if (type.empty()) d.body.content_type = "application/json";
  if (!d.settings.items) {
    out.items.push_back(decode_item(*root, 0, d));
    return out;
  }
  const auto found = json::at(*root, *d.settings.items);
  json::array list;
  if (!found) return refuse(reject_code::missing_field, *d.settings.items);
  if (found->get(list)) return refuse(reject_code::wrong_type, *d.settings.items);
  if (list.size() > limits.items) return refuse(reject_code::too_many_items, *d.settings.items);
  d.body.whole = false;
  for (const json::element each : list) out.items.push_back(decode_item(each, out.items.size(), d));
  return out;
}

response reply(const inbound&, const prepared&, const decoded&, std::span<const item_outcome>) {
  return {200, "application/json", "{}", {}};
}

}  // namespace switchboard::connectors::webhook
