#include "connectors/chat/wechat/notice.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "connectors/common/identity.hpp"
#include "connectors/common/text.hpp"
#include "connectors/common/time.hpp"

namespace switchboard::connectors::wechat {

namespace {

constexpr std::size_t most_fields = 200, longest_value = 8192;

std::string key_of(const notice& n) {
  std::string out;
  for (const std::string_view part :
       {n.account, n.sender, n.get("CreateTime"), std::string_view(n.kind), n.get("EventKey")}) {
    if (!out.empty()) out += '/';
    out += part;
  }
  return repaired(out);
}

void fill_time(const notice& n, schemas::event& event) {
  const auto seconds = plain_integer(n.get("CreateTime"));
  const auto at = seconds ? from_unix_seconds(*seconds) : std::nullopt;
  event.time = at.value_or(n.received_at);
  if (!at) event.add(schemas::flag::time_from_receipt);
}

// What the envelope of the event says already, and what is no form's business.
bool is_envelope(std::string_view name) {
  constexpr std::string_view names[] = {"ToUserName", "FromUserName", "CreateTime", "MsgType",
                                        "Event",      "Encrypt",      "InfoType"};
  return std::ranges::find(names, name) != std::end(names);
}

// A code or ticket with which anybody could act for the account: it is not published.
bool opens_something(std::string_view name) {
  constexpr std::string_view names[] = {"ComponentVerifyTicket", "AuthorizationCode", "PreAuthCode", "auth_code"};
  return std::ranges::find(names, name) != std::end(names);
}

std::string path_of(const document& says, const document::node& leaf) {
  std::string out(leaf.name);
  for (document::id at = leaf.parent; at != document::root; at = says.nodes()[at].parent)
    out = std::string(says.nodes()[at].name) + '.' + out;
  return repaired(cut(out, 256));
}

std::optional<double> decimal(std::string_view text) noexcept {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

}  // namespace

contact start(const notice& n, schemas::event_type type, by whom) { return start(n, type, whom, n.sender); }

contact start(const notice& n, schemas::event_type type, by whom, std::string_view openid) {
  contact fact;
  schemas::event& event = fact.event;
  event.type = type;
  event.channel = schemas::channel::chat;
  event.provider = "wechat";
  event.product = n.from.json || n.settings.mini_program ? "mini-program" : "official-account";
  event.account.id = repaired(n.account);
  event.account.uri = provider_uri("wechat", "", event.account.id);
  fill_time(n, event);
  fact.key = key_of(n);
  fact.fingerprint = n.fingerprint;
  event.direction = whom == by::customer ? schemas::direction::inbound : schemas::direction::system;
  if (whom == by::nobody) return fact;

  event.customer_uri = provider_uri("wechat", event.account.id, repaired(openid));
  fact.conversation = {event.account.id, event.customer_uri};
  std::vector<schemas::identity> identities{{event.customer_uri, true}};
  if (const std::string_view union_id = n.get("UnionId"); identifier(union_id, 128)) {
    identities.push_back({provider_uri("wechat", "unionid", union_id), true});
    fact.conversation_aliases.push_back({event.account.id, identities.back().uri});
  }
  if (whom != by::customer) return fact;
  event.actor = schemas::party{.identities = std::move(identities)};
  event.recipients.push_back({.who = {.who = schemas::role::business, .identities = {{event.account.uri}}}});
  return fact;
}

std::string value_of(const notice& n, document::id parent, std::string_view name) {
  return repaired(cut(n.says().get(parent, name), longest_value));
}

std::string value_of(const notice& n, std::string_view name) { return value_of(n, document::root, name); }

std::optional<schemas::location> location_of(const notice& n, document::id parent, std::string_view latitude,
                                             std::string_view longitude) {
  const auto north = decimal(n.says().get(parent, latitude)), east = decimal(n.says().get(parent, longitude));
  if (!north || !east || std::abs(*north) > 90 || std::abs(*east) > 180) return std::nullopt;
  return schemas::location{*north, *east, {}, {}};
}

void fill_form(const notice& n, schemas::event& event) {
  schemas::form& form = event.form.emplace();
  form.name = "wechat." + repaired(n.kind);
  for (const document::node& each : n.says().nodes()) {
    if (!each.leaf || each.value.empty() || each.name.empty() || opens_something(each.name)) continue;
    if (each.parent == document::root && is_envelope(each.name)) continue;
    std::string path = path_of(n.says(), each), value = repaired(cut(each.value, longest_value));
    const auto known = std::ranges::find(form.fields, path, &schemas::field::name);
    if (known == form.fields.end()) {
      if (form.fields.size() == most_fields) return event.add(schemas::flag::truncated);
      // Amounts are whole hundredths of a yuan.
      const bool fen = each.name == "Fee" || each.name == "OriginalFee";
      form.fields.push_back({.name = std::move(path), .type = fen ? "fen" : "", .value = std::move(value)});
      continue;
    }
    if (known->values.size() == most_fields) return event.add(schemas::flag::truncated);
    if (known->values.empty()) known->values.push_back(std::exchange(known->value, {}));
    known->values.push_back(std::move(value));
  }
}

item unknown(const notice& n, std::string_view prefix, by whom) {
  return unsupported{start(n, schemas::event_type::unsupported, whom), std::string(prefix) + repaired(cut(n.kind, 64)),
                     n.from.content};
}

item refused(const notice& n, reject_code code, std::string pointer) {
  return item_rejected{code, std::move(pointer), n.from.content, {.id = repaired(n.account)}};
}

}  // namespace switchboard::connectors::wechat
