#include <algorithm>

#include "connectors/common/fingerprint.hpp"
#include "connectors/common/identity.hpp"
#include "connectors/common/mail.hpp"
#include "connectors/common/text.hpp"
#include "connectors/common/time.hpp"
#include "connectors/email/postmark/webhook.hpp"

namespace switchboard::connectors::postmark {

namespace {

using schemas::receipt_status;

constexpr std::size_t most_metadata = 100, most_text = 4096;

// What a bounce of this type is, and whether sending again may help.
enum class bounce_kind : std::uint8_t { receipt, consent, reply };
struct bounce_type {
  std::string_view name;
  bounce_kind kind = bounce_kind::receipt;
  receipt_status status = receipt_status::bounced;
  std::optional<bool> retryable = {};
};
constexpr bounce_type bounce_types[] = {
    {"HardBounce", bounce_kind::receipt, receipt_status::bounced, false},
    {"SoftBounce", bounce_kind::receipt, receipt_status::bounced, true},
    {"Transient", bounce_kind::receipt, receipt_status::delayed, true},
    {"DnsError", bounce_kind::receipt, receipt_status::bounced, true},
    {"OpenRelayTest", bounce_kind::receipt, receipt_status::bounced, true},
    {"SpamNotification", bounce_kind::receipt, receipt_status::bounced, false},
    {"VirusNotification", bounce_kind::receipt, receipt_status::bounced, false},
    {"BadEmailAddress", bounce_kind::receipt, receipt_status::bounced, false},
    {"ManuallyDeactivated", bounce_kind::receipt, receipt_status::failed, false},
    {"Unconfirmed", bounce_kind::receipt, receipt_status::failed, false},
    {"SMTPApiError", bounce_kind::receipt, receipt_status::failed},
    {"InboundError", bounce_kind::receipt, receipt_status::failed},
    {"DMARCPolicy", bounce_kind::receipt, receipt_status::bounced, false},
    {"TemplateRenderingFailed", bounce_kind::receipt, receipt_status::failed, false},
    {"Unsubscribe", bounce_kind::consent},
    {"Subscribe", bounce_kind::consent},
    {"SpamComplaint", bounce_kind::consent},
    {"AutoResponder", bounce_kind::reply},
    {"AddressChange", bounce_kind::reply},
    {"ChallengeVerification", bounce_kind::reply},
};
bounce_type type_of_bounce(std::string_view name) {
  const auto* found = std::ranges::find(bounce_types, name, &bounce_type::name);
  return found == std::end(bounce_types) ? bounce_type{name} : *found;
}

std::string text_of(const webhook& w, std::string_view name, schemas::event& event) {
  return words(w.from.text(name), most_text, event);
}

// Whom the mail was for, which server sent it, and what the sender gave it along.
struct sent_mail {
  contact fact;
  std::string recipient;  // as Postmark writes it
  std::string server, stream;
  std::vector<schemas::named_value> metadata;
};

sent_mail read_sent(const webhook& w, std::string_view time_name, std::string_view recipient_name) {
  sent_mail out;
  schemas::event& event = out.fact.event;
  fill_common(w, from_iso8601(w.from.text(time_name)), event);
  event.direction = schemas::direction::system;
  event.object.external_id = mail_id(w.from, event);
  out.server = w.from.id(w.from.find("ServerID") ? "ServerID" : "ServerId");
  out.stream = event.product;
  if (event.account.id.empty()) event.account.id = out.server;
  w.from.require(!event.account.id.empty(), "ServerID");
  if (const auto sender = mail::mailboxes(w.from.text("From"), 1); !sender.empty())
    event.account.uri = mailto_uri(sender.front().address);
  out.recipient = w.from.identifier(recipient_name, 998);
  w.from.require(!out.recipient.empty(), recipient_name);
  event.customer_uri = mailto_uri(out.recipient);

  if (const auto given = w.from.sub("Metadata"))
    for (const auto member : *given) {
      if (out.metadata.size() == most_metadata) break;
      const auto value = json::scalar(member.value);
      if (!value || value->empty() || member.key.empty()) continue;
      out.metadata.push_back({std::string(cut(member.key, 256)), words(*value, most_text, event)});
      if (member.key == w.settings.conversation_metadata)
        out.fact.conversation_id = mail::conversation_token("c." + *value);
    }
  if (std::string tag = text_of(w, "Tag", event); !tag.empty()) out.metadata.push_back({"Tag", std::move(tag)});

  // The Message-ID that Postmark gives a mail: answers name it. It may itself be an answer within a longer thread.
  event.conversation.kind = schemas::conversation_kind::thread;
  if (!event.object.external_id.empty()) {
    const std::string message_id = "<" + event.object.external_id + "@mtasv.net>";
    out.fact.conversation = mail::conversation_of(message_id);
    event.conversation.external_id = message_id;
    if (out.fact.conversation_id.empty()) event.add(schemas::flag::conversation_unresolved);
  }
  return out;
}

contact receipt(sent_mail sent, receipt_status status, std::string key) {
  schemas::event& event = sent.fact.event;
  event.type = schemas::event_type::receipt;
  schemas::receipt& out = event.receipt.emplace();
  out.status = status;
  out.recipient_uri = event.customer_uri;
  out.metadata = std::move(sent.metadata);
  sent.fact.key = std::move(key);
  return std::move(sent.fact);
}

contact consent(sent_mail sent, schemas::consent_state state, std::string_view evidence, schemas::role who) {
  using enum schemas::role;
  schemas::event& event = sent.fact.event;
  event.type = schemas::event_type::consent_changed;
  event.direction = who == customer   ? schemas::direction::inbound
                    : who == business ? schemas::direction::outbound
                                      : schemas::direction::system;
  schemas::party& actor = event.actor.emplace();
  actor.who = who;
  if (who == customer && !event.customer_uri.empty()) actor.identities.push_back({event.customer_uri});
  event.consent = schemas::consent{.state = state,
                                   .scope = schemas::consent_scope::all,
                                   .applies_to = sent.stream,
                                   .evidence = std::string(evidence)};
  return std::move(sent.fact);
}

// The recipient's program answered a mail of ours; Postmark tells it among the bounces.
contact automatic_reply(const webhook& w, sent_mail sent) {
  schemas::event& event = sent.fact.event;
  event.type = schemas::event_type::message_received;
  event.direction = schemas::direction::inbound;
  schemas::message& message = event.message.emplace();
  message.subject = text_of(w, "Subject", event);
  event.conversation.subject = message.subject;
  event.text = text_of(w, "Details", event);
  event.automated = schemas::automated::auto_reply;
  if (!event.customer_uri.empty()) event.actor = schemas::party{.identities = {{event.customer_uri}}};
  if (!event.account.uri.empty())
    event.recipients.push_back({{.who = schemas::role::business, .identities = {{event.account.uri}}}});
  if (!event.object.external_id.empty())
    event.related.push_back({schemas::rel::in_reply_to, {}, event.object.external_id, {}});
  event.object.external_id = sent.fact.key;
  return std::move(sent.fact);
}

// Bounces and complaints have an id of their own, a number.
contact bounce(const webhook& w, std::string_view record_type) {
  sent_mail sent = read_sent(w, "BouncedAt", "Email");
  schemas::event& event = sent.fact.event;
  const std::string id = w.from.id("ID");
  w.from.require(!id.empty(), "ID");
  const bounce_type type = type_of_bounce(record_type == "SpamComplaint" ? record_type : w.from.identifier("Type"));
  event.delivery_id = id;
  sent.fact.key = "Bounce/" + id;
  sent.fact.fingerprint =
      fingerprint().add(record_type).add(w.from.text("Type")).add(sent.recipient).add(w.from.text("BouncedAt")).value();

  contact out;
  if (type.kind == bounce_kind::consent) {
    using enum schemas::consent_state;
    out = consent(std::move(sent), type.name == "Subscribe" ? granted : withdrawn, type.name, schemas::role::customer);
  } else if (type.kind == bounce_kind::reply) {
    out = automatic_reply(w, std::move(sent));
  } else {
    out = receipt(std::move(sent), type.status, "Bounce/" + id);
    std::string title = text_of(w, "Details", out.event);
    if (title.empty()) title = text_of(w, "Description", out.event);
    if (title.empty()) title = text_of(w, "Name", out.event);
    out.event.receipt->error = {type.name.empty() ? std::string("Unknown") : std::string(type.name), std::move(title),
                                type.retryable};
    // Postmark sends no more to this address, until somebody activates it again.
    if (w.from.boolean("Inactive").value_or(false)) out.event.receipt->error->retryable = false;
  }
  if (const std::string_view content = w.from.text("Content"); !content.empty()) {
    schemas::attachment a{.id = "original", .body = true, .kind = schemas::attachment_kind::document};
    a.content_type = "message/rfc822";
    attach(out, std::move(a), std::string(content));
  }
  return out;
}

std::string key_of(const sent_mail& sent, std::string_view kind, std::initializer_list<std::string_view> more) {
  std::string out = sent.fact.event.object.external_id + "/" + sent.recipient + "/" + std::string(kind);
  for (const std::string_view each : more) out.append("/").append(each);
  return out;
}

contact delivery(const webhook& w) {
  sent_mail sent = read_sent(w, "DeliveredAt", "Recipient");
  w.from.require(!sent.fact.event.object.external_id.empty(), "MessageID");
  sent.fact.fingerprint = fingerprint().add(w.from.text("DeliveredAt")).value();
  std::string key = key_of(sent, "Delivery", {});
  return receipt(std::move(sent), receipt_status::delivered, std::move(key));
}

contact engagement(const webhook& w, bool click) {
  sent_mail sent = read_sent(w, "ReceivedAt", "Recipient");
  const std::string_view at = w.from.text("ReceivedAt"), link = click ? w.from.text("OriginalLink") : "";
  w.from.require(!sent.fact.event.object.external_id.empty(), "MessageID");
  sent.fact.fingerprint = fingerprint().add(w.from.text("UserAgent")).value();
  std::string key = click ? key_of(sent, "Click", {at, link}) : key_of(sent, "Open", {at});
  contact out = receipt(std::move(sent), click ? receipt_status::clicked : receipt_status::read, std::move(key));
  out.event.receipt->url = repaired(cut(link, 8192));
  return out;
}

// Postmark stops or resumes sending to somebody, in one stream of one server.
contact subscription(const webhook& w) {
  sent_mail sent = read_sent(w, "ChangedAt", "Recipient");
  schemas::event& event = sent.fact.event;
  const auto suppress = w.from.boolean("SuppressSending");
  w.from.require(suppress.has_value(), "SuppressSending");
  const std::string reason(w.from.identifier("SuppressionReason"));
  const std::string_view origin = w.from.identifier("Origin");
  const std::string place = sent.server + "/" + sent.stream + "/" + sent.recipient;
  std::string key = place + "/" + repaired(w.from.text("ChangedAt"));
  sent.fact.fingerprint = fingerprint().add(suppress.value_or(true) ? "1" : "0").add(reason).add(origin).value();

  if (suppress.value_or(true) && reason == "HardBounce") {  // nobody's choice
    contact out = receipt(std::move(sent), receipt_status::bounced, std::move(key));
    out.event.receipt->error = {reason, "Postmark no longer sends to this address", false};
    return out;
  }
  const bool by_recipient = origin == "Recipient" || reason == "SpamComplaint";
  sent.fact.key = std::move(key);
  if (!event.object.external_id.empty())
    event.related.push_back({schemas::rel::about, {}, event.object.external_id, {}});
  event.object.external_id = place;
  if (sent.fact.conversation.empty()) sent.fact.conversation = {"suppression", place};
  using enum schemas::role;
  return consent(std::move(sent),
                 suppress.value_or(true) ? schemas::consent_state::withdrawn : schemas::consent_state::granted, reason,
                 by_recipient           ? customer
                 : origin == "Customer" ? business
                                        : schemas::role::system);
}

}  // namespace

std::optional<contact> decode_outgoing(const webhook& w, std::string_view record_type) {
  if (record_type == "Bounce" || record_type == "SpamComplaint") return bounce(w, record_type);
  if (record_type == "Delivery") return delivery(w);
  if (record_type == "Open") return engagement(w, false);
  if (record_type == "Click") return engagement(w, true);
  if (record_type == "SubscriptionChange") return subscription(w);
  return std::nullopt;
}

}  // namespace switchboard::connectors::postmark
