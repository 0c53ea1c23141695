#include "connectors/common/sns.hpp"

#include <boost/json.hpp>

#include "connectors/common/certificate.hpp"
#include "connectors/common/encoding.hpp"
#include "connectors/common/fingerprint.hpp"
#include "connectors/common/identity.hpp"
#include "connectors/common/sample.hpp"
#include "connectors/common/sns_envelope.hpp"
#include "connectors/common/text.hpp"
#include "connectors/common/time.hpp"
#include "connectors/common/url.hpp"

namespace switchboard::connectors::sns {

namespace {

namespace bj = boost::json;

decoded quarantine(const inbound& request, reject_code code, std::string pointer) {
  decoded out;
  out.whole = {code, std::move(pointer), std::string(request.body)};
  return out;
}

std::expected<notification, decoded> unwrap_raw(const inbound& request) {
  const auto topic = request.find("x-amz-sns-topic-arn").value_or(""),
             id = request.find("x-amz-sns-message-id").value_or("");
  if (!identifier(topic))
    return std::unexpected(quarantine(request, reject_code::missing_field, "x-amz-sns-topic-arn"));
  if (!identifier(id)) return std::unexpected(quarantine(request, reject_code::missing_field, "x-amz-sns-message-id"));
  return notification{topic, id, {}, request.body, std::nullopt};
}

// Never the SubscribeURL of the message: the host is ours to know.
decoded confirm(const envelope& said, const topic& to) {
  decoded out;
  out.handshake.emplace();
  std::string& url = out.handshake->confirm_url;
  url = to.endpoint + "?Action=ConfirmSubscription&TopicArn=";
  append_escaped(url, said.topic_arn);
  url += "&Token=";
  append_escaped(url, said.token);
  return out;
}

// Its SubscribeURL subscribes again, which is not for us to decide.
decoded keep_unsubscription(const inbound& request, const envelope& said, schemas::channel channel) {
  contact fact;
  schemas::event& event = fact.event;
  fact.key = said.message_id;
  fact.fingerprint = fingerprint().add(said.message).value();
  event.channel = channel;
  event.provider = "amazon";
  event.product = "sns";
  event.direction = schemas::direction::system;
  event.account.id = said.topic_arn;
  event.object.external_id = said.message_id;
  const auto sent = from_iso8601(said.time);
  event.time = sent.value_or(request.received_at);
  if (!sent) event.add(schemas::flag::time_from_receipt);
  decoded out;
  out.items.push_back(unsupported{std::move(fact), "amazon-sns/UnsubscribeConfirmation", std::string(request.body)});
  return out;
}

}  // namespace

std::expected<notification, decoded> unwrap(const inbound& request, const access& access, const limits& limits,
                                            schemas::channel channel) {
  if (is_raw(request)) return unwrap_raw(request);
  const auto read = envelope::parse(request.body, limits.depth);
  if (!read) return std::unexpected(quarantine(request, read.error().code, read.error().pointer));
  switch (read->type) {
    case message_type::notification:
      return notification{read->topic_arn, read->message_id, read->subject.value_or(""), read->message,
                          from_iso8601(read->time)};
    case message_type::subscription_confirmation:
      if (const auto to = access.topics.find(read->topic_arn); to != access.topics.end())
        return std::unexpected(confirm(*read, to->second));
      break;
    case message_type::unsubscribe_confirmation:
      return std::unexpected(keep_unsubscription(request, *read, channel));
  }
  return std::unexpected(quarantine(request, reject_code::unmapped_account, "/TopicArn"));
}

outbound sign(const sample& what, const access& access, std::string_view public_url, const freshness& fresh) {
  const std::string id = filled("{{uuid:sns}}", fresh), time = schemas::to_string(fresh.now);
  const topic& from = access.topics.find(access.first_topic)->second;
  const bj::value read = bj::parse(filled(what.body, fresh));
  const bj::value& message = read.at("Message");
  const std::string text = message.is_string() ? std::string(message.get_string()) : bj::serialize(message);
  const auto* const subject = read.get_object().if_contains("Subject");
  envelope said;
  said.type_name = "Notification";
  said.message_id = id;
  said.topic_arn = access.first_topic;
  said.message = text;
  said.time = time;
  if (subject) said.subject = std::string_view(subject->get_string());
  const std::string signature =
      access.signing_key ? rsa_sign(*access.signing_key, digest::sha256, said.signed_text()) : "";

  std::string certificate_url = from.endpoint + "SimpleNotificationService-sample.pem";
  for (const auto& [url, pem] : access.certificates) {
    certificate* const signer = parsed_certificate(pem);
    if (url.starts_with(from.endpoint) && signer && signer->verify(digest::sha256, signature, said.signed_text()))
      certificate_url = url;
  }

  bj::object body{{"Type", said.type_name}, {"MessageId", id}, {"TopicArn", access.first_topic}};
  if (subject) body["Subject"] = *subject;
  body["Message"] = text;
  body["Timestamp"] = time;
  body["SignatureVersion"] = "2";
  body["Signature"] = to_base64(signature);
  body["SigningCertURL"] = certificate_url;
  body["UnsubscribeURL"] = from.endpoint + "?Action=Unsubscribe&SubscriptionArn=" + access.first_topic + ":" + id;
  return {std::string(what.method),
          std::string(target_of(public_url)),
          {{"Content-Type", std::string(what.content_type)},
           {"x-amz-sns-message-type", "Notification"},
           {"x-amz-sns-message-id", id},
           {"x-amz-sns-topic-arn", access.first_topic},
           {"x-amz-sns-subscription-arn", access.first_topic + ":" + id}},
          bj::serialize(body)};
}

}  // namespace switchboard::connectors::sns
