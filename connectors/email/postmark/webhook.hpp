// The one object of a webhook, and what all kinds of it share.
#pragma once

#include "connectors/common/json.hpp"
#include "connectors/email/postmark/settings.hpp"

namespace switchboard::connectors::postmark {

struct webhook {
  json::reader& from;  // what is wrong stays in it
  const configuration& settings;
  const connectors::limits& limits;
  const inbound& request;
};

// A mail that came in.
contact decode_mail(const webhook&);
// What became of a mail that was sent: "Bounce", "SpamComplaint", "Delivery", "Open", "Click", "SubscriptionChange".
// nullopt: of another kind.
std::optional<contact> decode_outgoing(const webhook&, std::string_view record_type);

// What every event has; the time by the provider, or by us.
void fill_common(const webhook&, std::optional<timestamp> at, schemas::event&);
// Postmark's own id of a mail. What its "Check" button sends has one of zeros, which flags the event.
std::string mail_id(json::reader&, schemas::event&);
// Postmark's id of a mail that it sent, by the Message-ID that it gives it; empty for others'.
std::string_view sent_id(std::string_view message_id) noexcept;

// The HTML, the attachments and the original, with their bytes.
void fill_attachments(const webhook&, std::string_view html, contact&);
void attach(contact&, schemas::attachment, std::string bytes);

}  // namespace switchboard::connectors::postmark
