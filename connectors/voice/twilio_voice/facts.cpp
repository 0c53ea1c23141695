#include "connectors/voice/twilio_voice/facts.hpp"

#include <algorithm>

#include "connectors/common/fingerprint.hpp"
#include "connectors/common/identity.hpp"
#include "connectors/common/text.hpp"
#include "connectors/common/time.hpp"
#include "schemas/codec.hpp"

namespace switchboard::connectors::twilio_voice {

namespace {

// "+14155550100", "sip:ann@example.com", "client:ann", "whatsapp:+14155550100"; empty when it is hidden. `ours`: the
// scope of what has no number.
std::string uri_of(std::string_view raw, std::string_view ours, const hook_request& m) {
  const twilio::address a = twilio::parse_address(raw);
  if (a.prefix.empty()) return sender_uri(raw, "twilio", ours, m.settings.calling_code);
  if (a.prefix == "sip" || a.prefix == "sips")
    return hidden_caller(a.rest.substr(0, a.rest.find('@'))) ? std::string() : sip_uri(raw);
  if (a.prefix == "whatsapp") return whatsapp_uri(a.rest);
  return a.rest.empty() ? std::string() : provider_uri("twilio", m.get("AccountSid"), raw);
}

// The customer. A telephone number is as good as the attestation that came with it; Twilio knows WhatsApp's itself.
schemas::party customer_of(const hook_request& m, const std::string& uri) {
  schemas::party out;
  if (uri.empty()) return out;
  const bool whatsapp = uri.starts_with("whatsapp:");
  out.identities.push_back({uri, whatsapp || m.get("StirVerstat").starts_with("TN-Validation-Passed-A")});
  if (whatsapp) out.identities.push_back({"tel:" + uri.substr(uri.find('+')), false, true});
  return out;
}

schemas::party party_of(schemas::role role, const std::string& uri) {
  schemas::party out{.who = role};
  if (!uri.empty()) out.identities.push_back({uri});
  return out;
}

void fill_time(const hook_request& m, schemas::event& event) {
  for (const std::string_view name : {"Timestamp", "RecordingStartTime"}) {
    const std::string_view written = m.get(name);
    auto at = from_rfc2822(written);
    if (!at) at = schemas::timestamp_from_rfc3339(written);
    if (at) return void(event.time = *at);
  }
  event.time = m.request.received_at;
  event.add(schemas::flag::time_from_receipt);
}

bool is_leg(const hook_request& m) { return m.call("Direction") == "outbound-dial"; }
bool is_outbound(const hook_request& m) { return m.call("Direction").starts_with("outbound"); }

// A leg that Twilio dialled for a caller: it shows the caller's number or one of ours, and reaches the agent's.
void fill_leg(const hook_request& m, by who, contact& fact) {
  schemas::event& event = fact.event;
  schemas::party agent = party_of(schemas::role::agent, uri_of(m.call("To"), event.account.id, m));
  if (who == by::customer) {
    event.direction = schemas::direction::outbound;
    event.actor = std::move(agent);
  } else {
    event.recipients.push_back({std::move(agent)});
  }
}

void fill_ends(const hook_request& m, by who, contact& fact) {
  schemas::event& event = fact.event;
  const bool outbound = is_outbound(m);
  event.customer_uri = uri_of(m.call(outbound ? "To" : "From"), event.account.id, m);
  if (!m.knows_caller()) return;
  schemas::party customer = customer_of(m, event.customer_uri);
  schemas::party company = party_of(schemas::role::business, event.account.uri);
  if (!outbound) customer.display_name = m.value("CallerName");
  const bool by_customer = who == by::customer || (who == by::caller && !outbound);
  event.actor = by_customer ? customer : company;
  event.recipients.push_back({by_customer ? std::move(company) : std::move(customer)});
}

}  // namespace

schemas::event::account_info account_of(const hook_request& m) {
  if (is_leg(m)) return {m.value("AccountSid"), {}, {}};
  const std::string_view ours = m.call(is_outbound(m) ? "From" : "To");
  return {ours.empty() ? m.value("AccountSid") : repaired(cut(ours, 512)), uri_of(ours, m.get("AccountSid"), m), {}};
}

contact fact_of(const hook_request& m, schemas::event_type type, std::string_view sid, schemas::direction direction,
                by who) {
  contact fact;
  schemas::event& event = fact.event;
  event.type = type;
  event.channel = schemas::channel::voice;
  event.provider = "twilio";
  event.product = "programmable-voice";
  event.direction = direction;
  event.delivery_id = twilio::idempotency_token(m.request);
  event.object.external_id = sid;
  fill_time(m, event);

  schemas::call& call = event.call.emplace();
  call.id = sid;
  const std::string parent = m.value("ParentCallSid");
  if (parent != sid) call.parent_id = parent;
  const std::string_view stir = m.get("StirVerstat");
  constexpr std::string_view passed = "TN-Validation-Passed-";
  if (stir.starts_with(passed) && stir.size() > passed.size() && stir[passed.size()] >= 'A' &&
      stir[passed.size()] <= 'C')
    call.attestation = stir.substr(passed.size(), 1);

  event.account = account_of(m);
  if (is_leg(m))
    fill_leg(m, who, fact);
  else
    fill_ends(m, who, fact);
  if (const auto from = m.get("ForwardedFrom"); !from.empty()) call.forwarded_from = uri_of(from, event.account.id, m);

  // A caller with a number keeps the conversation from call to call. Callbacks that do not say who called, and legs,
  // are found by the call, under which the caller's conversation is known as well.
  const std::string id = !parent.empty() ? parent : !m.get("CallSid").empty() ? m.value("CallSid") : std::string(sid);
  std::vector<std::string> by_call{"call", id};
  if (!event.customer_uri.empty()) {
    fact.conversation = {event.account.id, event.customer_uri};
    fact.conversation_aliases.push_back(std::move(by_call));
    return fact;
  }
  fact.conversation = std::move(by_call);
  event.conversation.kind =
      m.get("CallSid").empty() ? schemas::conversation_kind::group : schemas::conversation_kind::call;  // a conference
  event.conversation.external_id = id;
  if (!m.knows_caller() || is_leg(m)) event.add(schemas::flag::conversation_unresolved);
  return fact;
}

void name_fact(contact& fact, std::string_view sid, std::string_view what, std::string_view content) {
  fact.key = std::string(sid).append("/").append(what);
  fact.fingerprint = fingerprint().add(content).value();
}

void name_fact_by_request(contact& fact, const hook_request& m, std::string_view sid, std::string_view what) {
  const std::string token = twilio::idempotency_token(m.request);
  if (!token.empty()) fact.key = std::string(sid).append("/").append(what).append("/").append(token);
  fact.fingerprint = twilio::fingerprint_of(m.from);
}

void fill_sequence(contact& fact, std::string_view scope, std::string_view value) {
  if (plain_integer(value)) fact.event.provider_sequence = {std::string(scope), std::string(value)};
}

void relate(contact& fact, schemas::rel relation, const hook_request& m, std::string_view parameter) {
  if (const auto id = m.call(parameter); identifier(id, 128))
    fact.event.related.push_back({relation, {}, std::string(id), {}});
}

std::optional<schemas::call_state> state_of(std::string_view status) noexcept {
  using enum schemas::call_state;
  static constexpr std::pair<std::string_view, schemas::call_state> names[] = {{"queued", ringing},
                                                                               {"initiated", ringing},
                                                                               {"ringing", ringing},
                                                                               {"in-progress", answered},
                                                                               {"answered", answered},
                                                                               {"completed", completed},
                                                                               {"busy", busy},
                                                                               {"no-answer", no_answer},
                                                                               {"failed", schemas::call_state::failed},
                                                                               {"canceled", canceled}};
  const auto found = std::ranges::find(names, status, &std::pair<std::string_view, schemas::call_state>::first);
  return found == std::end(names) ? std::nullopt : std::optional(found->second);
}

}  // namespace switchboard::connectors::twilio_voice
