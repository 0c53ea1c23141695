#include "connectors/generic/cloudevents/verify.hpp"

#include <algorithm>

#include "connectors/common/authorization.hpp"
#include "connectors/common/crypto.hpp"
#include "connectors/common/encoding.hpp"
#include "connectors/common/form.hpp"
#include "connectors/common/sample.hpp"
#include "connectors/common/text.hpp"
#include "connectors/common/url.hpp"
#include "connectors/generic/cloudevents/cloudevents.hpp"

namespace switchboard::connectors::cloudevents {

namespace {

bool any_equals(std::span<const std::string> known, std::string_view given) noexcept {
  return std::ranges::any_of(known, [&](const std::string& each) { return equal_in_constant_time(each, given); });
}

std::string signature_of(const signing_key& key, std::string_view body) {
  const mac made(digest::sha256, key.secret, {body});
  return key.prefix + (key.base64 ? to_base64(made.bytes()) : to_hex(made.bytes()));
}

enum class check : std::uint8_t { absent, unreadable, wrong, right };
check check_signature(const inbound& request, const signing_key& key) {
  const auto written = request.find(key.header);
  if (!written || written->empty()) return check::absent;
  std::string_view value = *written;
  if (!value.starts_with(key.prefix)) return check::unreadable;
  value.remove_prefix(key.prefix.size());
  const auto given = key.base64 ? from_base64(value) : from_hex(value);
  const mac wanted(digest::sha256, key.secret, {request.body});
  if (!given || given->size() != wanted.bytes().size()) return check::unreadable;
  return equal_in_constant_time(wanted.bytes(), *given) ? check::right : check::wrong;
}

verdict may_shake_hands(const inbound& request, const handshake_policy& policy) {
  const auto origin = request.find("WebHook-Request-Origin");
  if (policy.origins.empty() || !origin)
    return rejected{reject_code::method_not_allowed,
                    "OPTIONS is for the handshake: WebHook-Request-Origin, and settings.handshake.origins"};
  const std::string asked = lower(*origin);
  const auto allowed = [&](const std::string& each) { return each == "*" || each == asked; };
  if (!identifier(asked, 253) || std::ranges::none_of(policy.origins, allowed))
    return rejected{reject_code::unknown_credential, "this origin is not among settings.handshake.origins"};
  return authentic{asked, "handshake"};
}

// The host of an https URL without user and port; empty when it is none.
std::string host_of(std::string_view url) {
  constexpr std::string_view scheme = "https://";
  if (!url.starts_with(scheme)) return {};
  url.remove_prefix(scheme.size());
  const std::string_view authority = url.substr(0, url.find_first_of("/?#"));
  return authority.contains('@') ? std::string() : lower(authority.substr(0, authority.find(':')));
}

}  // namespace

verdict verify(const inbound& request, const prepared& settings, const fetched_keys&) {
  const auto& configured = static_cast<const configuration&>(settings);
  if (request.method == "OPTIONS") return may_shake_hands(request, configured.handshake);

  const auto query = form::parse(query_of(request.target));
  const auto in_query = query ? query->find("access_token") : std::nullopt;
  const auto bearer = bearer_token(request);
  for (const auto& given : {bearer, in_query})
    if (given && any_equals(configured.tokens, *given)) return authentic{std::string(name), "bearer"};
  const auto login = basic_credentials(request);
  if (login && any_equals(configured.logins, *login)) return authentic{login->substr(0, login->find(':')), "basic"};
  check best = check::absent;
  for (const signing_key& key : configured.keys) {
    best = std::max(best, check_signature(request, key));
    if (best == check::right) return authentic{std::string(name), "hmac-sha256"};
  }

  if (best == check::wrong) return rejected{reject_code::bad_signature, "is the secret the one that the sender uses?"};
  if (best == check::unreadable)
    return rejected{reject_code::malformed_signature, "the signature has not the configured prefix and encoding"};
  if (bearer || in_query || login)
    return rejected{reject_code::unknown_credential, "no such token or login is configured"};
  return rejected{reject_code::missing_signature, "there is no token, no login and no signature"};
}

handshake granted(const inbound& request, const handshake_policy& policy) {
  handshake out{.status = 200, .content_type = {}, .body = {}, .headers = {}, .confirm_url = {}};
  out.headers.emplace_back("Allow", "POST, OPTIONS");
  out.headers.emplace_back("WebHook-Allowed-Origin", request.find("WebHook-Request-Origin").value_or(""));
  out.headers.emplace_back("WebHook-Allowed-Rate", policy.rate);
  if (const auto callback = request.find("WebHook-Request-Callback")) {
    const std::string host = host_of(*callback);
    if (!host.empty() && std::ranges::find(policy.callback_hosts, host) != policy.callback_hosts.end())
      out.confirm_url = *callback;
  }
  return out;
}

outbound sign(const sample& what, const prepared& settings, std::string_view public_url, const freshness& fresh) {
  const auto& configured = static_cast<const configuration&>(settings);
  outbound out{std::string(what.method),
               std::string(target_of(public_url)),
               {{"Content-Type", std::string(what.content_type)}},
               filled(what.body, fresh)};
  if (!what.content_type.starts_with("application/cloudevents")) {
    const std::pair<std::string_view, std::string> attributes[] = {{"ce-specversion", "1.0"},
                                                                   {"ce-id", fresh_hex("event", fresh)},
                                                                   {"ce-source", "//forms.example/contact"},
                                                                   {"ce-type", "com.example." + std::string(what.name)},
                                                                   {"ce-time", filled("{{rfc3339}}", fresh)}};
    for (const auto& [attribute, value] : attributes) out.headers.emplace_back(attribute, value);
  }
  if (!configured.keys.empty())
    out.headers.emplace_back(configured.keys.front().header, signature_of(configured.keys.front(), out.body));
  else if (!configured.tokens.empty())
    out.headers.emplace_back("Authorization", "Bearer " + configured.tokens.front());
  else
    out.headers.emplace_back("Authorization", "Basic " + to_base64(configured.logins.front()));
  return out;
}

}  // namespace switchboard::connectors::cloudevents
