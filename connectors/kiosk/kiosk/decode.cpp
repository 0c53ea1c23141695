#include "connectors/kiosk/kiosk/decode.hpp"

#include <algorithm>
#include <set>

#include "connectors/common/fingerprint.hpp"
#include "connectors/common/identity.hpp"
#include "connectors/common/json.hpp"
#include "connectors/common/text.hpp"
#include "connectors/kiosk/kiosk/clock.hpp"
#include "connectors/kiosk/kiosk/items.hpp"

namespace switchboard::connectors::kiosk {

namespace {

// boot_epoch, a number that grows, or boot_id, any identifier: one lifetime of the device's counter.
std::string boot_of(json::reader& from) {
  if (const auto epoch = from.count("boot_epoch")) return std::to_string(*epoch);
  return std::string(from.identifier("boot_id", 128));
}

struct batch {
  const inbound& request;
  const std::string& device_id;
  item_context context;
  std::string boot;
  batch_clock clock;
};

void fill_customer(json::reader& from, const batch& b, schemas::event& event) {
  const auto written = from.sub("contact");
  if (!written) return;
  json::reader part(*written, from.path("contact"));
  schemas::party& actor = event.actor.emplace();
  actor.display_name = words(part.text("name"), 1024, event);
  actor.locale = language_tag(part.text("locale"));
  const auto add = [&](std::string uri) {
    if (uri.empty()) return;
    if (event.customer_uri.empty()) event.customer_uri = uri;
    actor.identities.push_back({std::move(uri)});
  };
  add(provider_uri("kiosk", b.context.owner.account, part.identifier("customer_id")));
  if (const std::string_view phone = part.text("phone"); !phone.empty())
    add(sender_uri(phone, "kiosk", b.context.owner.account, b.context.settings.calling_code));
  add(mailto_uri(part.text("email")));
  from.merge(part);
}

// Every event of a conversation carries its parts: a visit's snapshots, what one customer gave in one session, a known
// customer; otherwise a submission stands alone.
void fill_conversation(json::reader& from, const batch& b, contact& fact) {
  schemas::event& event = fact.event;
  const std::string_view session = from.identifier("session"), visit = from.identifier("visit_id");
  std::vector<std::string> customer;
  if (!event.customer_uri.empty()) customer = {event.account.id, event.customer_uri};
  if (!visit.empty() && event.visit) {
    event.object.external_id = event.account.id + "/visit/" + std::string(visit);
    fact.conversation = {"visit", event.account.id, std::string(visit)};
  } else if (!session.empty()) {
    fact.conversation = {"session", b.device_id, std::string(session)};
  } else if (!customer.empty()) {
    fact.conversation = std::move(customer);
    return;
  } else {
    return;
  }
  if (!customer.empty()) fact.conversation_aliases.push_back(std::move(customer));
}

item decode_item(json::element each, std::size_t index, const batch& b) {
  const std::string pointer = "/items/" + std::to_string(index);
  const auto refused = [&](const json::reader& why) {
    return item_rejected{why.code(), why.wrong(), json::minified(each)};
  };
  json::object object;
  if (each.get(object)) return item_rejected{reject_code::wrong_type, pointer, json::minified(each)};
  json::reader from(object, pointer);
  if (json::has_duplicate_keys(object)) from.fail(reject_code::malformed_body, "");

  contact fact;
  schemas::event& event = fact.event;
  const auto sequence = from.count("seq");
  from.require(sequence.has_value(), "seq");
  const std::string_view type = from.identifier("type", 64);
  from.require(!type.empty(), "type");
  std::string boot = boot_of(from);
  if (boot.empty()) boot = b.boot;
  const item_clock clock{boot, from.time("occurred_at"), from.count("uptime_ms")};
  if (from.failed()) return refused(from);

  fact.sequence = {b.device_id + "/" + boot, static_cast<std::uint64_t>(*sequence)};
  fact.key = fact.sequence->scope + "/" + std::to_string(*sequence);
  fact.fingerprint = fingerprint().add(json::minified(each)).value();

  const auto at = happened_at(b.clock, clock);
  event.time = at.value_or(b.clock.received_at);
  if (!at) event.add(schemas::flag::time_from_receipt);
  event.channel = schemas::channel::kiosk;
  event.provider = "kiosk";
  event.account.id = b.context.owner.account;
  event.place = b.context.owner.place;
  if (clock.occurred_at && *clock.occurred_at != event.time) {
    if (!event.place) event.place.emplace();
    event.place->device_time = clock.occurred_at;
  }
  event.object.external_id = fact.key;
  event.provider_sequence = {fact.sequence->scope, std::to_string(*sequence)};
  event.language = language_tag(from.text("language"));
  event.text = from.text("text");
  if (from.boolean("test").value_or(false)) event.add(schemas::flag::test);
  fill_customer(from, b, event);

  const bool known = fill_block(type, from, b.context, fact);
  fill_attachments(from, b.context, fact);
  fill_conversation(from, b, fact);
  if (from.failed()) return refused(from);
  if (!known) return unsupported{std::move(fact), "kiosk/" + std::string(type), json::minified(each)};
  return fact;
}

}  // namespace

decoded decode(const inbound& request, const prepared& settings, const authentic& who, const limits& limits) {
  const auto& configured = static_cast<const configuration&>(settings);
  decoded out;
  const auto refuse = [&](reject_code code, std::string pointer) {
    out.whole = {code, std::move(pointer), std::string(request.body)};
    return std::move(out);
  };
  // Nobody was verified offline, without secrets; then the device is the one that the request names.
  const std::string named =
      who.principal.empty() ? std::string(request.find("Kiosk-Device").value_or("")) : who.principal;
  const auto owner = configured.devices.find(named);
  if (owner == configured.devices.end()) return refuse(reject_code::unmapped_account, "Kiosk-Device");
  const auto root = json::parse(request.body, limits.depth);
  if (!root) return refuse(root.error(), "");
  json::object object;
  if (root->get(object)) return refuse(reject_code::wrong_type, "");

  json::reader from(object, "");
  if (json::has_duplicate_keys(object)) from.fail(reject_code::malformed_body, "");
  batch b{request, named, {configured, owner->second, limits}, boot_of(from), {}};
  from.require(!b.boot.empty(), "boot_epoch");
  b.clock = {request.received_at, b.boot, from.time("sent_at"), from.count("uptime_ms")};
  const auto items = from.list("items");
  from.require(items.has_value(), "items");
  if (from.failed()) return refuse(from.code(), from.wrong());
  if (items->size() > limits.items) return refuse(reject_code::too_many_items, "/items");

  // A device that only asks whether anybody is there.
  if (items->size() == 0) {
    out.handshake = handshake{200, "application/json", R"({"results":[]})", {}, {}};
    return out;
  }
  out.items.reserve(items->size());
  for (const json::element each : *items) {
    out.items.push_back(decode_item(each, out.items.size(), b));
    if (auto* refused = std::get_if<item_rejected>(&out.items.back())) refused->account.id = owner->second.account;
  }
  return out;
}

namespace {

struct settled {
  std::optional<std::uint64_t> sequence;
  std::string scope;  // empty: not readable
};

settled settled_of(const item& each) {
  if (const auto* fact = std::get_if<contact>(&each)) return {fact->sequence->value, fact->sequence->scope};
  if (const auto* unknown = std::get_if<unsupported>(&each))
    return {unknown->fact.sequence->value, unknown->fact.sequence->scope};
  const auto parsed = json::parse_copy(std::get<item_rejected>(each).raw, 64);
  json::object object;
  if (!parsed || parsed->get(object)) return {};
  const auto sequence = json::reader(object, "").count("seq");
  return {sequence ? std::optional(static_cast<std::uint64_t>(*sequence)) : std::nullopt, {}};
}

// The end of the run without a gap that begins with the lowest number.
std::optional<std::uint64_t> end_of_run(const std::set<std::uint64_t>& numbers) {
  std::optional<std::uint64_t> end;
  for (const std::uint64_t n : numbers) {
    if (end && n != *end + 1) break;
    end = n;
  }
  return end;
}

std::string_view status_of(item_outcome outcome) noexcept {
  switch (outcome) {
    case item_outcome::duplicate:
      return "duplicate";
    case item_outcome::quarantined:
      return "quarantined";
    case item_outcome::accepted:
    case item_outcome::unsupported:
      break;
  }
  return "accepted";
}

}  // namespace

response reply(const inbound&, const prepared&, const decoded& what, std::span<const item_outcome> outcomes) {
  response out{200, "application/json", {}, {}};
  if (what.whole) {
    out.body = R"({"status":"quarantined","code":")" + std::string(to_string(what.whole->code)) + R"("})";
    return out;
  }
  // Items whose counter belongs to an earlier boot are settled one by one; the mark is the batch's own boot, which the
  // newest items, the last ones, belong to.
  std::string scope;
  std::vector<settled> all;
  for (const item& each : what.items) {
    all.push_back(settled_of(each));
    if (!all.back().scope.empty()) scope = all.back().scope;
  }
  std::set<std::uint64_t> numbers;
  out.body = R"({"results":[)";
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (i > 0) out.body += ',';
    if (all[i].sequence)
      out.body += R"({"seq":)" + std::to_string(*all[i].sequence);
    else
      out.body += R"({"index":)" + std::to_string(i);
    out.body += R"(,"status":")";
    out.body += status_of(i < outcomes.size() ? outcomes[i] : item_outcome::accepted);
    out.body += R"("})";
    if (all[i].sequence && (all[i].scope.empty() || all[i].scope == scope)) numbers.insert(*all[i].sequence);
  }
  out.body += ']';
  if (const auto end = end_of_run(numbers)) out.body += R"(,"acked_through":)" + std::to_string(*end);
  out.body += '}';
  return out;
}

}  // namespace switchboard::connectors::kiosk
