// What WeChat takes for an answer: "success", or a passive reply, sealed as the request was.
#include "connectors/chat/wechat/decode.hpp"
#include "connectors/chat/wechat/verify.hpp"
#include "connectors/common/crypto.hpp"
#include "connectors/common/encoding.hpp"
#include "connectors/common/text.hpp"

namespace switchboard::connectors::wechat {

namespace {

void append_element(std::string& out, std::string_view name, std::string_view text) {
  out.append("<").append(name).append(">");
  append_xml(out, text);
  out.append("</").append(name).append(">");
}

// The passive reply to a message or event; nullopt where there is none.
std::optional<std::string> passive(const letter& asked, const configuration& configured, std::string_view time) {
  const std::string type = lower(asked.says.get("MsgType"));
  const bool message = type != "event";
  const auto found = configured.replies.find(message ? type : lower(asked.says.get("Event")));
  // The phone reports its place by itself, every few seconds.
  if (!message && equal_without_case(asked.says.get("Event"), "location")) return std::nullopt;
  std::string_view text;
  if (found != configured.replies.end())
    text = found->second;
  else if (message)
    text = configured.reply;
  if (text.empty() && !(message && configured.to_staff)) return std::nullopt;

  std::string out = "<xml>";
  append_element(out, "ToUserName", repaired(asked.says.get("FromUserName")));
  append_element(out, "FromUserName", repaired(asked.says.get("ToUserName")));
  append_element(out, "CreateTime", time);
  append_element(out, "MsgType", text.empty() ? "transfer_customer_service" : "text");
  if (!text.empty()) append_element(out, "Content", text);
  return out += "</xml>";
}

// Nonce and random bytes follow from the key, the request and the time: the same request is answered alike.
std::string sealed(std::string_view text, const access& with, std::string_view token, std::string_view time,
                   const inbound& request) {
  const mac drawn(digest::sha256, with.key->bytes(), {request.target, request.body, time});
  const std::string random = to_hex(drawn.bytes().substr(0, 8)), nonce = to_hex(drawn.bytes().substr(8, 5));
  const std::string base64 = with.key->seal(random, text, with.app_id);
  std::string out = "<xml>";
  append_element(out, "Encrypt", base64);
  append_element(out, "MsgSignature", signature_of({token, time, nonce, base64}));
  append_element(out, "TimeStamp", time);
  append_element(out, "Nonce", nonce);
  return out += "</xml>";
}

}  // namespace

response reply(const inbound& request, const prepared& settings, const decoded& what,
               std::span<const item_outcome> outcomes) {
  const auto& configured = static_cast<const configuration&>(settings);
  response out{200, "text/plain", "success", {}};
  const bool answers = !configured.reply.empty() || !configured.replies.empty() || configured.to_staff;
  const bool kept = !outcomes.empty() && outcomes.front() == item_outcome::quarantined;
  if (!answers || what.items.empty() || kept) return out;
  const auto asked = open_letter(request, configured, most_depth);
  if (!asked || asked->json || asked->says.get("MsgType").empty()) return out;  // mini programs take no passive reply

  const std::string time = std::to_string(request.received_at.time_since_epoch().count() / 1000);
  auto text = passive(*asked, configured, time);
  if (!text) return out;
  out.content_type = "application/xml";
  if (!asked->opened_with) {
    out.body = std::move(*text);
    return out;
  }
  const access* signer = signer_of(proof_of(request, configured), configured);
  out.body = sealed(*text, *asked->opened_with, signer ? signer->token : asked->opened_with->token, time, request);
  return out;
}

}  // namespace switchboard::connectors::wechat
