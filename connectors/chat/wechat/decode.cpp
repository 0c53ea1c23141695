#include "connectors/chat/wechat/decode.hpp"

#include <algorithm>

#include "connectors/chat/wechat/notice.hpp"
#include "connectors/chat/wechat/verify.hpp"
#include "connectors/common/fingerprint.hpp"
#include "connectors/common/text.hpp"

namespace switchboard::connectors::wechat {

namespace {

// Over what is told, whatever its order: sealing a retry anew gives other bytes.
std::uint64_t fingerprint_of(const document& says) {
  std::vector<std::pair<std::string_view, std::string_view>> all;
  for (const document::node& each : says.nodes())
    if (each.leaf && each.name != "Encrypt") all.emplace_back(each.name, each.value);
  std::ranges::sort(all);
  fingerprint out;
  for (const auto& [name, value] : all) out.add(name).add(value);
  return out.value();
}

// GET: the echo is asked for once, when the URL is saved. Sealed, it goes back in clear.
handshake challenge(const inbound& request, const configuration& configured) {
  const proof given = proof_of(request, configured);
  handshake out{
      .content_type = "text/plain", .body = repaired(given.query.get("echostr")), .headers = {}, .confirm_url = {}};
  if (!given.claims_sealed) return out;
  const auto opened = unseal(given.sealed.value_or(""), configured);
  out.body = opened ? repaired(opened->text.content()) : std::string();
  return out;
}

// The open platform's notices: no MsgType, the account is the component itself.
void decode_info(notice& n, decoded& out) {
  n.account = n.get("AppId");
  n.sender = n.get("AuthorizerAppid");
  if (!identifier(n.account, 128)) {
    out.items.push_back(refused(n, reject_code::missing_field, "AppId"));
  } else if (n.kind == "component_verify_ticket") {
    // A secret, every ten minutes anew: acknowledged, and kept nowhere.
    out.handshake = handshake{.content_type = "text/plain", .body = "success", .headers = {}, .confirm_url = {}};
  } else {
    const bool known = n.kind == "authorized" || n.kind == "unauthorized" || n.kind == "updateauthorized";
    out.items = known ? decode_event(n) : std::vector<item>{unknown(n, "info/", by::nobody)};
  }
}

}  // namespace

decoded decode(const inbound& request, const prepared& settings, const authentic&, const limits& limits) {
  const auto& configured = static_cast<const configuration&>(settings);
  decoded out;
  if (request.method == "GET") {
    out.handshake = challenge(request, configured);
    return out;
  }
  const auto opened = open_letter(request, configured, std::min(limits.depth, most_depth));
  if (!opened) {
    out.whole = {opened.error(), "", std::string(request.body)};
    return out;
  }
  notice n{*opened, configured, limits, request.received_at, {}, {}, {}, fingerprint_of(opened->says)};
  const std::string_view type = n.get("MsgType");
  n.kind = lower(type.empty() ? n.get("InfoType") : type);
  if (n.kind == "event") n.kind = lower(n.get("Event"));
  if (type.empty() && !n.kind.empty()) {
    decode_info(n, out);
    return out;
  }
  n.account = n.get("ToUserName");
  n.sender = n.get("FromUserName");
  for (const std::string_view needed : {"ToUserName", "FromUserName"})
    if (!identifier(n.get(needed), 128)) {
      out.items = {refused(n, reject_code::missing_field, std::string(needed))};
      return out;
    }
  if (n.kind.empty())
    out.items = {refused(n, reject_code::missing_field, type.empty() ? "MsgType" : "Event")};
  else
    out.items = equal_without_case(type, "event") ? decode_event(n) : decode_message(n);
  return out;
}

}  // namespace switchboard::connectors::wechat
