#include "connectors/chat/wechat/verify.hpp"

#include <cassert>

#include "connectors/common/crypto.hpp"
#include "connectors/common/encoding.hpp"
#include "connectors/common/sample.hpp"
#include "connectors/common/time.hpp"
#include "connectors/common/url.hpp"

namespace switchboard::connectors::wechat {

namespace {

// nullopt: the request's time is within the tolerance.
std::optional<rejected> out_of_time(const proof& given, const inbound& request, std::chrono::milliseconds tolerance) {
  if (tolerance.count() == 0) return std::nullopt;
  const auto seconds = plain_integer(given.query.get("timestamp"));
  const auto signed_at = seconds ? from_unix_seconds(*seconds) : std::nullopt;
  if (!signed_at) return rejected{reject_code::missing_timestamp, "timestamp is to be seconds since 1970"};
  if (std::chrono::abs(request.received_at - *signed_at) <= tolerance) return std::nullopt;
  return rejected{reject_code::stale_timestamp, "timestamp is too far from our time: are both clocks right?"};
}

}  // namespace

const access* signer_of(const proof& given, const configuration& configured) {
  const auto bytes = from_hex(given.signature);
  if (!bytes) return nullptr;
  const std::string hex = to_hex(*bytes);
  for (const access& each : configured.accounts) {
    std::vector<std::string_view> parts{each.token, given.query.get("timestamp"), given.query.get("nonce")};
    if (given.sealed) parts.push_back(*given.sealed);
    if (equal_in_constant_time(signature_of(std::move(parts)), hex)) return &each;
  }
  return nullptr;
}

verdict verify(const inbound& request, const prepared& settings, const fetched_keys&) {
  const auto& configured = static_cast<const configuration&>(settings);
  const proof given = proof_of(request, configured);
  // A challenge is signed in clear in every mode, and tells nothing.
  if (!given.claims_sealed && configured.has_keys && !configured.accept_plain && request.method != "GET")
    return rejected{reject_code::missing_signature,
                    "the body is not encrypted: choose the secure or compatible mode under Basic configuration, or set "
                    "accept_plain while you change it"};
  if (given.signature.empty())
    return rejected{reject_code::missing_signature,
                    "signature or msg_signature is missing: does the query reach us as it was sent?"};
  constexpr std::size_t digits = 40;
  if (given.signature.size() != digits || !from_hex(given.signature))
    return rejected{reject_code::malformed_signature, "a signature is 40 hex digits"};
  if (given.claims_sealed && !given.sealed)
    return rejected{reject_code::bad_signature, "there is nothing encrypted that msg_signature could cover"};
  const access* signer = signer_of(given, configured);
  if (!signer)
    return rejected{reject_code::bad_signature, "is the token the one that stands under Basic configuration?"};
  if (const auto refused = out_of_time(given, request, configured.tolerance)) return *refused;
  return authentic{signer->app_id.empty() ? "wechat" : signer->app_id, given.sealed ? "sha1-aes-256-cbc" : "sha1"};
}

outbound sign(const sample& what, const prepared& settings, std::string_view public_url, const freshness& fresh) {
  const auto& configured = static_cast<const configuration&>(settings);
  assert(!configured.accounts.empty());
  const access& with = configured.accounts[fresh.random % configured.accounts.size()];
  const std::string body = filled(what.body, fresh);
  const std::string time = std::to_string(fresh.now.time_since_epoch().count() / 1000);
  const std::string nonce = fresh_hex("nonce", fresh).substr(0, 10);

  outbound out{std::string(what.method), {}, {{"Content-Type", std::string(what.content_type)}}, body};
  std::string url(public_url);
  url += query_of(url).empty() ? '?' : '&';
  url += "signature=" + signature_of({with.token, time, nonce}) + "&timestamp=" + time + "&nonce=" + nonce;
  if (with.key) {
    const std::string sealed = with.key->seal(fresh_hex("random", fresh).substr(0, 16), body, with.app_id);
    url += "&encrypt_type=aes&msg_signature=" + signature_of({with.token, time, nonce, sealed});
    out.body = is_json(body) ? R"({"Encrypt":")" + sealed + R"("})"
                             : "<xml><Encrypt><![CDATA[" + sealed + "]]></Encrypt></xml>";
  }
  out.target = target_of(url);
  return out;
}

}  // namespace switchboard::connectors::wechat
