// What the webhooks of all Meta products share: WhatsApp, Messenger and Page feed, Instagram. Pure, any thread.
//
// One app has one secret and one webhook for all businesses that use it; its requests batch up to a thousand updates of
// many accounts: {"object", "entry": [{"id", "time", "changes" | "messaging" | "standby": […]}]}.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/common/json.hpp"
#include "connectors/contract.hpp"

namespace switchboard::connectors::meta {

// --- who may send
// One credential for each app, or more while a secret is rotated. Any secret and any token of the source is accepted.
extern const std::span<const option> credential_options;  // app_secret, verify_token
struct access {
  std::vector<std::string> app_secrets, verify_tokens;
};
access read_access(std::span<const credential>, std::vector<settings_error>&);

// POST: X-Hub-Signature-256 over the raw body. GET: hub.mode, and hub.verify_token in constant time.
verdict verify(const inbound&, const access&);
// The answer to a GET that verified: its hub.challenge. nullopt for any other request.
std::optional<handshake> answer_challenge(const inbound&);
// A sample, filled and signed with one of the secrets.
outbound sign(const sample&, const access&, std::string_view public_url, const freshness&);

// --- what was sent
enum class list : std::uint8_t { changes, messaging, standby };
struct update {
  list in;
  std::string_view entry_id;            // the account: WhatsApp business account, page, Instagram account
  std::optional<timestamp> entry_time;  // when Meta sent it
  std::string_view field;               // of a change; else empty
  json::element value;                  // the change's value; in messaging[] and standby[] the element itself
  json::element whole;                  // the element of the list, as it is to be kept
  std::string pointer;                  // of `value`: "/entry/0/changes/1/value"
};

// Parses the body and calls `each` for every update, in order; it appends what the update becomes to `out.items`. An
// element that is none becomes an item_rejected of its own. `objects`: the values of "object" that this connector
// serves; a request about another one, well-formed as it may be, is kept whole as unsupported ("object/user").
// Entries that carry `field` and `value` themselves are read as one change. `out.whole` is set when the body cannot
// be read, or gives more than limits.items. The elements live until the next parse on this thread.
decoded walk(const inbound&, const limits&, std::span<const std::string_view> objects,
             const std::function<void(const update&, std::vector<item>& out)>& each);

// Meta writes times in seconds or milliseconds, as numbers or as digits in a text.
std::optional<timestamp> time_of(json::element);

}  // namespace switchboard::connectors::meta
