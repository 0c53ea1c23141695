#include <algorithm>

#include "connectors/common/authorization.hpp"
#include "connectors/common/certificate.hpp"
#include "connectors/common/encoding.hpp"
#include "connectors/common/form.hpp"
#include "connectors/common/sns.hpp"
#include "connectors/common/sns_envelope.hpp"
#include "connectors/common/time.hpp"
#include "connectors/common/url.hpp"

namespace switchboard::connectors::sns {

namespace {

// An envelope has attributes in it, and nothing below them.
constexpr std::size_t envelope_depth = 16, longest_certificate_url = 512;

constexpr std::string_view foreign_topic =
    "TopicArn is not among the topics of this source: add it to 'topics', or end the subscription";

// SNS sends a login only to who asks for one.
constexpr std::string_view ask_for_login = "Basic realm=\"switchboard\", charset=\"UTF-8\"";

// Exactly a certificate of the topic's own region: nothing that a second parser could read as another host.
bool may_fetch(std::string_view url, const topic& from) noexcept {
  if (url.size() > longest_certificate_url || !url.starts_with(from.endpoint) || !url.ends_with(".pem")) return false;
  return std::ranges::all_of(url.substr(from.endpoint.size()), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.' || c == '/';
  });
}

// Most regions sign as sns.amazonaws.com; those that came later, China and GovCloud under names of their own.
bool names_sns(const certificate& signer, const topic& from) {
  const std::string place = from.region + "." + from.domain;
  return std::ranges::any_of(signer.names(), [&](const std::string& name) {
    if (name == "sns." + from.domain || name == "sns.amazonaws.com") return true;
    if (!name.ends_with(place)) return false;
    const auto prefix = std::string_view(name).substr(0, name.size() - place.size());
    return prefix == "sns." || prefix == "sns-" || prefix == "sns-signing.";
  });
}

bool holds(const std::vector<std::string>& wanted, std::string_view given) noexcept {
  bool found = false;
  for (const std::string& each : wanted) found |= equal_in_constant_time(each, given);
  return found;
}

verdict verify_raw(const inbound& request, const access& access) {
  if (access.logins.empty() && access.url_keys.empty())
    return rejected{reject_code::missing_signature,
                    "raw message delivery is not signed: switch it off at the subscription, or configure user and "
                    "password, or url_key"};
  const auto login = basic_credentials(request);
  const auto query = form::parse(query_of(request.target), 64);
  const auto key = query ? query->find("key") : std::nullopt;
  const bool by_login = login && holds(access.logins, *login);
  if (!by_login && !(key && holds(access.url_keys, *key))) {
    if (!login && !key)
      return rejected{reject_code::missing_signature, "raw message delivery needs a login, or the key in the URL",
                      ask_for_login};
    return rejected{reject_code::bad_signature, "neither the login nor the key in the URL is one of this source",
                    ask_for_login};
  }
  const auto arn = request.find("x-amz-sns-topic-arn").value_or("");
  if (!access.topics.contains(arn)) return rejected{reject_code::unknown_credential, foreign_topic};
  return authentic{std::string(arn), by_login ? "basic" : "url-key"};
}

bool agrees(const inbound& request, std::string_view header, std::string_view value) noexcept {
  const auto said = request.find(header);
  return !said || *said == value;
}

}  // namespace

verdict verify(const inbound& request, const access& access, const fetched_keys& keys) {
  if (!request.find("x-amz-sns-message-type"))
    return rejected{reject_code::missing_signature,
                    "there is no header x-amz-sns-message-type: this does not come from Amazon SNS"};
  if (is_raw(request)) return verify_raw(request, access);

  const auto read = envelope::parse(request.body, envelope_depth);
  if (!read) return rejected{reject_code::malformed_signature, "the body is no message of Amazon SNS"};
  const envelope& said = *read;
  if (said.signature.empty() || said.certificate_url.empty())
    return rejected{reject_code::missing_signature, "the message has no Signature or no SigningCertURL"};
  if (!agrees(request, "x-amz-sns-message-type", said.type_name) ||
      !agrees(request, "x-amz-sns-topic-arn", said.topic_arn) ||
      !agrees(request, "x-amz-sns-message-id", said.message_id))
    return rejected{reject_code::bad_signature, "the headers x-amz-sns-… say something else than the message"};
  const auto known = access.topics.find(said.topic_arn);
  if (known == access.topics.end()) return rejected{reject_code::unknown_credential, foreign_topic};

  const auto signature = from_base64(said.signature);
  if (!signature || (said.signature_version != "1" && said.signature_version != "2"))
    return rejected{reject_code::malformed_signature, "Signature is base64, of SignatureVersion 1 or 2"};
  const auto sent = from_iso8601(said.time);
  if (!sent) return rejected{reject_code::missing_timestamp, "Timestamp is no time"};
  if (!may_fetch(said.certificate_url, known->second))
    return rejected{reject_code::malformed_signature,
                    "SigningCertURL is no certificate of Amazon SNS in the topic's region"};

  const std::string url(said.certificate_url);
  const auto configured = access.certificates.find(url);
  auto fetched = configured == access.certificates.end() ? keys.find(url) : std::nullopt;
  if (configured == access.certificates.end() && !fetched) return needs_key{url};
  certificate* const signer = parsed_certificate(fetched ? *fetched : configured->second);
  if (!signer || !names_sns(*signer, known->second))
    return rejected{reject_code::bad_signature, "what SigningCertURL names is no certificate of Amazon SNS"};
  if (!signer->valid_at(request.received_at))
    return rejected{reject_code::bad_signature, "the certificate is not valid now: is the clock right?"};
  const bool second = said.signature_version == "2";
  const digest hash = second ? digest::sha256 : digest::sha1;
  // Amazon's own libraries differ on whether the token of an UnsubscribeConfirmation is signed; nothing is done with
  // it.
  if (!signer->verify(hash, *signature, said.signed_text()) &&
      !(said.type == message_type::unsubscribe_confirmation &&
        signer->verify(hash, *signature, said.signed_text(false))))
    return rejected{reject_code::bad_signature, "the message was changed on the way"};
  if (request.received_at - *sent > access.max_age)
    return rejected{reject_code::stale_timestamp, "the message is older than 'max_age': replayed, or a clock is wrong"};
  return authentic{std::string(said.topic_arn), second ? "rsa-sha256" : "rsa-sha1"};
}

}  // namespace switchboard::connectors::sns
