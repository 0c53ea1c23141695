#include "connectors/sms/twilio_messaging/message.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "connectors/common/fields.hpp"
#include "connectors/common/fingerprint.hpp"
#include "connectors/common/identity.hpp"
#include "connectors/common/json.hpp"
#include "connectors/common/text.hpp"
#include "connectors/common/time.hpp"
#include "connectors/sms/twilio_messaging/address.hpp"

namespace switchboard::connectors::twilio_messaging {

namespace {

using twilio::address, twilio::parse_address, twilio::value_of;

constexpr std::size_t most_media = 100;

std::optional<double> decimal(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

void fill_attachments(const form& from, schemas::event& event) {
  for (std::size_t i = 0; i < most_media; ++i) {
    const std::string index = std::to_string(i);
    const auto url = from.find("MediaUrl" + index);
    if (!url || url->empty()) return;
    schemas::attachment a;
    a.id = index;
    a.content_type = repaired(media_type(from.get("MediaContentType" + index)));
    a.kind =
        from.get("MessageType") == "sticker" ? schemas::attachment_kind::sticker : attachment_kind_of(a.content_type);
    a.url = repaired(*url);
    const std::string_view path = std::string_view(a.url).substr(0, a.url.find('?'));
    if (const auto slash = path.rfind('/'); slash != std::string_view::npos) a.provider_ref = path.substr(slash + 1);
    event.attachments.push_back(std::move(a));
  }
  if (from.find("MediaUrl" + std::to_string(most_media))) event.add(schemas::flag::truncated);
}

bool fill_location(const form& from, schemas::message& message) {
  const auto latitude = decimal(from.get("Latitude")), longitude = decimal(from.get("Longitude"));
  if (!latitude || !longitude || std::abs(*latitude) > 90 || std::abs(*longitude) > 180) return false;
  message.location = {*latitude, *longitude, value_of(from, "Label"), value_of(from, "Address")};
  return true;
}

// The answers of a WhatsApp flow: JSON as text.
std::vector<schemas::field> flow_fields(std::string_view text) {
  const auto parsed = json::parse_copy(text, 16);
  json::object object;
  return parsed && !parsed->get(object) ? fields_of(object) : std::vector<schemas::field>();
}

bool fill_interaction(const form& from, schemas::message& message) {
  using enum schemas::interaction_kind;
  const auto set = [&](schemas::interaction_kind kind, std::string_view payload, std::string_view title) {
    message.interaction = {kind, value_of(from, payload), value_of(from, title), {}};
    return true;
  };
  for (const std::string_view name : {"FlowData", "InteractiveData"}) {
    if (from.get(name).empty()) continue;
    message.interaction = {flow, {}, {}, flow_fields(from.get(name))};
    if (message.interaction->fields.empty()) message.interaction->payload = value_of(from, name);
    return true;
  }
  if (!from.get("ListId").empty() || !from.get("ListTitle").empty()) return set(list, "ListId", "ListTitle");
  if (!from.get("ButtonPayload").empty() || !from.get("ButtonText").empty())
    return set(button, "ButtonPayload", "ButtonText");
  if (!from.get("OptOutType").empty()) return set(keyword, "OptOutType", "Body");
  return false;
}

void fill_referral(const form& from, schemas::message& message) {
  if (from.get("ReferralSourceId").empty() && from.get("ReferralCtwaClid").empty()) return;
  schemas::referral_info& referral = message.referral.emplace();
  const std::string_view type = from.get("ReferralSourceType");
  if (type == "ad") referral.kind = schemas::referral_kind::ad;
  if (type == "post") referral.kind = schemas::referral_kind::post;
  referral.id = value_of(from, "ReferralSourceId");
  referral.url = value_of(from, "ReferralSourceUrl");
  referral.headline = value_of(from, "ReferralHeadline");
  referral.text = value_of(from, "ReferralBody");
  referral.click_id = value_of(from, "ReferralCtwaClid");
  referral.media_url = value_of(from, "ReferralMediaUrl");
}

void fill_context(const form& from, schemas::event& event) {
  if (std::string parent = value_of(from, "OriginalRepliedMessageSid"); !parent.empty()) {
    event.message->context = {schemas::context_rel::replies_to, schemas::context_kind::message, parent, {}};
    event.related.push_back({schemas::rel::in_reply_to, {}, std::move(parent), {}});
  }
  // The original is not named; what stands in its place is the provider's own word for how far it has come.
  const bool often = from.get("FrequentlyForwarded") == "true";
  if (often || from.get("Forwarded") == "true") event.message->forwarded.emplace().often = often;
}

schemas::message_kind kind_of(const form& from, const schemas::event& event) {
  using enum schemas::message_kind;
  const std::string_view type = from.get("MessageType");
  const auto& files = event.attachments;
  if (event.message->location) return location;
  if (type == "sticker") return sticker;
  if (type == "contacts" || (!files.empty() && std::ranges::all_of(files, [](const auto& a) {
        return a.kind == schemas::attachment_kind::contact;
      })))
    return contact_card;
  if (event.message->interaction) return interaction;
  if (!files.empty()) return media;
  return type == "unsupported" || type == "unknown" ? schemas::message_kind::unsupported : text;
}

// The customer: who wrote, or whom we wrote to.
struct customer {
  std::string uri;
  std::vector<schemas::identity> identities;
  std::vector<std::vector<std::string>> conversations;  // the one, then its aliases
};

customer customer_of(const source_of_message& m, const address& theirs, std::string_view ours) {
  customer out;
  const auto add = [&](std::string uri, bool verified, bool derived) {
    if (uri.empty()) return;
    if (!derived) out.conversations.push_back({std::string(ours), uri});
    if (out.uri.empty()) out.uri = uri;
    out.identities.push_back({std::move(uri), verified, derived});
  };
  const bool messenger = channel_of(theirs.prefix) == schemas::channel::chat;
  if (const std::string_view scoped = m.from.get("ExternalUserId"); theirs.prefix == "whatsapp" && identifier(scoped))
    add(whatsapp_uri(parse_address(ours).rest, scoped), true, false);
  add(uri_of(theirs, messenger ? parse_address(ours).rest : ours, m.settings.calling_code), messenger, false);
  if (theirs.prefix == "whatsapp") {
    const std::string_view number = m.from.get("WaId").empty() ? theirs.rest : m.from.get("WaId");
    if (const std::string phone = whatsapp_uri(number); !phone.empty())
      add("tel:" + phone.substr(phone.find('+')), false, true);
  }
  return out;
}

void fill_common(const source_of_message& m, std::string_view ours, std::string_view theirs, contact& fact) {
  schemas::event& event = fact.event;
  const address own = parse_address(ours), other = parse_address(theirs);
  const std::string_view prefix = other.prefix.empty() ? own.prefix : other.prefix;
  event.channel = channel_of(prefix);
  event.provider = "twilio";
  event.product = product_of(prefix, !event.attachments.empty());
  event.account.id = repaired(ours);
  event.account.uri = uri_of(own, repaired(m.from.get("AccountSid")), m.settings.calling_code);
  event.time = m.request.received_at;
  event.add(schemas::flag::time_from_receipt);
  event.delivery_id = twilio::idempotency_token(m.request);

  customer who = customer_of(m, other, event.account.id);
  event.customer_uri = who.uri;
  if (!who.conversations.empty()) {
    fact.conversation = who.conversations.front();
    fact.conversation_aliases.assign(who.conversations.begin() + 1, who.conversations.end());
  }
  if (event.direction != schemas::direction::inbound) return;
  event.actor =
      schemas::party{.display_name = value_of(m.from, "ProfileName"), .identities = std::move(who.identities)};
  schemas::recipient us{.who = {.who = schemas::role::business}};
  if (!event.account.uri.empty()) us.who.identities.push_back({event.account.uri});
  event.recipients.push_back(std::move(us));
}

std::string_view message_sid(const form& from) {
  for (const std::string_view name : {"MessageSid", "SmsMessageSid", "SmsSid"})
    if (const auto sid = from.get(name); !sid.empty()) return sid;
  return {};
}

std::optional<schemas::consent_state> consent_of(const source_of_message& m, schemas::channel channel) {
  using enum schemas::consent_state;
  std::string word = lower(trimmed(m.from.get("OptOutType")));
  if (word == "stop") return withdrawn;
  if (word == "start") return granted;
  if (!word.empty() || !m.settings.keywords || channel != schemas::channel::sms) return std::nullopt;
  // The words on which Twilio itself blocks and unblocks a number. YES and HELP are no choice by themselves.
  word = lower(trimmed(m.from.get("Body")));
  for (const std::string_view stop : {"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"})
    if (word == stop) return withdrawn;
  for (const std::string_view start : {"start", "unstop"})
    if (word == start) return granted;
  return std::nullopt;
}

contact consent_event(const source_of_message& m, const contact& message, schemas::consent_state state) {
  contact out = message;
  schemas::event& event = out.event;
  event.type = schemas::event_type::consent_changed;
  event.message.reset();
  event.attachments.clear();
  event.related.clear();
  event.text.clear();
  event.consent = schemas::consent{.state = state,
                                   .scope = schemas::consent_scope::all,
                                   .applies_to = value_of(m.from, "MessagingServiceSid"),
                                   .evidence = event.object.external_id};
  out.derived_from = 0;
  return out;
}

std::optional<schemas::receipt_status> status_of(std::string_view name) {
  using enum schemas::receipt_status;
  static constexpr std::pair<std::string_view, schemas::receipt_status> names[] = {{"accepted", accepted},
                                                                                   {"scheduled", queued},
                                                                                   {"queued", queued},
                                                                                   {"sending", queued},
                                                                                   {"sent", sent},
                                                                                   {"delivered", delivered},
                                                                                   {"partially_delivered", delivered},
                                                                                   {"read", read},
                                                                                   {"undelivered", failed},
                                                                                   {"failed", failed},
                                                                                   {"canceled", failed}};
  const auto found = std::ranges::find(names, name, &std::pair<std::string_view, schemas::receipt_status>::first);
  return found == std::end(names) ? std::nullopt : std::optional(found->second);
}

}  // namespace

std::vector<item> decode_message(const source_of_message& m) {
  const std::string_view sid = message_sid(m.from);
  if (!identifier(sid, 128)) return {item_rejected{reject_code::out_of_range, "MessageSid", {}}};
  const std::string_view to = m.from.get("To");
  if (to.empty()) return {item_rejected{reject_code::missing_field, "To", {}}};

  contact fact;
  schemas::event& event = fact.event;
  event.type = schemas::event_type::message_received;
  fact.key = sid;
  fact.fingerprint = twilio::fingerprint_of(m.from);
  event.object.external_id = sid;
  event.text = repaired(m.from.get("Body"));
  schemas::message& message = event.message.emplace();
  fill_attachments(m.from, event);
  fill_common(m, to, m.from.get("From"), fact);
  fill_location(m.from, message);
  fill_interaction(m.from, message);
  fill_referral(m.from, message);
  fill_context(m.from, event);
  message.kind = kind_of(m.from, event);

  std::vector<item> out{fact};
  if (const auto state = consent_of(m, event.channel)) out.emplace_back(consent_event(m, fact, *state));
  return out;
}

std::vector<item> decode_status(const source_of_message& m) {
  const std::string_view sid = message_sid(m.from);
  const std::string_view name = m.from.find("MessageStatus").value_or(m.from.get("SmsStatus"));
  if (!identifier(sid, 128)) return {item_rejected{reject_code::out_of_range, "MessageSid", {}}};
  if (m.from.get("From").empty()) return {item_rejected{reject_code::missing_field, "From", {}}};
  const auto status = status_of(name);

  contact fact;
  schemas::event& event = fact.event;
  event.type = schemas::event_type::receipt;
  event.direction = schemas::direction::system;
  fact.key = std::string(sid) + "/" + repaired(name);
  fact.fingerprint = fingerprint().add(name).add(m.from.get("ErrorCode")).value();
  event.object.external_id = sid;
  fill_common(m, m.from.get("From"), m.from.get("To"), fact);
  if (!status) return {unsupported{std::move(fact), "twilio/status", {}}};

  schemas::receipt& receipt = event.receipt.emplace();
  receipt.status = *status;
  receipt.recipient_uri = event.customer_uri;
  const std::string code = value_of(m.from, "ErrorCode");
  std::string title = value_of(m.from, "ErrorMessage");
  if (title.empty()) title = value_of(m.from, "ChannelStatusMessage");
  if (!code.empty() && code != "0")
    receipt.error = {code, std::move(title), {}};
  else if (name == "canceled")
    receipt.error = {"canceled", std::move(title), {}};
  return {std::move(fact)};
}

}  // namespace switchboard::connectors::twilio_messaging
