#include "connectors/common/mail.hpp"

#include <algorithm>

#include "connectors/common/fingerprint.hpp"
#include "connectors/common/html.hpp"
#include "connectors/common/identity.hpp"
#include "connectors/common/text.hpp"
#include "connectors/common/time.hpp"
#include "connectors/email/postmark/webhook.hpp"

namespace switchboard::connectors::postmark {

namespace {

constexpr std::size_t most_headers = 1000, most_recipients = 200, most_name = 1024;

struct person {
  std::string_view address, tag;
  std::string name;
};

struct parts {
  std::vector<mail::header> headers;
  person sender;
  std::vector<std::pair<schemas::recipient_as, person>> recipients;
  bool null_sender = false;
};

person read_person(json::reader& from) {
  return {trimmed(from.text("Email")), from.text("MailboxHash"), repaired(cut(from.text("Name"), most_name))};
}

std::vector<mail::header> read_headers(json::reader& from, schemas::event& event) {
  std::vector<mail::header> out;
  const auto list = from.list("Headers");
  if (!list) return out;
  for (const json::element each : *list) {
    json::object object;
    if (out.size() == most_headers) return event.add(schemas::flag::truncated), out;
    if (each.get(object)) return from.fail(reject_code::wrong_type, "Headers/" + std::to_string(out.size())), out;
    json::reader part(object, from.path("Headers/" + std::to_string(out.size())));
    out.push_back({part.text("Name"), part.text("Value")});
    from.merge(part);
  }
  return out;
}

void read_recipients(json::reader& from, schemas::event& event, parts& p) {
  using enum schemas::recipient_as;
  for (const auto& [name, as] :
       {std::pair<std::string_view, schemas::recipient_as>{"ToFull", to}, {"CcFull", cc}, {"BccFull", bcc}}) {
    const auto list = from.list(name);
    if (!list) continue;
    std::size_t index = 0;
    for (const json::element each : *list) {
      const std::string pointer = std::string(name) + "/" + std::to_string(index++);
      json::object object;
      if (p.recipients.size() == most_recipients) return event.add(schemas::flag::truncated);
      if (each.get(object)) return from.fail(reject_code::wrong_type, pointer);
      json::reader part(object, from.path(pointer));
      p.recipients.emplace_back(as, read_person(part));
      from.merge(part);
    }
  }
}

// From, else the envelope's sender, else whom to answer.
void read_sender(json::reader& from, parts& p) {
  if (const auto full = from.sub("FromFull")) {
    json::reader part(*full, from.path("FromFull"));
    p.sender = read_person(part);
    from.merge(part);
  }
  if (p.sender.name.empty()) p.sender.name = repaired(cut(from.text("FromName"), most_name));
  // Postmark puts the envelope's sender before the mail's own headers; anywhere else it is somebody's invention.
  const bool enveloped = !p.headers.empty() && equal_without_case(p.headers.front().name, "Return-Path");
  const std::string_view path = enveloped ? trimmed(p.headers.front().value) : std::string_view{};
  p.null_sender = enveloped && (path.empty() || path == "<>");
  for (const std::string_view field : {from.text("From"), path, from.text("ReplyTo")}) {
    if (!p.sender.address.empty()) return;
    if (auto found = mail::mailboxes(field, 1); !found.empty()) {
      p.sender.address = found.front().address;
      if (p.sender.name.empty()) p.sender.name = std::move(found.front().name);
    }
  }
}

std::string_view domain_of(std::string_view mailto) {
  return mailto.substr(std::min(mailto.size(), mailto.rfind('@') + 1));
}

std::string_view tag_of(std::string_view address) {
  const std::size_t plus = address.find('+'), at = address.rfind('@');
  return plus == std::string_view::npos || at == std::string_view::npos || plus > at
             ? std::string_view{}
             : address.substr(plus + 1, at - plus - 1);
}

void fill_parties(const webhook& w, const parts& p, schemas::event& event) {
  const std::string_view envelope = trimmed(w.from.text("OriginalRecipient"));
  std::string mailbox = mailto_uri(mail::without_tag(envelope));
  for (const auto& [as, who] : p.recipients)
    if (mailbox.empty()) mailbox = mailto_uri(mail::without_tag(who.address));
  event.account.uri = mailbox;
  if (event.account.id.empty() && !mailbox.empty()) event.account.id = mailbox.substr(mailbox.find(':') + 1);
  w.from.require(!event.account.id.empty(), "OriginalRecipient");

  const auto add = [&](schemas::recipient_as as, const person& who) {
    schemas::recipient out{.who = {.who = schemas::role::business, .display_name = who.name}, .as = as};
    std::string uri = mailto_uri(who.address);
    const auto& ours = w.settings.domains;
    const bool known = ours.empty() ? as == schemas::recipient_as::to || domain_of(uri) == domain_of(mailbox)
                                    : std::ranges::find(ours, domain_of(uri)) != ours.end();
    if (!known && as != schemas::recipient_as::envelope) out.who.who = schemas::role::customer;
    if (!uri.empty()) out.who.identities.push_back({std::move(uri)});
    if (!out.who.identities.empty() || !out.who.display_name.empty()) event.recipients.push_back(std::move(out));
  };
  for (const auto& [as, who] : p.recipients) add(as, who);
  if (!envelope.empty()) add(schemas::recipient_as::envelope, {envelope, {}, {}});
  for (const auto& each : mail::mailboxes(w.from.text("ReplyTo")))
    if (auto uri = mailto_uri(each.address); !uri.empty()) event.reply_to.push_back(std::move(uri));

  schemas::party actor{.display_name = p.sender.name};
  event.customer_uri = mailto_uri(p.sender.address);
  if (!event.customer_uri.empty()) actor.identities.push_back({event.customer_uri});
  if (actor.identities.empty() && actor.display_name.empty()) actor.display_name = repaired(p.sender.address);
  if (!actor.identities.empty() || !actor.display_name.empty()) event.actor = std::move(actor);
}

// The company's own token goes before what the mail says; then the mail that the thread began with.
void fill_conversation(const webhook& w, const parts& p, std::string_view own_id, contact& fact) {
  schemas::event& event = fact.event;
  const auto references = mail::message_ids(mail::find(p.headers, "References"));
  const auto parents = mail::message_ids(mail::find(p.headers, "In-Reply-To"), 1);
  std::string_view root = event.object.external_id;
  if (!parents.empty()) root = parents.front();
  if (!references.empty()) root = references.front();
  fact.conversation = mail::conversation_of(root);
  if (!parents.empty()) fact.conversation_aliases.push_back(mail::conversation_of(parents.front()));
  if (!references.empty()) fact.conversation_aliases.push_back(mail::conversation_of(references.back()));
  if (!own_id.empty()) fact.conversation_aliases.push_back(mail::conversation_of(own_id));

  fact.conversation_id = mail::conversation_token(w.from.text("MailboxHash"));
  const auto take = [&](std::string_view tag) {
    if (fact.conversation_id.empty()) fact.conversation_id = mail::conversation_token(tag);
  };
  take(tag_of(w.from.text("OriginalRecipient")));
  for (const auto& [as, who] : p.recipients) take(who.tag);

  event.conversation.kind = schemas::conversation_kind::thread;
  event.conversation.external_id = root;
  event.conversation.subject = event.message->subject;
  if (parents.empty() && references.empty()) return;
  const std::string_view parent = parents.empty() ? references.back() : parents.front();
  const std::string_view sent = sent_id(parent);
  event.related.push_back({schemas::rel::in_reply_to, {}, std::string(sent.empty() ? parent : sent), {}});
}

// What Postmark's filter found. A second copy of a header was written by somebody else, and then none is believed.
void fill_results(std::span<const mail::header> headers, schemas::mail& out) {
  const auto only = [&](std::string_view name) {
    return mail::count(headers, name) == 1 ? repaired(cut(mail::find(headers, name), 256)) : std::string();
  };
  if (std::string status = lower(only("X-Spam-Status")); !status.empty())
    out.results.push_back({"spam", std::string(trimmed(status.substr(0, status.find(',')))), {}});
  if (std::string score = only("X-Spam-Score"); !score.empty())
    out.results.push_back({"spam-score", std::move(score), {}});
  constexpr std::array<std::array<std::string_view, 3>, 9> tests{{{"SPF_PASS", "spf", "pass"},
                                                                  {"SPF_FAIL", "spf", "fail"},
                                                                  {"SPF_SOFTFAIL", "spf", "softfail"},
                                                                  {"SPF_NEUTRAL", "spf", "neutral"},
                                                                  {"SPF_NONE", "spf", "none"},
                                                                  {"DKIM_VALID", "dkim", "pass"},
                                                                  {"DKIM_INVALID", "dkim", "fail"},
                                                                  {"DMARC_PASS", "dmarc", "pass"},
                                                                  {"DMARC_REJECT", "dmarc", "fail"}}};
  const std::string found = only("X-Spam-Tests");
  for (std::string_view rest = found; !rest.empty();) {
    const std::string_view word = trimmed(rest.substr(0, rest.find(',')));
    rest.remove_prefix(
        std::min(rest.size(), rest.find(',') == std::string_view::npos ? rest.size() : rest.find(',') + 1));
    for (const auto& [test, method, result] : tests)
      if (word == test) out.results.push_back({std::string(method), std::string(result), {}});
  }
}

void fill_mail(const parts& p, std::string_view own_id, schemas::event& event) {
  schemas::mail& out = event.message->mail.emplace();
  out.message_id = own_id;
  if (const auto sender = mail::mailboxes(mail::find(p.headers, "Sender"), 1); !sender.empty())
    out.sender = mailto_uri(sender.front().address);
  for (const mail::header& each : p.headers) {
    if (!equal_without_case(each.name, "Resent-From")) continue;
    for (const auto& box : mail::mailboxes(each.value, 10))
      if (auto uri = mailto_uri(box.address); !uri.empty()) out.resent.push_back(std::move(uri));
  }
  std::string_view list = mail::find(p.headers, "List-Id");
  if (const auto open = list.rfind('<'); open != std::string_view::npos)
    list = list.substr(open + 1, list.find('>', open) - open - 1);
  out.list_id = repaired(cut(list, 512));
  fill_results(p.headers, out);
  event.automated = mail::automated_by(p.headers, p.sender.address, p.null_sender);
  std::string_view language = mail::find(p.headers, "Content-Language");
  event.language = language_tag(trimmed(language.substr(0, language.find(','))));
}

std::uint64_t fingerprint_of(json::reader& from) {
  fingerprint out;
  for (const std::string_view name : {"From", "OriginalRecipient", "Subject", "Date", "TextBody", "HtmlBody"})
    out.add(from.text(name));
  const auto files = from.list("Attachments");
  return out.add(std::to_string(files ? files->size() : 0)).value();
}

}  // namespace

contact decode_mail(const webhook& w) {
  contact fact;
  schemas::event& event = fact.event;
  event.type = schemas::event_type::message_received;
  schemas::message& message = event.message.emplace();
  fill_common(w, from_rfc2822(w.from.text("Date")), event);
  event.delivery_id = mail_id(w.from, event);
  w.from.require(!event.delivery_id.empty(), "MessageID");
  fact.key = event.delivery_id;
  fact.fingerprint = fingerprint_of(w.from);

  parts p{.headers = read_headers(w.from, event)};
  read_sender(w.from, p);
  read_recipients(w.from, event, p);
  const auto ids = mail::message_ids(mail::find(p.headers, "Message-ID"), 1);
  const std::string own_id(ids.empty() ? std::string_view{} : ids.front());
  event.object.external_id = own_id.empty() ? event.delivery_id : own_id;
  message.subject = words(w.from.text("Subject"), 4096, event);

  const std::string_view html = w.from.text("HtmlBody");
  event.text = w.from.text("TextBody");
  if (trimmed(event.text).empty() && !html.empty()) event.text = text_of_html(html);
  event.text_unquoted = w.from.text("StrippedTextReply");
  fill_parties(w, p, event);
  fill_mail(p, own_id, event);
  fill_conversation(w, p, own_id, fact);
  fill_attachments(w, html, fact);
  return fact;
}

}  // namespace switchboard::connectors::postmark
