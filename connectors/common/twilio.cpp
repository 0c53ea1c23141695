#include "connectors/common/twilio.hpp"

#include <algorithm>
#include <cassert>
#include <iterator>

#include "connectors/common/crypto.hpp"
#include "connectors/common/encoding.hpp"
#include "connectors/common/fingerprint.hpp"
#include "connectors/common/json.hpp"
#include "connectors/common/sample.hpp"
#include "connectors/common/settings.hpp"
#include "connectors/common/text.hpp"
#include "connectors/common/url.hpp"

namespace switchboard::connectors::twilio {

namespace {

constexpr option credential_table[] = {
    {.name = "account_sid",
     .text = "The account or sub-account (AC…) whose requests this token signs; without it, any account's."},
    {.name = "auth_token",
     .type = value_type::secret,
     .text = "Its Auth Token; list the secondary one too while you rotate."},
    {.name = "shared_key_id",
     .text = "The id of a shared key, where Twilio signs with one (X-Twilio-Webhooks-Signature-Settings)."},
    {.name = "shared_key", .type = value_type::secret, .text = "That shared key's secret."},
};

constexpr std::string_view signature_header = "X-Twilio-Signature";
constexpr std::string_view token_header = "I-Twilio-Idempotency-Token";
constexpr std::string_view settings_header = "X-Twilio-Webhooks-Signature-Settings";

// Every parameter in the order of names, then values; a value that stands twice under one name counts once.
std::string sorted_parameters(const form& from) {
  std::vector<parameter> all(from.parameters().begin(), from.parameters().end());
  const auto order = [](const parameter& p) { return std::pair(p.name, p.value); };
  std::ranges::sort(all, {}, order);
  const auto repeated = std::ranges::unique(all, {}, order);
  all.erase(repeated.begin(), repeated.end());
  std::string out;
  for (const auto& [name, value] : all) {
    out += name;
    out += value;
  }
  return out;
}

// "key=<id>,algorithm=HMAC_SHA256"
struct signature_settings {
  std::string_view key, algorithm = "HMAC_SHA1";
};
signature_settings parse_settings(std::string_view text) {
  signature_settings out;
  while (!text.empty()) {
    const std::string_view part = trimmed(text.substr(0, text.find(',')));
    text.remove_prefix(
        std::min(text.size(), text.find(',') == std::string_view::npos ? text.size() : text.find(',') + 1));
    if (part.starts_with("key=")) out.key = part.substr(4);
    if (part.starts_with("algorithm=")) out.algorithm = part.substr(10);
  }
  return out;
}

std::string account_of(const inbound& request, packing how, const std::optional<form>& parameters) {
  if (parameters)
    if (const auto sid = parameters->find("AccountSid")) return std::string(*sid);
  if (how == packing::json) return {};
  const auto query = form::parse(query_of(request.target));
  return query ? std::string(query->get("AccountSid")) : std::string();
}

bool body_hash_matches(const inbound& request) {
  const auto query = form::parse(query_of(request.public_url));
  const auto written = query ? from_hex(query->get("bodySHA256")) : std::nullopt;
  const auto actual = sha256(request.body);
  return written && equal_in_constant_time(*written, {actual.data(), actual.size()});
}

unsupported decode_cloud_event(json::element each, const inbound& request, schemas::channel channel,
                               const authentic& who) {
  contact fact;
  schemas::event& event = fact.event;
  event.channel = channel;
  event.provider = "twilio";
  event.product = "event-streams";
  event.account.id = who.principal;
  event.time = request.received_at;
  std::string raw = json::minified(each);
  fact.fingerprint = fingerprint().add(raw).value();
  std::string kind = "json";
  if (json::object object; !each.get(object)) {
    json::reader from(object, "");
    if (const auto at = from.time("time"))
      event.time = *at;
    else
      event.add(schemas::flag::time_from_receipt);
    const std::string_view type = from.identifier("type");
    if (!type.empty()) kind = type;
    // The test event has the account's id every time; only its test_id tells one from the next.
    std::string_view id = from.identifier("id");
    if (type == "com.twilio.eventstreams.test-event")
      if (const auto data = from.sub("data")) id = json::reader(*data, "/data").identifier("test_id");
    fact.key = id;
    event.object.external_id = id;
  } else {
    event.add(schemas::flag::time_from_receipt);
  }
  return unsupported{std::move(fact), "twilio/" + kind, std::move(raw)};
}

}  // namespace

const std::span<const option> credential_options = credential_table;

std::vector<token> read_tokens(std::span<const credential> credentials, std::vector<settings_error>& errors) {
  std::vector<token> out;
  const no_credential none{"no token is configured", "list {account_sid, auth_token} for each account"};
  read_credentials(credentials, credential_table, none, errors, [&](settings_reader& reader) {
    const std::string account = reader.text("account_sid");
    const std::string auth_token = reader.text("auth_token"), shared = reader.text("shared_key");
    const std::string shared_id = reader.text("shared_key_id");
    if (!account.empty() && !account.starts_with("AC"))
      reader.error("account_sid", "'account_sid' is no account", "it begins with AC; Console, Account Info");
    if (!reader.raw("auth_token") && !reader.raw("shared_key"))
      reader.error("auth_token", "'auth_token' is missing", "Console, Account Info, Auth Token");
    if (shared_id.empty() != shared.empty())
      reader.error("shared_key", "a shared key needs both 'shared_key_id' and 'shared_key'", "write both or neither");
    if (!auth_token.empty()) out.push_back({account, auth_token, {}});
    if (!shared.empty() && !shared_id.empty()) out.push_back({account, shared, shared_id});
  });
  return out;
}

packing packing_of(const inbound& request) {
  if (request.method == "GET") return packing::query;
  const std::string type = media_type(request.find("Content-Type").value_or(""));
  if (type == "application/x-www-form-urlencoded" || (type.empty() && request.body.empty())) return packing::form;
  return packing::json;
}

verdict verify(const inbound& request, std::span<const token> tokens) {
  const auto written = request.find(signature_header);
  if (!written || written->empty())
    return rejected{reject_code::missing_signature, "there is no X-Twilio-Signature: did a proxy take it off?"};
  const auto given = from_base64(*written);
  const signature_settings how_signed = parse_settings(request.find(settings_header).value_or(""));
  const bool strong = how_signed.algorithm == "HMAC_SHA256";
  if (!given || given->size() != (strong ? 32U : 20U) || (!strong && how_signed.algorithm != "HMAC_SHA1"))
    return rejected{reject_code::malformed_signature, "X-Twilio-Signature is base64 of 20 bytes (32 with HMAC_SHA256)"};

  const packing how = packing_of(request);
  std::optional<form> parameters;
  if (how == packing::form) {
    // However many: who signed decides, and decode() then keeps what is too much. The body's limit bounds them.
    parameters = std::move(*form::parse(request.body, request.body.size() + 1));
  }
  const std::string account = account_of(request, how, parameters);
  const std::string suffix = parameters ? sorted_parameters(*parameters) : std::string();
  const auto [without_port, with_port] = with_and_without_port(request.public_url);

  bool known = false;
  for (const token& each : tokens) {
    if (!account.empty() && !each.account_sid.empty() && each.account_sid != account) continue;
    if (each.shared_key_id.empty() == strong || (strong && each.shared_key_id != how_signed.key)) continue;
    known = true;
    const digest d = strong ? digest::sha256 : digest::sha1;
    for (const std::string& url : {std::cref(without_port), std::cref(with_port)}) {
      if (!equal_in_constant_time(mac(d, each.secret, {url, suffix}).bytes(), *given)) continue;
      if (how == packing::json && !body_hash_matches(request))
        return rejected{reject_code::bad_body_hash, "bodySHA256 in the URL is not the hash of this body"};
      return authentic{account.empty() ? each.account_sid : account, strong ? "hmac-sha256" : "hmac-sha1"};
    }
  }
  if (!known) return rejected{reject_code::unknown_credential, "no token is configured for this AccountSid"};
  return rejected{reject_code::bad_signature,
                  "is public_url exactly what Twilio calls, and the Auth Token this account's?"};
}

outbound sign(const sample& what, std::span<const token> tokens, std::string_view public_url, const freshness& fresh) {
  assert(!tokens.empty());
  const token& with = tokens[fresh.random % tokens.size()];
  const std::string account = with.account_sid.empty() ? "AC" + fresh_hex("account", fresh) : with.account_sid;

  outbound out{
      std::string(what.method), {}, {{"Content-Type", std::string(what.content_type)}}, filled(what.body, fresh)};
  constexpr std::string_view account_mark = "{account}";
  for (std::size_t at; (at = out.body.find(account_mark)) != std::string::npos;)
    out.body.replace(at, account_mark.size(), account);
  std::string url(public_url), suffix;
  if (what.content_type.starts_with("application/json")) {
    const auto hash = sha256(out.body);
    url += (query_of(url).empty() ? "?bodySHA256=" : "&bodySHA256=") + to_hex({hash.data(), hash.size()});
  } else if (const auto parameters = form::parse(out.body)) {
    suffix = sorted_parameters(*parameters);
  }
  out.target = target_of(url);
  const bool strong = !with.shared_key_id.empty();
  const mac signature(strong ? digest::sha256 : digest::sha1, with.secret, {url, suffix});
  out.headers.emplace_back(signature_header, to_base64(signature.bytes()));
  if (strong) out.headers.emplace_back(settings_header, "key=" + with.shared_key_id + ",algorithm=HMAC_SHA256");
  out.headers.emplace_back(token_header, fresh_hex("idempotency", fresh));
  return out;
}

std::string_view encoded_parameters(const inbound& request) {
  return packing_of(request) == packing::query ? query_of(request.target) : request.body;
}

std::string value_of(const form& from, std::string_view name) { return repaired(cut(from.get(name), 8192)); }

std::string idempotency_token(const inbound& request) { return repaired(request.find(token_header).value_or("")); }

std::uint64_t fingerprint_of(const form& from) {
  std::vector<parameter> all(from.parameters().begin(), from.parameters().end());
  std::erase_if(all,
                [](const parameter& p) { return p.name == "ErrorCode" || p.name == "ErrorUrl" || p.name == "AddOns"; });
  std::ranges::sort(all, {}, [](const parameter& p) { return std::pair(p.name, p.value); });
  fingerprint out;
  for (const auto& [name, value] : all) out.add(name).add(value);
  return out.value();
}

address parse_address(std::string_view text) noexcept {
  const std::size_t colon = text.find(':');
  constexpr std::size_t longest_prefix = 32;
  const bool named = colon != std::string_view::npos && colon > 0 && colon <= longest_prefix &&
                     std::ranges::all_of(text.substr(0, colon), [](char c) { return c >= 'a' && c <= 'z'; });
  if (!named) return {{}, text};
  return {text.substr(0, colon), text.substr(colon + 1)};
}

decoded decode_event_streams(const inbound& request, schemas::channel channel, const authentic& who,
                             const limits& limits, const event_stream_decoder& known) {
  decoded out;
  const auto root = json::parse(request.body, limits.depth);
  if (!root) {
    out.whole = {root.error(), "", std::string(request.body)};
    return out;
  }
  const auto take = [&](json::element each) {
    std::vector<item> items = known ? known(each) : std::vector<item>();
    if (items.empty()) items.emplace_back(decode_cloud_event(each, request, channel, who));
    std::ranges::move(items, std::back_inserter(out.items));
  };
  json::array list;
  if (root->get(list)) {
    take(*root);
  } else if (list.size() > limits.items) {
    out.whole = {reject_code::too_many_items, "", std::string(request.body)};
  } else {
    for (const json::element each : list) take(each);
  }
  return out;
}

unsupported unknown_hook(const inbound& request, const form& from, schemas::channel channel, std::string_view kind) {
  contact fact;
  schemas::event& event = fact.event;
  event.channel = channel;
  event.provider = "twilio";
  event.account.id = value_of(from, "AccountSid");
  event.time = request.received_at;
  event.add(schemas::flag::time_from_receipt);
  event.delivery_id = idempotency_token(request);
  fact.key = event.delivery_id;
  const std::string_view raw = encoded_parameters(request);
  fact.fingerprint = fingerprint().add(raw).value();
  return {std::move(fact), "twilio/" + repaired(cut(kind, 64)), std::string(raw)};
}

response twiml(std::string_view verbs) {
  std::string body = R"(<?xml version="1.0" encoding="UTF-8"?>)";
  if (verbs.empty()) return {200, "text/xml", body + "<Response/>", {}};
  return {200, "text/xml", body.append("<Response>").append(verbs).append("</Response>"), {}};
}

}  // namespace switchboard::connectors::twilio
