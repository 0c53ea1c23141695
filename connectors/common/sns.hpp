// Amazon SNS over HTTPS, the carrier: who may post, the verified envelope and what lies in it. A connector for what
// comes by SNS reads these settings, verifies with verify(), and decodes what unwrap() gives it.
//
// A signature of Amazon says only that some topic of somebody's sent this. The list of topics decides: anything about
// another topic is refused before a certificate is fetched or a subscription confirmed. Pure, any thread.
#pragma once

#include <array>
#include <expected>

#include "connectors/common/crypto.hpp"
#include "connectors/common/settings.hpp"
#include "connectors/common/text_map.hpp"
#include "connectors/contract.hpp"

namespace switchboard::connectors::sns {

inline constexpr auto credential_options = std::to_array<option>({
    {.name = "user", .text = "User of the endpoint's URL (https://user:password@…), for raw message delivery."},
    {.name = "password", .type = value_type::secret, .text = "Its password; letters and digits, since it is in a URL."},
    {.name = "url_key",
     .type = value_type::secret,
     .text = "Instead of user and password: a secret in the endpoint's URL, as ?key=…"},
    {.name = "signing_key",
     .type = value_type::secret,
     .text = "RSA key (PEM) with which `send` signs samples; not needed to receive."},
});
inline constexpr auto setting_options = std::to_array<option>({
    {.name = "topics",
     .type = value_type::list,
     .required = true,
     .text = "The ARNs of the topics that may post here."},
    {.name = "certificates",
     .type = value_type::map,
     .text = "Certificates (PEM) by their URL, taken instead of fetching them: {https://…/x.pem: ${file:…}}."},
    {.name = "max_age",
     .type = value_type::duration,
     .default_value = "7d",
     .text = "Older messages are refused as replayed; what is known twice is kept for 8 days."},
});

struct topic {
  std::string region, endpoint, domain;  // "eu-central-1", "https://sns.eu-central-1.amazonaws.com/", "amazonaws.com"
};
struct access {
  text_map<topic> topics;  // by ARN
  std::string first_topic;
  text_map<std::string> certificates;
  std::chrono::milliseconds max_age{};
  std::vector<std::string> logins, url_keys;  // "user:password"
  key_handle signing_key;
};
// `settings` reads a table that contains setting_options.
access read_access(settings_reader& settings, std::span<const credential>, std::vector<settings_error>&);

// SignatureVersion 1 and 2 with the certificate of SigningCertURL, which has to lie with the topic's own region. Raw
// message delivery is not signed: it needs a login or a key in the URL, and its topic is what its header says.
verdict verify(const inbound&, const access&, const fetched_keys&);

// A notification. Views of the request or of this thread's parser (json::slot::request): until its next parse.
struct notification {
  std::string_view topic_arn, message_id, subject, message;
  std::optional<timestamp> sent;  // raw delivery tells no time
};
// A request that verified. What is no notification is done already: a SubscriptionConfirmation as a handshake that
// confirms by a URL of our own making, an UnsubscribeConfirmation kept as unsupported, what cannot be read as `whole`.
std::expected<notification, decoded> unwrap(const inbound&, const access&, const limits&, schemas::channel);

// A sample is JSON: {"Subject", "Message"}; a Message that is no text is sent as its JSON.
outbound sign(const sample&, const access&, std::string_view public_url, const freshness&);

}  // namespace switchboard::connectors::sns
