#include "connectors/generic/webhook/settings.hpp"

#include <algorithm>

#include "connectors/common/encoding.hpp"
#include "connectors/common/settings.hpp"
#include "schemas/names.hpp"

namespace switchboard::connectors::webhook {

namespace {

constexpr option credential_table[] = {
    {.name = "secret",
     .type = value_type::secret,
     .text = "A symmetric key (v1): whsec_ and base64, as the sender shows it. List two while one replaces the other."},
    {.name = "public_key", .text = "The sender's Ed25519 key (v1a): whpk_ and base64 of 32 bytes."},
    {.name = "private_key",
     .type = value_type::secret,
     .text = "Ed25519 key (whsk_ and base64) with which `send` signs samples; not needed to receive."},
};

constexpr option setting_table[] = {
    {.name = "tolerance",
     .type = value_type::duration,
     .default_value = "5m",
     .text = "How far webhook-timestamp may be from now, either way."},
    {.name = "channel", .default_value = "form", .text = "The channel of the events: form, chat, email, social, …"},
    {.name = "provider", .default_value = "webhook", .text = "Who delivers: written into the events."},
    {.name = "product", .text = "What of theirs: written into the events."},
    {.name = "account", .text = "The account where no field names one; without it the source is one account."},
    {.name = "calling_code", .text = "Calling code for telephone numbers that come without one, such as 49."},
    {.name = "event",
     .default_value = "form",
     .text = "What a body is: message, feedback, form, callback, visit, consent or ignored (kept as unsupported)."},
    {.name = "event_pointer",
     .type = value_type::pointer,
     .default_value = "/type",
     .text = "Where the body says what it is; looked up in events."},
    {.name = "events", .type = value_type::map, .text = "What the sender's types are: {review.created: feedback}."},
    {.name = "items",
     .type = value_type::pointer,
     .text = "A list in the body, each element an event of its own; "
             "the other pointers then begin at the element."},
    {.name = "fields.object",
     .type = value_type::pointer,
     .text = "The id of the thing it is about. Default: webhook-id."},
    {.name = "fields.revision", .type = value_type::pointer, .text = "The version of that thing."},
    {.name = "fields.time",
     .type = value_type::pointer,
     .default_value = "/timestamp",
     .text = "When it happened: RFC 3339 or unix seconds or milliseconds."},
    {.name = "fields.account", .type = value_type::pointer, .text = "The company's end: shop, mailbox, page."},
    {.name = "fields.conversation", .type = value_type::pointer, .text = "The id of the conversation."},
    {.name = "fields.subject", .type = value_type::pointer, .text = "Its subject."},
    {.name = "fields.text", .type = value_type::pointer, .text = "The customer's own words."},
    {.name = "fields.language", .type = value_type::pointer, .text = "Their language (BCP 47)."},
    {.name = "fields.category",
     .type = value_type::pointer,
     .text = "complaint, question, request, praise or other, as the customer chose."},
    {.name = "fields.sequence", .type = value_type::pointer, .text = "The sender's own order within the conversation."},
    {.name = "fields.actor.id", .type = value_type::pointer, .text = "The customer's id at the sender."},
    {.name = "fields.actor.name", .type = value_type::pointer, .text = "The customer's name."},
    {.name = "fields.actor.email", .type = value_type::pointer, .text = "The customer's mail address."},
    {.name = "fields.actor.phone", .type = value_type::pointer, .text = "The customer's telephone number."},
    {.name = "fields.store", .type = value_type::pointer, .text = "The store where it happened."},
    {.name = "fields.feedback.kind",
     .type = value_type::pointer,
     .default_value = "=rating",
     .text = "csat, nps, ces, rating, review or comment."},
    {.name = "fields.feedback.score", .type = value_type::pointer, .text = "The score; it needs min and max."},
    {.name = "fields.feedback.min", .type = value_type::pointer, .text = "The lowest score, such as =1."},
    {.name = "fields.feedback.max", .type = value_type::pointer, .text = "The highest score, such as =5."},
    {.name = "fields.feedback.best",
     .type = value_type::pointer,
     .default_value = "=max",
     .text = "Which end is good: min or max."},
    {.name = "fields.feedback.survey", .type = value_type::pointer, .text = "The id of the survey."},
    {.name = "fields.feedback.about", .type = value_type::pointer, .text = "The id of what was judged."},
    {.name = "fields.feedback.about_kind",
     .type = value_type::pointer,
     .default_value = "=thing",
     .text = "What kind of thing that is."},
    {.name = "fields.form.id", .type = value_type::pointer, .text = "The id of the form."},
    {.name = "fields.form.name", .type = value_type::pointer, .text = "Its name."},
    {.name = "fields.form.fields",
     .type = value_type::pointer,
     .text = "An object with the answers; without it the whole body is."},
    {.name = "fields.callback.phone", .type = value_type::pointer, .text = "The number to call."},
    {.name = "fields.callback.from", .type = value_type::pointer, .text = "Not before: a time."},
    {.name = "fields.callback.until", .type = value_type::pointer, .text = "Not after: a time."},
    {.name = "fields.callback.topic", .type = value_type::pointer, .text = "What it is about."},
    {.name = "fields.visit.state", .type = value_type::pointer, .text = "arrived, waiting, served, left or missed."},
    {.name = "fields.visit.purpose", .type = value_type::pointer, .text = "What the customer came for."},
    {.name = "fields.visit.ticket", .type = value_type::pointer, .text = "The number drawn."},
    {.name = "fields.visit.party_size", .type = value_type::pointer, .text = "How many people."},
    {.name = "fields.consent.state",
     .type = value_type::pointer,
     .text = "granted or withdrawn; true and false are taken too."},
    {.name = "fields.consent.scope",
     .type = value_type::pointer,
     .default_value = "=all",
     .text = "all, marketing, service or recording."},
    {.name = "fields.consent.applies_to", .type = value_type::pointer, .text = "What it covers beyond this account."},
    {.name = "fields.consent.evidence", .type = value_type::pointer, .text = "What proves it."},
};

constexpr std::string_view fields_prefix = "fields.";

std::optional<std::string> key_bytes(std::string_view written, std::string_view prefix) {
  if (written.starts_with(prefix)) written.remove_prefix(prefix.size());
  return from_base64(written, padding::optional);
}

void read_credential(settings_reader& reader, configuration& made) {
  const std::string secret = reader.text("secret"), open = reader.text("public_key"),
                    closed = reader.text("private_key");
  if (!reader.raw("secret") && open.empty())
    reader.error("secret", "neither 'secret' nor 'public_key' is given", "copy one of them from the sender's page");
  if (!secret.empty()) {
    auto bytes = key_bytes(secret, "whsec_");
    if (bytes && !bytes->empty())
      made.secrets.push_back(std::move(*bytes));
    else
      reader.error("secret", "'secret' is no key", "it is whsec_ and base64");
  }
  if (!open.empty()) {
    const auto bytes = key_bytes(open, "whpk_");
    key_handle key = bytes && bytes->size() == 32 ? ed25519_public_key(*bytes) : nullptr;
    if (key)
      made.public_keys.push_back(std::move(key));
    else
      reader.error("public_key", "'public_key' is no Ed25519 key", "it is whpk_ and base64 of 32 bytes");
  }
  if (!closed.empty()) {
    // whsk_ holds the seed, by some senders followed by the public key.
    const auto bytes = key_bytes(closed, "whsk_");
    key_handle key = bytes && (bytes->size() == 32 || bytes->size() == 64)
                         ? ed25519_private_key(std::string_view(*bytes).substr(0, 32))
                         : nullptr;
    if (key)
      made.private_keys.push_back(std::move(key));
    else
      reader.error("private_key", "'private_key' is no Ed25519 key", "it is whsk_ and base64 of 32 or 64 bytes");
  }
}

}  // namespace

const std::span<const option> credential_options = credential_table, setting_options = setting_table;

std::optional<meaning> meaning_of(std::string_view name) noexcept {
  static constexpr std::pair<std::string_view, meaning> names[] = {
      {"message", meaning::message},   {"feedback", meaning::feedback}, {"form", meaning::form},
      {"callback", meaning::callback}, {"visit", meaning::visit},       {"consent", meaning::consent},
      {"ignored", meaning::ignored}};
  const auto found = std::ranges::find(names, name, &std::pair<std::string_view, meaning>::first);
  return found == std::end(names) ? std::nullopt : std::optional(found->second);
}

prepare_result prepare(const boost::json::object& settings, std::span<const credential> credentials) {
  std::vector<settings_error> errors;
  auto made = std::make_shared<configuration>();
  for (std::size_t i = 0; i < credentials.size(); ++i) {
    settings_reader reader(credentials[i], credential_table, "/credentials/" + std::to_string(i), errors);
    read_credential(reader, *made);
  }
  if (credentials.empty())
    errors.push_back({"/credentials", "no key is configured", "list {secret: whsec_…} or {public_key: whpk_…}"});

  settings_reader reader(settings, setting_table, "/settings", errors);
  made->tolerance = reader.duration("tolerance");
  if (made->tolerance <= std::chrono::milliseconds::zero())
    reader.error("tolerance", "'tolerance' must be more than nothing", "5m is what senders reckon with");
  if (const auto channel = schemas::from_string<schemas::channel>(reader.text("channel")))
    made->channel = *channel;
  else
    reader.error("channel", "'channel' is none", "email, voice, sms, chat, social, kiosk, form, fax, letter or visit");
  made->provider = reader.text("provider");
  made->product = reader.text("product");
  made->account = reader.text("account");
  made->calling_code = reader.text("calling_code");
  constexpr std::string_view meanings = "message, feedback, form, callback, visit, consent or ignored";
  if (const auto otherwise = meaning_of(reader.text("event")))
    made->otherwise = *otherwise;
  else
    reader.error("event", "'event' is none that a body can be", std::string(meanings));
  if (const auto pointer = reader.pointer("event_pointer")) {
    if (pointer->constant) reader.error("event_pointer", "'event_pointer' must be a JSON Pointer", "such as /type");
    made->kind_pointer = pointer->value;
  }
  for (const auto& [name, value] : reader.map("events")) {
    if (const auto known = meaning_of(value))
      made->kinds.emplace(name, *known);
    else
      reader.error("events", "'" + value + "' is nothing that a body can be", std::string(meanings));
  }
  if (const auto items = reader.pointer("items")) {
    if (items->constant) reader.error("items", "'items' must be a JSON Pointer", "such as /data/events");
    made->items = items->value;
  }
  for (const option& each : setting_table) {
    if (!each.name.starts_with(fields_prefix)) continue;
    if (auto from = reader.pointer(each.name))
      made->fields.emplace(each.name.substr(fields_prefix.size()), origin{from->constant, std::move(from->value)});
  }
  made->time_mapped = reader.raw("fields.time") != nullptr;
  if (!errors.empty()) return std::unexpected(std::move(errors));
  return made;
}

}  // namespace switchboard::connectors::webhook
