#include "connectors/sms/twilio_messaging/verify.hpp"

#include <algorithm>
#include <cassert>

#include "connectors/common/crypto.hpp"
#include "connectors/common/encoding.hpp"
#include "connectors/common/sample.hpp"
#include "connectors/common/text.hpp"
#include "connectors/common/url.hpp"
#include "connectors/sms/twilio_messaging/settings.hpp"

namespace switchboard::connectors::twilio_messaging {

namespace {

constexpr std::string_view signature_header = "X-Twilio-Signature";
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

}  // namespace

packing packing_of(const inbound& request) {
  if (request.method == "GET") return packing::query;
  const std::string type = media_type(request.find("Content-Type").value_or(""));
  if (type == "application/x-www-form-urlencoded" || (type.empty() && request.body.empty())) return packing::form;
  return packing::json;
}

verdict verify(const inbound& request, const prepared& settings, const fetched_keys&) {
  const auto& configured = static_cast<const configuration&>(settings);
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
  for (const token& each : configured.tokens) {
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

outbound sign(const sample& what, const prepared& settings, std::string_view public_url, const freshness& fresh) {
  const auto& configured = static_cast<const configuration&>(settings);
  assert(!configured.tokens.empty());
  const token& with = configured.tokens[fresh.random % configured.tokens.size()];
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
  out.headers.emplace_back("I-Twilio-Idempotency-Token", fresh_hex("idempotency", fresh));
  return out;
}

}  // namespace switchboard::connectors::twilio_messaging
