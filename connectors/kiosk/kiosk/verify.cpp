#include "connectors/kiosk/kiosk/verify.hpp"

#include <cassert>

#include "connectors/common/crypto.hpp"
#include "connectors/common/encoding.hpp"
#include "connectors/common/sample.hpp"
#include "connectors/common/text.hpp"
#include "connectors/common/url.hpp"
#include "connectors/kiosk/kiosk/settings.hpp"

namespace switchboard::connectors::kiosk {

namespace {

constexpr std::string_view device_header = "Kiosk-Device", signature_header = "Kiosk-Signature";

mac signature_of(std::string_view key, std::string_view device, std::string_view method, std::string_view target,
                 std::string_view body) {
  return {digest::sha256, key, {device, "\n", method, "\n", target, "\n", body}};
}

}  // namespace

verdict verify(const inbound& request, const prepared& settings, const fetched_keys&) {
  const auto& configured = static_cast<const configuration&>(settings);
  const auto device = request.find(device_header);
  auto written = request.find(signature_header);
  if (!device || device->empty()) return rejected{reject_code::missing_signature, "send the header Kiosk-Device"};
  if (!written || written->empty()) return rejected{reject_code::missing_signature, "send the header Kiosk-Signature"};

  const auto found = configured.devices.find(*device);
  if (found == configured.devices.end())
    return rejected{reject_code::unknown_credential, "no key is configured for this device"};

  bool readable = false;
  for (std::string_view rest = *written; !rest.empty();) {
    const std::string_view each = trimmed(rest.substr(0, rest.find(',')));
    rest.remove_prefix(
        std::min(rest.size(), rest.find(',') == std::string_view::npos ? rest.size() : rest.find(',') + 1));
    if (!each.starts_with("v1=")) continue;
    const auto given = from_hex(each.substr(3));
    if (!given || given->size() != 32) continue;
    readable = true;
    for (const std::string& key : found->second.keys) {
      const mac wanted = signature_of(key, *device, request.method, request.target, request.body);
      if (equal_in_constant_time(wanted.bytes(), *given)) return authentic{std::string(*device), "hmac-sha256"};
    }
  }
  if (!readable) return rejected{reject_code::malformed_signature, "Kiosk-Signature is v1= and 64 hex digits"};
  return rejected{
      reject_code::bad_signature,
      "sign device LF method LF request target LF raw body with the device's key; a proxy may have changed the path"};
}

outbound sign(const sample& what, const prepared& settings, std::string_view public_url, const freshness& fresh) {
  const auto& configured = static_cast<const configuration&>(settings);
  assert(!configured.devices.empty());
  auto chosen = configured.devices.begin();
  std::advance(chosen, static_cast<std::ptrdiff_t>(fresh.random % configured.devices.size()));
  const auto& [id, device] = *chosen;
  outbound out{std::string(what.method), std::string(target_of(public_url)), {}, filled(what.body, fresh)};
  const mac signature = signature_of(device.keys.back(), id, out.method, out.target, out.body);
  out.headers = {{"Content-Type", std::string(what.content_type)},
                 {std::string(device_header), id},
                 {std::string(signature_header), "v1=" + to_hex(signature.bytes())}};
  return out;
}

}  // namespace switchboard::connectors::kiosk
