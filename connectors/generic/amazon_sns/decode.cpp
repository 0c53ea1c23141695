#include "connectors/generic/amazon_sns/decode.hpp"

#include "connectors/common/mapped_item.hpp"
#include "connectors/common/text.hpp"
#include "connectors/generic/amazon_sns/amazon_sns.hpp"
#include "connectors/generic/amazon_sns/settings.hpp"
#include "schemas/text.hpp"

namespace switchboard::connectors::amazon_sns {

namespace {

constexpr std::size_t most_subject_bytes = 1024;

// Objects and lists; any other text is a text, also one that could be read as a number.
bool looks_like_json(std::string_view message) noexcept {
  const std::size_t first = message.find_first_not_of(" \t\r\n");
  return first != message.npos && (message[first] == '{' || message[first] == '[');
}

// A text as JSON, so that the mapping finds it under the pointer "".
std::expected<json::element, reject_code> as_json(std::string_view text) {
  std::string quoted;
  schemas::append_json_string(quoted, text);
  return json::parse_copy(quoted, 1);
}

void decode_message(std::string_view message, mapped_delivery d, const configuration& settings, const limits& limits,
                    decoded& out) {
  if (message.empty() || !valid_utf8(message)) {
    out.items.push_back(opaque_item(d, settings.mapping));
    return;
  }
  d.content_type = "text/plain";
  auto body = looks_like_json(message) ? json::parse_copy(message, limits.depth) : as_json(message);
  if (looks_like_json(message) && body) d.content_type = "application/json";
  if (!body && settings.untouched) body = as_json(message);
  if (body)
    map_body(*body, std::move(d), settings.mapping, limits, out);
  else
    out.items.push_back(item_rejected{body.error(), "/Message", std::string(message)});
}

void add_subject(item& each, std::string_view subject) {
  contact* fact = std::get_if<contact>(&each);
  if (auto* unknown = std::get_if<unsupported>(&each)) fact = &unknown->fact;
  if (!fact || subject.empty()) return;
  std::string text(cut(subject, most_subject_bytes));
  if (auto& message = fact->event.message; message && message->subject.empty()) message->subject = text;
  if (auto& known = fact->event.conversation.subject; known.empty()) known = std::move(text);
}

}  // namespace

decoded decode(const inbound& request, const prepared& settings, const authentic&, const limits& limits) {
  const auto& configured = static_cast<const configuration&>(settings);
  const auto opened = sns::unwrap(request, configured.access, limits, configured.mapping.channel);
  if (!opened) return opened.error();
  decoded out;
  decode_message(opened->message,
                 {.carrier = name,
                  .id = std::string(opened->message_id),
                  .raw = opened->message,
                  .account = opened->topic_arn,
                  .received_at = request.received_at,
                  .sent = opened->sent},
                 configured, limits, out);
  for (item& each : out.items) add_subject(each, opened->subject);
  return out;
}

response reply(const inbound&, const prepared&, const decoded&, std::span<const item_outcome>) {
  return {200, "text/plain", "", {}};
}

}  // namespace switchboard::connectors::amazon_sns
