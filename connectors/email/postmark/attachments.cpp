#include <algorithm>

#include "connectors/common/encoding.hpp"
#include "connectors/common/html.hpp"
#include "connectors/common/mail.hpp"
#include "connectors/common/text.hpp"
#include "connectors/email/postmark/webhook.hpp"

namespace switchboard::connectors::postmark {

namespace {

// The type in lower case, its parameters as they are.
std::string content_type_of(std::string_view written) {
  const std::string_view whole = trimmed(cut(written, 255));
  if (!identifier(whole)) return {};
  return media_type(whole) + std::string(whole.substr(std::min(whole.find(';'), whole.size())));
}

bool is_encrypted(std::string_view content_type) {
  return content_type.starts_with("application/pgp-encrypted") ||
         (media_type(content_type).ends_with("pkcs7-mime") && content_type.contains("enveloped"));
}

void fill_file(const webhook& w, json::reader& part, const std::vector<std::string>& shown, bool html, contact& fact) {
  schemas::event& event = fact.event;
  schemas::attachment a{.id = std::to_string(event.attachments.size())};
  a.content_type = content_type_of(part.text("ContentType"));
  a.kind = attachment_kind_of(media_type(a.content_type));
  a.name = mail::file_name(part.text("Name"));
  a.size = part.count("ContentLength");
  std::string_view id = trimmed(part.text("ContentID"));
  if (id.starts_with('<') && id.ends_with('>') && id.size() > 2) id = id.substr(1, id.size() - 2);
  // Many programs give every file a content id; it stands in the text only where the HTML shows it.
  if (identifier(id) && (!html || std::ranges::binary_search(shown, id))) a.inline_id = id;
  if (is_encrypted(a.content_type)) event.add(schemas::flag::encrypted);

  std::string_view content = part.text("Content");
  if (content.empty() && part.find("Data")) {  // what the "Check" button sends
    content = part.text("Data");
    event.add(schemas::flag::test);
  }
  const bool fits = content.size() / 4 * 3 <= w.settings.attachment_bytes + 2;
  auto bytes = fits ? from_base64(content, padding::optional) : std::nullopt;
  if (bytes) return attach(fact, std::move(a), std::move(*bytes));
  if (!fits) event.add(schemas::flag::truncated);
  a.state = schemas::attachment_state::failed;
  event.attachments.push_back(std::move(a));
}

void attach_text(contact& fact, std::string id, std::string content_type, std::string_view bytes) {
  schemas::attachment a{.id = std::move(id), .body = true, .kind = schemas::attachment_kind::document};
  a.content_type = std::move(content_type);
  attach(fact, std::move(a), std::string(bytes));
}

}  // namespace

void attach(contact& fact, schemas::attachment a, std::string bytes) {
  a.size = static_cast<std::int64_t>(bytes.size());
  a.state = schemas::attachment_state::stored;
  fact.event.attachments.push_back(std::move(a));
  fact.blobs.push_back({fact.event.attachments.size() - 1, std::move(bytes)});
}

void fill_attachments(const webhook& w, std::string_view html, contact& fact) {
  schemas::event& event = fact.event;
  if (const auto files = w.from.list("Attachments"); files && files->size() > 0) {
    const auto shown = content_ids_of_html(html);
    for (const json::element each : *files) {
      const std::size_t index = event.attachments.size();
      const std::string pointer = "Attachments/" + std::to_string(index);
      if (index == w.settings.attachments) {
        event.add(schemas::flag::truncated);
        attach_text(fact, "request", "application/json", w.request.body);
        break;
      }
      json::object object;
      if (each.get(object)) return w.from.fail(reject_code::wrong_type, pointer);
      json::reader part(object, w.from.path(pointer));
      fill_file(w, part, shown, !html.empty(), fact);
      w.from.merge(part);
    }
  }
  if (!html.empty()) attach_text(fact, "html", "text/html; charset=utf-8", html);
  if (const std::string_view original = w.from.text("RawEmail"); !original.empty())
    attach_text(fact, "original", "message/rfc822", original);
}

}  // namespace switchboard::connectors::postmark
