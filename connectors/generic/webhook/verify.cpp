#include "connectors/generic/webhook/verify.hpp"

#include <algorithm>
#include <cassert>

#include "connectors/common/encoding.hpp"
#include "connectors/common/sample.hpp"
#include "connectors/common/text.hpp"
#include "connectors/common/time.hpp"
#include "connectors/common/url.hpp"
#include "connectors/generic/webhook/settings.hpp"

namespace switchboard::connectors::webhook {

namespace {

constexpr std::size_t most_signatures = 32;

enum class match : std::uint8_t { none, symmetric, asymmetric };

// One item of the list, "v1,<base64>"; other versions are skipped.
match matching(std::string_view item, const configuration& configured, const signed_headers& h, std::string_view body,
               bool& readable) {
  const std::string_view version = item.substr(0, item.find(','));
  if (version.size() == item.size() || (version != "v1" && version != "v1a")) return match::none;
  const auto given = from_base64(item.substr(version.size() + 1));
  if (!given || given->size() != (version == "v1" ? 32U : 64U)) return match::none;
  readable = true;
  if (version == "v1") {
    for (const std::string& secret : configured.secrets) {
      const mac wanted(digest::sha256, secret, {h.id, ".", h.timestamp, ".", body});
      if (equal_in_constant_time(wanted.bytes(), *given)) return match::symmetric;
    }
    return match::none;
  }
  if (configured.public_keys.empty()) return match::none;
  std::string message;
  message.reserve(h.id.size() + h.timestamp.size() + body.size() + 2);
  message.append(h.id).append(".").append(h.timestamp).append(".").append(body);
  for (const key_handle& key : configured.public_keys)
    if (ed25519_verify(*key, *given, message)) return match::asymmetric;
  return match::none;
}

}  // namespace

signed_headers headers_of(const inbound& request) noexcept {
  const auto get = [&](std::string_view standard, std::string_view branded) {
    const auto found = request.find(standard);
    return found ? *found : request.find(branded).value_or(std::string_view{});
  };
  return {get("webhook-id", "svix-id"), get("webhook-timestamp", "svix-timestamp"),
          get("webhook-signature", "svix-signature")};
}

verdict verify(const inbound& request, const prepared& settings, const fetched_keys&) {
  const auto& configured = static_cast<const configuration&>(settings);
  const signed_headers h = headers_of(request);
  if (h.signature.empty()) return rejected{reject_code::missing_signature, "there is no header webhook-signature"};
  if (h.id.empty()) return rejected{reject_code::missing_signature, "there is no header webhook-id"};
  if (h.timestamp.empty()) return rejected{reject_code::missing_timestamp, "there is no header webhook-timestamp"};
  const auto seconds = plain_integer(h.timestamp);
  const auto sent = seconds ? from_unix_seconds(*seconds) : std::nullopt;
  if (!sent) return rejected{reject_code::missing_timestamp, "webhook-timestamp is unix seconds"};
  if (!identifier(h.id, 512)) return rejected{reject_code::malformed_signature, "webhook-id is no identifier"};

  match found = match::none;
  bool readable = false;
  std::size_t tried = 0;
  for (std::string_view rest = h.signature; !rest.empty() && found == match::none && tried < most_signatures; ++tried) {
    const std::string_view each = rest.substr(0, rest.find(' '));
    rest.remove_prefix(std::min(rest.size(), each.size() + 1));
    found = matching(each, configured, h, request.body, readable);
  }
  if (!readable)
    return rejected{reject_code::malformed_signature, "webhook-signature is a list of v1,<base64> or v1a,<base64>"};
  if (found == match::none)
    return rejected{reject_code::bad_signature, "is the secret the one that the sender shows for this endpoint?"};
  if (std::chrono::abs(request.received_at - *sent) > configured.tolerance)
    return rejected{reject_code::stale_timestamp,
                    "webhook-timestamp is too far from our clock: replayed, or a clock is wrong"};
  return authentic{"webhook", found == match::symmetric ? "hmac-sha256" : "ed25519"};
}

outbound sign(const sample& what, const prepared& settings, std::string_view public_url, const freshness& fresh) {
  const auto& configured = static_cast<const configuration&>(settings);
  outbound out{std::string(what.method), std::string(target_of(public_url)), {}, filled(what.body, fresh)};
  const std::string id = "msg_" + fresh_hex("webhook", fresh);
  const std::string timestamp =
      std::to_string(std::chrono::floor<std::chrono::seconds>(fresh.now).time_since_epoch().count());
  std::string signature;
  if (!configured.secrets.empty()) {
    const mac m(digest::sha256, configured.secrets.back(), {id, ".", timestamp, ".", out.body});
    signature = "v1," + to_base64(m.bytes());
  } else if (!configured.private_keys.empty()) {
    signature =
        "v1a," + to_base64(ed25519_sign(*configured.private_keys.back(), id + "." + timestamp + "." + out.body));
  }
  out.headers = {{"Content-Type", std::string(what.content_type)},
                 {"webhook-id", id},
                 {"webhook-timestamp", timestamp},
                 {"webhook-signature", signature}};
  return out;
}

}  // namespace switchboard::connectors::webhook
