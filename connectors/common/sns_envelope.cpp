#include "connectors/common/sns_envelope.hpp"

#include "connectors/common/text.hpp"

namespace switchboard::connectors::sns {

std::optional<message_type> message_type_of(std::string_view name) noexcept {
  if (name == "Notification") return message_type::notification;
  if (name == "SubscriptionConfirmation") return message_type::subscription_confirmation;
  if (name == "UnsubscribeConfirmation") return message_type::unsubscribe_confirmation;
  return std::nullopt;
}

std::expected<envelope, envelope::problem> envelope::parse(std::string_view body, std::size_t depth) {
  const auto root = json::parse(body, depth);
  if (!root) return std::unexpected(problem{root.error(), ""});
  json::object members;
  if (root->get(members)) return std::unexpected(problem{reject_code::wrong_type, ""});

  json::reader from(members, "");
  const auto needed = [&](std::string_view name) {
    const auto value = from.text(name);
    from.require(!value.empty(), name);
    return value;
  };
  envelope made;
  made.type_name = needed("Type");
  made.message_id = from.identifier("MessageId");
  made.topic_arn = needed("TopicArn");
  made.message = from.text("Message");
  made.time = needed("Timestamp");
  made.signature = from.text("Signature");
  made.signature_version = from.text("SignatureVersion");
  made.certificate_url = from.text("SigningCertURL");
  from.require(!made.message_id.empty(), "MessageId");
  const auto type = message_type_of(made.type_name);
  if (type == message_type::notification) {
    if (from.find("Subject")) made.subject = from.text("Subject");
  } else {
    made.token = needed("Token");
    made.subscribe_url = needed("SubscribeURL");
  }
  if (!type) from.fail(reject_code::unknown_kind, "Type");
  if (from.failed()) return std::unexpected(problem{from.code(), from.wrong()});
  made.type = *type;
  return made;
}

std::string envelope::signed_text(bool with_token) const {
  std::string out;
  out.reserve(message.size() + 512);
  const auto add = [&](std::string_view name, std::string_view value) {
    out.append(name).append("\n").append(value).append("\n");
  };
  const bool confirmation = type != message_type::notification;
  add("Message", message);
  add("MessageId", message_id);
  if (subject) add("Subject", *subject);
  if (confirmation) add("SubscribeURL", subscribe_url);
  add("Timestamp", time);
  if (confirmation && with_token) add("Token", token);
  add("TopicArn", topic_arn);
  add("Type", type_name);
  return out;
}

bool is_raw(const inbound& request) noexcept {
  const auto raw = request.find("x-amz-sns-rawdelivery");
  return raw && equal_without_case(*raw, "true");
}

}  // namespace switchboard::connectors::sns
