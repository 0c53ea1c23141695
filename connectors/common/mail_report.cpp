#include "connectors/common/mail_report.hpp"

#include <algorithm>
#include <optional>

#include "connectors/common/identity.hpp"
#include "connectors/common/mail.hpp"
#include "connectors/common/text.hpp"

namespace switchboard::connectors::mail {

namespace {

constexpr std::size_t most_outcomes = 100, most_fields = 1000, longest_value = 4096;

struct field {
  std::string_view name;
  std::string value;  // unfolded
};

std::string_view next_line(std::string_view& rest) noexcept {
  std::string_view line = rest.substr(0, rest.find('\n'));
  rest.remove_prefix(std::min(rest.size(), line.size() + 1));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

// The fields up to an empty line, the empty lines before them skipped.
std::vector<field> next_group(std::string_view& rest) {
  std::vector<field> out;
  while (!rest.empty()) {
    const std::string_view line = next_line(rest);
    if (trimmed(line).empty()) {
      if (!out.empty()) break;
      continue;
    }
    const std::size_t colon = line.find(':');
    if (line.front() == ' ' || line.front() == '\t') {
      if (!out.empty() && out.back().value.size() + line.size() < longest_value)
        out.back().value.append(" ").append(trimmed(line));
    } else if (colon != std::string_view::npos && out.size() < most_fields) {
      out.push_back({trimmed(line.substr(0, colon)), std::string(cut(trimmed(line.substr(colon + 1)), longest_value))});
    }
  }
  return out;
}

std::string_view value_of(const std::vector<field>& group, std::string_view name) noexcept {
  const auto found = std::ranges::find_if(group, [&](const field& f) { return equal_without_case(f.name, name); });
  return found == group.end() ? std::string_view{} : std::string_view(found->value);
}

// "rfc822; ann@example.com", "smtp; 550 5.1.1 …": what stands behind the type.
std::string typed(std::string_view value) {
  const std::size_t semicolon = value.find(';');
  return repaired(trimmed(semicolon == std::string_view::npos ? value : value.substr(semicolon + 1)));
}

std::string address_of(std::string_view value) {
  const std::string whole = typed(value);
  const auto found = mailboxes(whole, 1);
  return found.empty() ? std::string() : std::string(found.front().address);
}

std::string recipient_of(const std::vector<field>& group) {
  for (const std::string_view name : {"Original-Recipient", "Final-Recipient"})
    if (std::string found = address_of(value_of(group, name)); !found.empty()) return found;
  return {};
}

std::optional<schemas::receipt_status> status_of(std::string_view action) {
  using enum schemas::receipt_status;
  const std::string word = lower(trimmed(action.substr(0, action.find_first_of(" \t("))));
  if (word == "failed") return bounced;
  if (word == "delayed") return delayed;
  if (word == "delivered") return delivered;
  if (word == "relayed" || word == "expanded") return sent;
  return std::nullopt;
}

// The Message-ID in the header of a message or of its copy.
std::string message_id_of(std::string_view message) {
  const auto header = next_group(message);
  const auto ids = message_ids(value_of(header, "Message-ID"), 1);
  return ids.empty() ? std::string() : std::string(ids.front());
}

void read_delivery(std::string_view part, report& out) {
  while (!part.empty() && out.outcomes.size() < most_outcomes) {
    const auto group = next_group(part);
    const auto status = status_of(value_of(group, "Action"));
    std::string recipient = recipient_of(group);
    if (!status || recipient.empty()) continue;
    const std::string_view code = value_of(group, "Status");
    out.outcomes.push_back({std::move(recipient), *status,
                            repaired(trimmed(code.substr(0, code.find_first_of(" \t(")))),
                            typed(value_of(group, "Diagnostic-Code"))});
  }
}

void read_disposition(std::string_view part, report& out) {
  const auto group = next_group(part);
  if (const auto ids = message_ids(value_of(group, "Original-Message-ID"), 1); !ids.empty())
    out.message_id = ids.front();
  const std::string_view disposition = value_of(group, "Disposition");
  const std::string word = lower(trimmed(disposition.substr(std::min(disposition.size(), disposition.find(';') + 1))));
  std::string recipient = recipient_of(group);
  if (word.starts_with("displayed") && !recipient.empty())
    out.outcomes.push_back({std::move(recipient), schemas::receipt_status::read, {}, {}});
}

void read_feedback(std::string_view part, report& out) {
  const auto group = next_group(part);
  const std::string type = lower(value_of(group, "Feedback-Type"));
  if (type != "abuse" && type != "opt-out") return;
  for (const field& f : group) {
    if (!equal_without_case(f.name, "Original-Rcpt-To") || out.outcomes.size() == most_outcomes) continue;
    if (std::string recipient = address_of(f.value); !recipient.empty())
      out.outcomes.push_back({std::move(recipient), schemas::receipt_status::failed, type, {}});
  }
}

}  // namespace

report_kind report_kind_of(std::string_view media_type) noexcept {
  if (media_type == "message/delivery-status" || media_type == "message/global-delivery-status")
    return report_kind::delivery;
  if (media_type == "message/disposition-notification" || media_type == "message/global-disposition-notification")
    return report_kind::disposition;
  return media_type == "message/feedback-report" ? report_kind::feedback : report_kind::none;
}

report read_report(report_kind kind, std::string_view part) {
  report out;
  if (kind == report_kind::delivery) read_delivery(part, out);
  if (kind == report_kind::disposition) read_disposition(part, out);
  if (kind == report_kind::feedback) read_feedback(part, out);
  return out;
}

std::vector<contact> told_by(const contact& mail) {
  report told;
  report_kind kind = report_kind::none;
  std::string original;
  for (const blob_part& part : mail.blobs) {
    const std::string type = media_type(mail.event.attachments[part.attachment].content_type);
    if (const auto found = report_kind_of(type); found != report_kind::none && kind == report_kind::none) {
      kind = found;
      told = read_report(kind, part.bytes);
    }
    if ((type == "message/rfc822" || type == "text/rfc822-headers") && original.empty())
      original = message_id_of(part.bytes);
  }
  if (!told.message_id.empty()) original = told.message_id;
  // A person who sends on a bounce is no bounce. Feedback loops write with a sender of their own.
  if (kind != report_kind::feedback && !mail.event.automated) return {};

  std::vector<contact> out;
  contact bare = mail;
  bare.blobs.clear();
  bare.event.attachments.clear();
  const bool threaded = !mail.event.related.empty();  // the report answers the original, or says nothing of it
  for (auto& each : told.outcomes) {
    contact fact = out.empty() ? mail : bare;
    schemas::event& event = fact.event;
    if (out.empty() && !event.text.empty()) {  // what came with the report stays with the first
      fact.blobs.push_back({event.attachments.size(), event.text});
      event.attachments.push_back({.id = "text",
                                   .body = true,
                                   .kind = schemas::attachment_kind::document,
                                   .content_type = "text/plain; charset=utf-8",
                                   .state = schemas::attachment_state::stored});
    }
    fact.ordinal = static_cast<std::uint32_t>(out.size());
    event.message.reset();
    event.text.clear();
    event.text_unquoted.clear();
    event.actor.reset();
    event.automated.reset();
    event.related.clear();
    event.reply_to.clear();
    event.customer_uri = mailto_uri(each.recipient);
    if (!original.empty()) event.object.external_id = original;
    if (!original.empty() && !threaded) {
      fact.conversation = conversation_of(original);
      event.conversation.external_id = original;
    }
    if (fact.conversation_id.empty()) event.add(schemas::flag::conversation_unresolved);
    if (kind == report_kind::feedback) {
      event.type = schemas::event_type::consent_changed;
      event.actor = schemas::party{.identities = {{event.customer_uri}}};
      event.consent = schemas::consent{.evidence = each.code};
    } else {
      event.type = schemas::event_type::receipt;
      event.direction = schemas::direction::system;
      schemas::receipt& receipt = event.receipt.emplace();
      receipt.status = each.status;
      receipt.recipient_uri = event.customer_uri;
      const bool failed =
          each.status == schemas::receipt_status::bounced || each.status == schemas::receipt_status::delayed;
      if (failed) {
        receipt.error = {each.code.empty() ? std::string("unknown") : each.code, std::move(each.text), {}};
        if (!each.code.empty()) receipt.error->retryable = each.code.starts_with('4');
      }
    }
    out.push_back(std::move(fact));
  }
  return out;
}

}  // namespace switchboard::connectors::mail
