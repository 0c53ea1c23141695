#include "connectors/common/meta_messaging.hpp"

#include <algorithm>

#include "connectors/common/fingerprint.hpp"
#include "connectors/common/identity.hpp"
#include "connectors/common/meta_parts.hpp"
#include "connectors/common/text.hpp"
#include "connectors/common/time.hpp"

namespace switchboard::connectors::meta {

namespace {

constexpr std::size_t longest_kind = 64, most_attachments = 100;

struct kind {
  std::string_view name;
  bool (*fill)(json::reader&, const entry_context&, contact&);
  bool system = false;  // neither the customer's doing nor the company's
};
constexpr kind kinds[] = {{"message", fill_message},
                          {"postback", fill_postback},
                          {"delivery", nullptr, true},  // several receipts: decode_delivery()
                          {"read", fill_read, true},
                          {"reaction", fill_reaction},
                          {"message_edit", fill_edit},
                          {"referral", fill_referral},
                          {"optin", fill_optin},
                          {"pass_thread_control", fill_pass, true},
                          {"take_thread_control", fill_take, true},
                          {"request_thread_control", fill_request, true},
                          {"account_linking", fill_account_linking},
                          {"messaging_feedback", fill_survey},
                          {"response_feedback", fill_response_feedback},
                          {"messaging_customer_information", fill_customer_information},
                          {"game_play", fill_game}};

// An item holds one member that says what happened, beside those that say who and when.
struct what_happened {
  std::string_view name;
  const kind* known = nullptr;
};
what_happened kind_of(json::object item) {
  what_happened out{"item"};
  for (const auto [name, value] : item) {
    if (const auto* found = std::ranges::find(kinds, name, &kind::name); found != std::end(kinds))
      return {found->name, found};
    static constexpr std::string_view circumstances[] = {"sender",  "recipient",     "timestamp",
                                                         "is_self", "prior_message", ""};
    if (out.name == "item" && std::ranges::find(circumstances, name) == std::end(circumstances)) out.name = name;
  }
  return out;
}

std::string member_id(json::reader& from, std::string_view member, std::string_view name) {
  const auto sub = from.sub(member);
  if (!sub) return {};
  json::reader part(*sub, from.path(member));
  std::string out = part.id(name);
  from.merge(part);
  return out;
}

// Who opts in on the company's own pages is known only by the reference that the page gave.
std::string ref_uri(const entry_context& context, std::string_view ref) {
  return provider_uri(std::string(context.product) + "-ref", context.account, ref);
}
std::string user_ref_of(json::reader& from) {
  std::string out = member_id(from, "sender", "user_ref");
  return out.empty() && from.find("optin") ? member_id(from, "optin", "user_ref") : out;
}

void fill_people(json::reader& from, const what_happened& what, bool echo, const entry_context& context,
                 contact& fact) {
  const std::string sender = member_id(from, "sender", "id"), recipient = member_id(from, "recipient", "id");
  const bool ours = echo || sender == context.account;
  const std::string& other = ours ? recipient : sender;
  const bool to_ourselves = other == context.account;
  std::string customer = to_ourselves ? std::string() : uri_of(context, other);
  const bool proven = !customer.empty();
  if (other.empty()) customer = provider_uri(std::string(context.product) + "-ref", context.account, user_ref_of(from));

  doer who = ours ? doer::company : doer::customer;
  if (what.known ? what.known->system : customer.empty()) who = doer::nobody;
  if (what.known && !to_ourselves) from.require(!customer.empty(), ours ? "recipient" : "sender");
  set_people(fact, customer, {}, who);
  schemas::event& event = fact.event;
  if (!proven && event.actor && event.actor->who == schemas::role::customer && !event.actor->identities.empty())
    event.actor->identities.front().verified = false;
  if (to_ourselves && ours) {
    schemas::recipient us{.who = {.who = schemas::role::business}};
    us.who.identities.push_back({event.account.uri});
    event.recipients.push_back(std::move(us));
  }
  if (to_ourselves) customer = event.account.uri;
  if (!customer.empty()) fact.conversation = {std::string(context.account), std::move(customer)};
}

std::string key_of(const entry_context& context, std::string_view kind, const contact& fact,
                   std::optional<timestamp> at) {
  if (!at) return {};
  std::string out(context.account);
  for (const std::string_view part : {kind, std::string_view(fact.event.customer_uri)}) {
    out += '/';
    out += part.substr(part.rfind('/') + 1);
  }
  return out + "/" + std::to_string(at->time_since_epoch().count());
}

// A receipt for each message that is named, else one for all up to the watermark.
void decode_delivery(json::reader& from, json::element whole, const contact& begun, std::vector<item>& out) {
  const auto watermark = time_of(from, "watermark");
  const auto mids = from.list("mids");
  if (!mids || mids->size() == 0) {
    from.require(watermark.has_value(), "watermark");
    if (from.failed()) return;
    contact fact = begun;
    fill_receipt(schemas::receipt_status::delivered, watermark, fact);
    fact.key = up_to_key("delivered", fact, *watermark);
    out.emplace_back(std::move(fact));
    return;
  }
  std::size_t index = 0;
  for (const json::element each : *mids) {
    const std::string place = from.path("mids/" + std::to_string(index++));
    const auto mid = json::text(each);
    if (!mid || !identifier(*mid, longest_id)) {
      out.emplace_back(item_rejected{reject_code::wrong_type, place, json::minified(whole)});
      continue;
    }
    contact fact = begun;
    fill_receipt(schemas::receipt_status::delivered, watermark, fact);
    fact.event.object.external_id = *mid;
    fact.key = std::string(*mid) + "/delivered";
    out.emplace_back(std::move(fact));
  }
}

// Newer pages of Meta, and its dashboard, show an item of messaging[] as the value of a change.
bool is_messaging(json::element value) { return json::at(value, "/sender") || json::at(value, "/recipient"); }

// Nobody's: an entry without an id, and those with which Meta's dashboard tests a webhook.
std::optional<item> reject_nobodys(const update& u) {
  if (!u.entry_id.empty() && u.entry_id != "0") return std::nullopt;
  const std::size_t second = u.pointer.find('/', u.pointer.find('/', 1) + 1);
  return item_rejected{u.entry_id.empty() ? reject_code::missing_field : reject_code::unmapped_account,
                       u.pointer.substr(0, second) + "/id", json::minified(u.whole)};
}

// The first message of somebody who opted in on a web page names the reference that stood for them there.
std::optional<contact> linked_before(json::reader& from, const entry_context& context, const contact& message) {
  const std::string_view customer = message.event.customer_uri;
  const std::string ref = member_id(from, "prior_message", "identifier"),
                    method = member_id(from, "prior_message", "source");
  if (ref.empty() || method.empty() || customer.empty()) return std::nullopt;
  contact out = begin_fact(context, message.event.time);
  out.event.type = schemas::event_type::identity_linked;
  out.event.flags = message.event.flags;
  set_people(out, message.event.customer_uri, {}, doer::customer);
  out.conversation = message.conversation;
  out.key = message.key;
  out.fingerprint = fingerprint().add(ref).value();
  out.event.link = schemas::link{.relation = schemas::link_relation::same,
                                 .from = ref_uri(context, ref),
                                 .to = message.event.customer_uri,
                                 .valid_from = {},
                                 .evidence_method = method,
                                 .evidence_external_id = ref};
  return out;
}

}  // namespace

void decode_messaging(json::element each, const std::string& pointer, const entry_context& context,
                      std::vector<item>& out) {
  const auto refuse = [&](reject_code code, std::string where) {
    out.emplace_back(item_rejected{code, std::move(where), json::minified(each)});
  };
  json::object object;
  if (each.get(object)) return refuse(reject_code::wrong_type, pointer);
  json::reader from(object, pointer);
  const what_happened what = kind_of(object);
  const auto at = time_of(from, "timestamp");
  contact fact = begin_fact(context, at);
  json::object member;
  const auto found = what.known ? from.find(what.name) : std::nullopt;
  if (what.known && (!found || found->get(member))) from.fail(reject_code::wrong_type, what.name);
  if (from.failed()) return refuse(from.code(), from.wrong());

  json::reader part(member, from.path(what.name));
  const bool echo = what.name == "message" && part.boolean("is_echo").value_or(false);
  fill_people(from, what, echo, context, fact);
  fact.key = key_of(context, what.name, fact, at);
  if (from.failed()) return refuse(from.code(), from.wrong());
  if (!what.known) {
    if (fact.event.customer_uri.empty()) fact.event.direction = schemas::direction::system;
    out.push_back(as_unsupported(std::move(fact), context.product, what.name, each));
    return;
  }
  fact.fingerprint = 0;
  bool understood = true;
  if (what.known->fill)
    understood = what.known->fill(part, context, fact);
  else
    decode_delivery(part, each, fact, out);
  if (part.failed()) return refuse(part.code(), part.wrong());
  if (!what.known->fill) return;
  if (!understood) {
    out.push_back(as_unsupported(std::move(fact), context.product, what.name, each));
    return;
  }
  if (fact.fingerprint == 0) fact.fingerprint = fingerprint().add(what.name).add(json::minified(*found)).value();
  auto linked = linked_before(from, context, fact);
  if (linked) linked->derived_from = out.size();
  out.emplace_back(std::move(fact));
  if (linked) out.emplace_back(std::move(*linked));
}

std::optional<timestamp> time_of(json::reader& from, std::string_view name) {
  const auto written = from.find(name);
  if (!written) return std::nullopt;
  auto out = time_of(*written);
  if (const auto text = json::text(*written); !out && text) out = from_iso8601(*text);
  return out == timestamp{} ? std::nullopt : out;
}

std::string uri_of(const entry_context& context, std::string_view person) {
  return provider_uri(context.product, context.account, person);
}

std::string app_uri(std::string_view app_id) { return provider_uri("facebook", "app", app_id); }

contact begin_fact(const entry_context& context, std::optional<timestamp> at) {
  contact out;
  schemas::event& event = out.event;
  event.channel = context.channel;
  event.provider = "meta";
  event.product = context.product;
  event.account.id = context.account;
  event.account.uri = provider_uri(context.product, {}, context.account);
  if (!at) at = context.time;
  if (!at) event.add(schemas::flag::time_from_receipt);
  event.time = at.value_or(context.received_at);
  return out;
}

void set_people(contact& fact, std::string customer, std::string_view name, doer who) {
  schemas::event& event = fact.event;
  schemas::party us{.who = schemas::role::business}, them;
  us.identities.push_back({event.account.uri});
  if (!customer.empty()) them.identities.push_back({customer, true});
  event.customer_uri = std::move(customer);
  event.recipients.clear();
  event.actor.reset();
  switch (who) {
    case doer::customer:
      event.direction = schemas::direction::inbound;
      them.display_name = name;
      if (!them.identities.empty() || !name.empty()) event.actor = std::move(them);
      event.recipients.push_back({std::move(us)});
      break;
    case doer::company:
      event.direction = schemas::direction::outbound;
      us.display_name = name;
      event.actor = std::move(us);
      if (!them.identities.empty()) event.recipients.push_back({std::move(them)});
      break;
    case doer::nobody:
      event.direction = schemas::direction::system;
      break;
  }
}

void set_post(contact& fact, std::string_view post_id) {
  fact.conversation = {fact.event.account.id, "post", std::string(post_id)};
  fact.event.conversation.kind = schemas::conversation_kind::post;
  fact.event.conversation.visibility = schemas::visibility::public_;
  fact.event.conversation.external_id = post_id;
}

void add_attachment(schemas::event& event, schemas::attachment a) {
  const auto twin =
      std::ranges::find_if(event.attachments, [&](const auto& b) { return !a.url.empty() && b.url == a.url; });
  if (twin != event.attachments.end()) {
    if (twin->name.empty()) twin->name = std::move(a.name);
    if (twin->provider_ref.empty()) twin->provider_ref = std::move(a.provider_ref);
    if (a.kind != schemas::attachment_kind::other) twin->kind = a.kind;
    return;
  }
  if (event.attachments.size() == most_attachments) return event.add(schemas::flag::truncated);
  a.id = std::to_string(event.attachments.size());
  if (a.url.empty()) a.state = schemas::attachment_state::expired;
  event.attachments.push_back(std::move(a));
}

item as_unsupported(contact fact, std::string_view product, std::string_view kind, json::element whole) {
  std::string raw = json::minified(whole);
  fact.fingerprint = fingerprint().add(raw).value();
  return unsupported{std::move(fact), std::string(product) + "/" + std::string(cut(kind, longest_kind)),
                     std::move(raw)};
}

decoded decode_entries(const inbound& request, const limits& limits, const platform& on) {
  if (auto challenge = answer_challenge(request)) {
    decoded out;
    out.handshake = std::move(challenge);
    return out;
  }
  return walk(request, limits, {&on.object, 1}, [&](const update& u, std::vector<item>& out) {
    if (auto nobodys = reject_nobodys(u)) return out.push_back(std::move(*nobodys));
    entry_context context{.product = on.product,
                          .channel = schemas::channel::chat,
                          .web = on.web,
                          .account = u.entry_id,
                          .time = u.entry_time,
                          .received_at = request.received_at,
                          .limits = limits};
    if (u.in != list::changes || is_messaging(u.value)) return decode_messaging(u.value, u.pointer, context, out);
    context.product = on.public_product;
    context.channel = schemas::channel::social;
    out.push_back(on.decode_change(u, context));
  });
}

}  // namespace switchboard::connectors::meta
