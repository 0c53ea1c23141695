// What Twilio's products have in common: tokens and signatures, how parameters are packed, addresses, Event Streams.
//
// Pure functions, any thread.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/common/form.hpp"
#include "connectors/common/json.hpp"
#include "connectors/contract.hpp"

namespace switchboard::connectors::twilio {

struct token {
  std::string account_sid;  // empty: any account
  std::string secret;
  std::string shared_key_id;  // of a shared key (HMAC-SHA256); empty: an Auth Token (HMAC-SHA1)
};

// What an entry of a source's credentials may hold, and the tokens of all of them; what is wrong goes to `errors`.
extern const std::span<const option> credential_options;
std::vector<token> read_tokens(std::span<const credential>, std::vector<settings_error>& errors);

// X-Twilio-Signature, under any of the tokens of the account that the request names.
verdict verify(const inbound&, std::span<const token>);
// "{account}" in a sample's body becomes the account of the token that signs. There is at least one token.
outbound sign(const sample&, std::span<const token>, std::string_view public_url, const freshness&);

// How Twilio packs the parameters, and so what its signature covers.
enum class packing : std::uint8_t {
  query,  // GET: the URL alone
  form,   // POST: the URL and every parameter, sorted
  json,   // POST: the URL, which carries the body's hash
};
packing packing_of(const inbound&);

// The parameters as they stand in the request, encoded; not for packing::json.
std::string_view encoded_parameters(const inbound&);
// A value of Twilio's own (identifiers, URLs, titles): at most 8 KiB of UTF-8.
std::string value_of(const form&, std::string_view name);
// The same over all retries of one request; empty when Twilio did not send it.
std::string idempotency_token(const inbound&);
// Over all parameters but those that a retry through the fallback URL adds and those looked up anew for each attempt.
std::uint64_t fingerprint_of(const form&);

// Twilio's addresses: "+14155550100", "72345", "ACME", "whatsapp:+14155550100", "sip:a@b.example", "client:ann".
struct address {
  std::string_view prefix;  // "whatsapp": lower-case letters; empty for telephone numbers and whatever else
  std::string_view rest;
};
address parse_address(std::string_view) noexcept;

// Event Streams: CloudEvents as JSON, one or a list. `known` gives the items of those that it understands; whatever it
// gives none for is kept whole under its own id, as unsupported.
using event_stream_decoder = std::function<std::vector<item>(json::element)>;
decoded decode_event_streams(const inbound&, schemas::channel, const authentic&, const limits&,
                             const event_stream_decoder& known = {});
// Parameters of a hook that a connector does not decode, kept whole. `kind`: "call", "conversation"; cut where too
// long.
unsupported unknown_hook(const inbound&, const form&, schemas::channel, std::string_view kind);

// 200 with TwiML: `verbs` are the XML inside <Response>.
response twiml(std::string_view verbs);

}  // namespace switchboard::connectors::twilio
