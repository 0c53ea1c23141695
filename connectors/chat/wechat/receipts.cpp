#include "connectors/chat/wechat/receipts.hpp"

#include <algorithm>

#include "connectors/common/text.hpp"

namespace switchboard::connectors::wechat {

namespace {

using schemas::event_type;
using schemas::receipt_status;

std::string message_id(const notice& n, document::id parent) {
  std::string out = value_of(n, parent, "MsgID");
  return out.empty() ? value_of(n, parent, "MsgId") : out;
}

contact receipt(const notice& n, by whom, std::string id, std::string_view key_end) {
  contact fact = start(n, event_type::receipt, whom);
  if (!id.empty()) fact.key = n.kind + '/' + id + '/' + std::string(key_end);
  fact.event.object.external_id = std::move(id);
  fact.event.receipt.emplace().recipient_uri = fact.event.customer_uri;
  return fact;
}

void fail(contact& fact, std::string code, std::string title, std::optional<bool> retryable = {}) {
  fact.event.receipt->status = receipt_status::failed;
  fact.event.receipt->error = {std::move(code), std::move(title), retryable};
}

// What a receipt has no place for: counts, articles, the copyright check.
std::vector<item> with_details(const notice& n, contact fact) {
  contact details = start(n, event_type::form_submitted, by::nobody);
  details.key = fact.key;
  details.event.object = fact.event.object;
  details.derived_from = 0;
  fill_form(n, details.event);
  return {std::move(fact), std::move(details)};
}

// "send success" and "sendsuccess" are both written.
std::string without_spaces(std::string_view text) {
  std::string out = lower(text);
  std::erase(out, ' ');
  return out;
}

// The elements of a list that stands in its own element, or in JSON at the top.
std::vector<document::id> list_of(const notice& n, std::string_view wrapper) {
  const auto inner = n.says().child(document::root, wrapper);
  auto out = n.says().children(inner.value_or(document::root), "List");
  if (out.empty() && inner) out = n.says().children(document::root, "List");
  return out;
}

std::vector<item> each_of(const notice& n, std::string_view wrapper, item (*decode)(const notice&, document::id)) {
  const auto list = list_of(n, wrapper);
  if (list.empty()) return {refused(n, reject_code::missing_field, "List")};
  if (list.size() > n.limits.items) return {refused(n, reject_code::too_many_items, "List")};
  std::vector<item> out;
  std::uint32_t ordinal = 0;
  for (const document::id each : list) {
    item made = decode(n, each);
    if (auto* fact = std::get_if<contact>(&made)) fact->ordinal = ordinal;
    if (auto* unknown = std::get_if<unsupported>(&made)) unknown->fact.ordinal = ordinal;
    ++ordinal;
    out.push_back(std::move(made));
  }
  return out;
}

item choice(const notice& n, document::id each) {
  const std::string chosen = lower(value_of(n, each, "SubscribeStatusString"));
  if (chosen != "accept" && chosen != "reject") return unknown(n, "event/", by::customer);
  const std::string template_id = value_of(n, each, "TemplateId"), scene = value_of(n, each, "PopupScene");
  if (template_id.empty()) return refused(n, reject_code::missing_field, "TemplateId");
  contact fact = start(n, event_type::consent_changed, by::customer);
  fact.key += '/' + template_id;
  using enum schemas::consent_state;
  fact.event.consent = schemas::consent{.state = chosen == "accept" ? granted : withdrawn,
                                        .scope = schemas::consent_scope::all,
                                        .applies_to = template_id,
                                        .evidence = scene.empty() ? n.kind : n.kind + '/' + scene};
  return fact;
}

item sent(const notice& n, document::id each) {
  const std::string template_id = value_of(n, each, "TemplateId"), code = value_of(n, each, "ErrorCode");
  std::string id = message_id(n, each);
  if (id.empty()) return refused(n, reject_code::missing_field, "MsgID");
  contact fact = receipt(n, by::us_with_customer, std::move(id), code);
  fact.event.receipt->status = receipt_status::sent;
  if (!code.empty() && code != "0") fail(fact, code, value_of(n, each, "ErrorStatus"));
  if (!template_id.empty()) fact.event.receipt->metadata.push_back({"TemplateId", template_id});
  return fact;
}

}  // namespace

std::vector<item> template_receipt(const notice& n) {
  const std::string status = lower(value_of(n, "Status"));
  contact fact = receipt(n, by::us_with_customer, message_id(n, document::root), without_spaces(status));
  constexpr std::string_view failed = "failed";
  if (status == "success") {
    fact.event.receipt->status = receipt_status::delivered;
  } else if (status.starts_with(failed)) {
    std::string_view why = std::string_view(status).substr(failed.size());
    why.remove_prefix(std::min(why.find_first_not_of(": "), why.size()));
    fail(fact, why.empty() ? status : std::string(why), {},
         why == "system failed" ? std::optional(true) : std::nullopt);
  } else {
    return {unknown(n, "event/", by::us_with_customer)};
  }
  return {std::move(fact)};
}

std::vector<item> mass_receipt(const notice& n) {
  const std::string status = without_spaces(value_of(n, "Status"));
  contact fact = receipt(n, by::nobody, message_id(n, document::root), status);
  if (status == "sendsuccess")
    fact.event.receipt->status = receipt_status::sent;
  else if (status == "sendfail")
    fail(fact, "send fail", {});
  else if (status.starts_with("err("))
    fail(fact, status, "the review refused it");
  else
    return {unknown(n, "event/", by::nobody)};
  return with_details(n, std::move(fact));
}

std::vector<item> publish_receipt(const notice& n) {
  const auto info = n.says().child(document::root, "PublishEventInfo").value_or(document::root);
  const std::string status = value_of(n, info, "publish_status");
  contact fact = receipt(n, by::nobody, value_of(n, info, "publish_id"), status);
  static constexpr std::pair<std::string_view, std::string_view> failures[] = {
      {"2", "the originality check refused it"},
      {"3", "failed"},
      {"4", "the review refused it"},
      {"5", "the user deleted it"},
      {"6", "WeChat banned it"}};
  const auto known = std::ranges::find(failures, status, &std::pair<std::string_view, std::string_view>::first);
  if (status == "0")
    fact.event.receipt->status = receipt_status::sent;
  else if (status == "1")
    fact.event.receipt->status = receipt_status::accepted;
  else if (known != std::end(failures))
    fail(fact, status, std::string(known->second));
  else
    return {unknown(n, "event/", by::nobody)};
  return with_details(n, std::move(fact));
}

std::vector<item> subscription_choices(const notice& n) {
  return each_of(n, n.kind == "subscribe_msg_popup_event" ? "SubscribeMsgPopupEvent" : "SubscribeMsgChangeEvent",
                 choice);
}

std::vector<item> subscription_receipts(const notice& n) { return each_of(n, "SubscribeMsgSentEvent", sent); }

}  // namespace switchboard::connectors::wechat
