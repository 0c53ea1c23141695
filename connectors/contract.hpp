// The connector contract: a push connector is data plus pure functions.
//
// Nothing here logs, sleeps, reads the clock or opens a socket. All functions may be called from any thread at once;
// what they share is immutable (`prepared`). Views in `inbound` live until the call returns; results own what they
// keep.
#pragma once

#include <array>
#include <boost/json/object.hpp>
#include <chrono>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "schemas/event.hpp"

namespace switchboard::connectors {

using schemas::timestamp;

// --- what arrived ---
struct header {
  std::string_view name, value;
};

struct inbound {
  std::string_view method;  // "POST"
  std::string_view target;  // the request target as it arrived: path and query
  std::string_view
      public_url;  // the whole URL as the provider called it (source's public_url + target); what signatures cover
  std::span<const header> headers;
  std::string_view body;  // raw bytes. At least body_padding readable bytes follow, so simdjson can parse in place
  std::string_view peer;  // address, without port
  timestamp received_at{};

  static constexpr std::size_t body_padding = 64;
  // The value of the first header of that name, names compared without case; nullopt when there is none.
  std::optional<std::string_view> find(std::string_view name) const noexcept;
};

// Why a request or an item was not taken as an event. Bounded: these names are metric labels and wire codes.
enum class reject_code : std::uint8_t {
  // verification: the sender is told 401/403
  missing_signature,
  bad_signature,
  malformed_signature,
  unknown_credential,
  stale_timestamp,
  missing_timestamp,
  bad_body_hash,
  method_not_allowed,
  unsupported_media_type,
  // decoding: authentic, so stored in quarantine and accepted towards the sender
  malformed_body,
  missing_field,
  wrong_type,
  out_of_range,
  invalid_utf8,
  too_many_items,
  too_deep,
  unmapped_account,
  unknown_kind,
  too_large,
};
inline constexpr std::size_t reject_code_count = 19;
std::string_view to_string(reject_code) noexcept;

// --- verify ---
struct authentic {
  std::string principal;
  std::string_view method;
};  // who (device, account sid); how: "hmac-sha256", static storage
struct rejected {
  reject_code code;
  std::string_view hint;
  std::string_view challenge = {};  // the answer's WWW-Authenticate, for who sends a login only when asked
};  // hint: what to check, static storage, no payload text
struct needs_key {
  std::string url;
};  // fetch this, then verify again
using verdict = std::variant<authentic, rejected, needs_key>;

// Bodies fetched for `needs_key`, by URL. Owned by the transport.
class fetched_keys {
 public:
  virtual ~fetched_keys() = default;
  virtual std::optional<std::string> find(std::string_view url) const = 0;
};

// --- decode ---
// Bytes that belong to an attachment of the event and travelled with the request.
struct blob_part {
  std::size_t attachment = 0;
  std::string bytes;
};

// A gapless-or-not counter of the sender's own that stops replays older than the dedupe window: (scope, value) is taken
// once.
struct sequence_mark {
  std::string scope;
  std::uint64_t value = 0;
};

struct contact {
  // Filled by the connector, except what intake owns: id, tenant, partition_key, recorded_at, object.id,
  // conversation.id and alias_ids, raw, authentication, source, handling by rules.
  schemas::event event;
  std::string
      key;  // the provider's key of this fact, stable over retries; empty: the id is made from the content, flagged
  std::uint32_t ordinal = 0;              // distinguishes several facts under one key and type
  std::uint64_t fingerprint = 0;          // of the content without what a retry may vary: common/fingerprint.hpp
  std::vector<std::string> conversation;  // parts that every event of the conversation carries; hashed by intake
  std::vector<std::vector<std::string>> conversation_aliases;  // the same under other identifiers
  std::string conversation_id;  // where the company's own token brought the id back; `conversation` is then an alias
  std::optional<std::size_t> derived_from;  // index of the item of this request it derives from
  std::vector<blob_part> blobs;
  std::optional<sequence_mark> sequence;
};

// Well-formed, of a kind we do not know: published as contact.unsupported. `fact.event` carries what is known.
struct unsupported {
  contact fact;
  std::string kind;
  std::string raw;
};
// Authentic, but cannot be mapped: goes to quarantine. `pointer` is where, as a JSON Pointer or field name of ours,
// never payload text. `account` is the company's end as far as the item names it: of a source with several tenants the
// record is then the tenant's whose account it is.
struct item_rejected {
  reject_code code;
  std::string pointer;
  std::string raw;
  schemas::event::account_info account{};
};

using item = std::variant<contact, unsupported, item_rejected>;

// A control exchange (a GET challenge, a subscription): answered, nothing is journalled. `confirm` is fetched before
// the reply, from the hosts that `fetch_hosts` allows; 503 when that fails. The headers go out as they stand, but for
// those that frame the message. A source takes only the connector's `methods`: name GET or OPTIONS there, and let
// verify() find such a request authentic by what it carries.
struct handshake {
  int status = 200;
  std::string content_type, body;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string confirm_url;
};

struct decoded {
  std::vector<item> items;
  std::optional<connectors::handshake> handshake;
  std::optional<item_rejected> whole;  // the request as a whole cannot be read: quarantine
};

struct limits {
  std::size_t body_bytes = 1 << 20;
  std::size_t items = 1000;
  std::size_t depth = 64;
  std::size_t text_bytes = 64 << 10;  // longer text is cut, flagged truncated
};

// --- reply ---
// An answer that needs a nonce and a time (an encrypted one) takes them from what arrived: a MAC with the connector's
// own secret over the request's bytes and received_at is as good as random, and the same request has the same answer.
enum class item_outcome : std::uint8_t { accepted, duplicate, quarantined, unsupported };
struct response {
  int status = 200;
  std::string content_type, body;
  std::vector<std::pair<std::string, std::string>> headers;
};

// --- sign: for `send` and the load generator ---
struct sample {
  std::string_view name;                        // file name in samples/
  std::string_view description;                 // one line
  std::string_view method, content_type, body;  // body with {{placeholders}} for fresh ids and times: common/sample.hpp
};
// What a signer may draw on: nothing in a connector reads a clock or a random device.
struct freshness {
  timestamp now{};
  std::uint64_t random = 0;
  std::uint64_t counter = 0;
};
struct outbound {
  std::string method, target;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

// --- configuration ---
enum class value_type : std::uint8_t { boolean, integer, number, string, secret, duration, size, pointer, list, map };
struct option {
  std::string_view name;  // "fields.text": dots for nesting
  value_type type = value_type::string;
  bool required = false;
  std::string_view default_value;  // as it would be written
  std::string_view text;           // one sentence for the reference
};
// One entry of a source's `credentials` list, its secrets resolved.
using credential = boost::json::object;
struct settings_error {
  std::string pointer, message, hint;
};  // pointer: RFC 6901 into {"settings": …, "credentials": […]}
struct prepared {
  virtual ~prepared() = default;
};  // a connector's own immutable form of settings and credentials
using prepare_result = std::expected<std::shared_ptr<const prepared>, std::vector<settings_error>>;

// --- the connector ---
struct retry_policy {
  std::chrono::seconds retries_for{};         // 0: never retries; the longest are shed first under overload
  std::chrono::milliseconds deadline{15000};  // the provider gives up on the reply after this
  std::string_view text;                      // "retries once on connection failure, then the fallback URL"
  std::string_view advice;                    // what to set at the provider; printed by `check`
};
enum class maturity : std::uint8_t { stable, beta };
// How far a request may be trusted: printed in the connector table.
struct posture {
  std::string_view authentication;
  bool replay_window = false;
  bool covers_body = true;  // a changed body is noticed
  std::string_view remark;
};
// What the provider calls something, and the event that it becomes: the table of docs/connectors/<name>.md.
struct emission {
  std::string_view kind;  // in the provider's own terms, Markdown
  schemas::event_type type;
  std::string_view text;  // what else there is to say, Markdown; may be empty
};

struct connector {
  std::string_view name;     // "twilio-messaging", unique
  std::string_view channel;  // its folder; every event sets its own channel
  std::string_view provider, title;
  std::string_view version;  // connector_version in the event
  maturity status = maturity::beta;
  connectors::limits limits;
  retry_policy retry;
  connectors::posture posture;
  std::string_view example;  // a source of it as YAML, from its folder: `switchboard connectors --example`
  std::span<const std::string_view> methods;  // "POST", "GET"
  std::span<const emission> emits;            // all that it can emit
  std::span<const option> credentials, settings;
  std::span<const sample> samples;

  prepare_result (*prepare)(const boost::json::object& settings, std::span<const credential> credentials);
  verdict (*verify)(const inbound&, const prepared&, const fetched_keys&);
  decoded (*decode)(const inbound&, const prepared&, const authentic&, const connectors::limits&);
  response (*reply)(const inbound&, const prepared&, const decoded&, std::span<const item_outcome>);
  outbound (*sign)(const sample&, const prepared&, std::string_view public_url, const freshness&);
};

}  // namespace switchboard::connectors
