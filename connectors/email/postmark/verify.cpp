#include "connectors/email/postmark/verify.hpp"

#include <algorithm>
#include <cassert>

#include "connectors/common/authorization.hpp"
#include "connectors/common/crypto.hpp"
#include "connectors/common/encoding.hpp"
#include "connectors/common/sample.hpp"
#include "connectors/common/url.hpp"
#include "connectors/email/postmark/settings.hpp"

namespace switchboard::connectors::postmark {

namespace {

// Of equal length whatever was sent, so that not even the length of a secret can be told.
bool equal(std::string_view a, std::string_view b) {
  const auto x = sha256(a), y = sha256(b);
  return equal_in_constant_time({x.data(), x.size()}, {y.data(), y.size()});
}

}  // namespace

verdict verify(const inbound& request, const prepared& settings, const fetched_keys&) {
  const auto& configured = static_cast<const configuration&>(settings);
  if (!configured.peers.empty() &&
      std::ranges::none_of(configured.peers, [&](const address_range& r) { return r.contains(request.peer); }))
    return rejected{reject_code::unknown_credential,
                    "the caller's address is not in allowed_peers; behind a proxy, name it in trusted_proxies"};

  const auto basic = basic_credentials(request);
  bool carried = basic.has_value();
  std::string_view method;
  for (const secret& each : configured.secrets) {
    const auto value = each.header.empty() ? std::nullopt : request.find(each.header);
    carried = carried || value.has_value();
    bool fits = true;
    if (!each.basic.empty()) fits = equal(basic.value_or(""), each.basic);
    if (!each.header.empty()) fits = equal(value.value_or(""), each.value) && fits;
    if (fits && method.empty()) method = each.basic.empty() ? "secret-header" : "basic";
  }
  if (!method.empty()) return authentic{"postmark", method};
  if (!carried)
    return rejected{reject_code::missing_signature,
                    "the webhook's URL carries no name and password (https://name:password@…), nor the secret header"};
  return rejected{reject_code::bad_signature, "name and password, or the secret header, are not those of this source"};
}

outbound sign(const sample& what, const prepared& settings, std::string_view public_url, const freshness& fresh) {
  const auto& configured = static_cast<const configuration&>(settings);
  assert(!configured.secrets.empty());
  const secret& with = configured.secrets.back();
  outbound out{std::string(what.method), std::string(target_of(public_url)), {}, filled(what.body, fresh)};
  out.headers = {{"Content-Type", std::string(what.content_type)}, {"User-Agent", "Postmark"}};
  if (!with.basic.empty()) out.headers.emplace_back("Authorization", "Basic " + to_base64(with.basic));
  if (!with.header.empty()) out.headers.emplace_back(with.header, with.value);
  return out;
}

}  // namespace switchboard::connectors::postmark
