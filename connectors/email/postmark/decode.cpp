#include "connectors/email/postmark/decode.hpp"

#include "connectors/common/fingerprint.hpp"
#include "connectors/common/mail_report.hpp"
#include "connectors/common/text.hpp"
#include "connectors/email/postmark/webhook.hpp"

namespace switchboard::connectors::postmark {

namespace {

constexpr std::string_view own_domain = "@mtasv.net>";

item decode_unknown(const webhook& w, std::string_view kind) {
  contact fact;
  fill_common(w, std::nullopt, fact.event);
  fact.fingerprint = fingerprint().add(w.request.body).value();
  return unsupported{std::move(fact), "postmark/" + std::string(cut(kind, 64)), std::string(w.request.body)};
}

std::vector<item> decode_object(const webhook& w) {
  const std::string_view type = w.from.identifier("RecordType");
  if (type.empty() && !w.from.failed() && !w.from.find("FromFull") && !w.from.find("From"))
    return {decode_unknown(w, "object")};
  const bool is_mail = type.empty() || type == "Inbound";
  std::optional<contact> fact;
  if (!w.from.failed()) fact = is_mail ? decode_mail(w) : decode_outgoing(w, type);
  if (w.from.failed())
    return {item_rejected{w.from.code(), w.from.wrong(), std::string(w.request.body),
                          fact ? fact->event.account : schemas::event::account_info{}}};
  if (!fact) return {decode_unknown(w, type)};
  std::vector<item> out;
  if (is_mail)
    for (contact& each : mail::told_by(*fact)) {
      std::string& original = each.event.object.external_id;
      if (const std::string id(sent_id(original)); !id.empty()) original = id;
      out.emplace_back(std::move(each));
    }
  if (out.empty()) out.emplace_back(std::move(*fact));
  return out;
}

}  // namespace

void fill_common(const webhook& w, std::optional<timestamp> at, schemas::event& event) {
  event.channel = schemas::channel::email;
  event.provider = "postmark";
  event.product = w.from.identifier("MessageStream");
  event.account.id = w.settings.account;
  event.time = at.value_or(w.request.received_at);
  if (!at) event.add(schemas::flag::time_from_receipt);
}

std::string mail_id(json::reader& from, schemas::event& event) {
  std::string id(from.identifier("MessageID"));
  if (id == "00000000-0000-0000-0000-000000000000") event.add(schemas::flag::test);
  return id;
}

std::string_view sent_id(std::string_view message_id) noexcept {
  if (!message_id.ends_with(own_domain)) return {};
  return message_id.substr(1, message_id.size() - own_domain.size() - 1);
}

decoded decode(const inbound& request, const prepared& settings, const authentic&, const limits& limits) {
  decoded out;
  const auto root = json::parse(request.body, limits.depth);
  if (!root) {
    out.whole = {root.error(), "", std::string(request.body)};
    return out;
  }
  json::object object;
  if (root->get(object)) {
    out.whole = {reject_code::wrong_type, "", std::string(request.body)};
    return out;
  }
  json::reader from(object, "");
  out.items = decode_object({from, static_cast<const configuration&>(settings), limits, request});
  return out;
}

// 200 whatever came of it: any other answer has the webhook repeated, and 403 ends the repeats for good.
response reply(const inbound&, const prepared&, const decoded&, std::span<const item_outcome>) {
  return {200, "text/plain", "ok", {}};
}

}  // namespace switchboard::connectors::postmark
