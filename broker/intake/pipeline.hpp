// From a request's bytes to a unit for the journal: verify, decode, normalise. The same function serves `serve`,
// `decode` and `replay`.
//
// Pure but for its arguments: no clock, no I/O, no state (nonces of sealed originals come from `environment`). Any
// thread. Nothing authentic is dropped: each item of an authenticated request ends in the unit as an event or as
// quarantine, or the request is a control exchange.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "broker/intake/keys.hpp"
#include "broker/intake/masking.hpp"
#include "broker/intake/sealing.hpp"
#include "broker/journal/journal.hpp"
#include "connectors/contract.hpp"
#include "schemas/codec.hpp"
#include "schemas/records.hpp"

namespace switchboard::intake {

using schemas::uuid;

// One routing or handling rule: when every condition holds, then … Rules are tried in their order. Category, priority
// and due time are each decided by the first rule that holds and gives one, and never over what the customer chose;
// `also_to` adds up. A condition on the category sees what earlier rules decided. See rules.hpp for the fields.
struct rule {
  std::string name;
  struct condition {
    std::string field;
    std::vector<std::string> any_of;
  };  // "category", "channel", "type", "account", "text" (contains), …
  std::vector<condition> when;
  std::optional<schemas::category> category;
  std::string priority;
  std::optional<std::chrono::seconds>
      due_within;                    // due_at = time + due_within; from receipt where the time lies ahead of it
  std::vector<std::string> also_to;  // logical topics added
};

enum class key_by : std::uint8_t { conversation, party };

// One configured use of a connector. Immutable; a reload replaces it whole.
struct source {
  std::string id;
  const connectors::connector* connector = nullptr;
  std::shared_ptr<const connectors::prepared> prepared;
  uuid name_space;  // immutable: event ids are made over it
  // When all accounts belong to one. Beside `accounts` it is who owns what cannot be mapped; without it the first of
  // them by id does.
  std::shared_ptr<const intake::tenant> tenant;
  std::unordered_map<std::string, std::shared_ptr<const intake::tenant>>
      accounts;            // account id → tenant; empty: `tenant`
  std::string path;        // "/in/{id}"
  std::string public_url;  // scheme://host[:port], empty: from the request's Host
  connectors::limits limits;
  std::vector<rule> rules;
  key_by key = key_by::conversation;
  bool store_raw = false;  // sealed copy of every request to the raw topic
  bool test = false;       // every event flagged `test`
  std::chrono::minutes skew_allowed{5};
  std::size_t call_digits = call_digits_kept;  // of one call's digits in one request, how many stay readable
  std::vector<std::string> unmasked_prompts;
};

enum class outcome : std::uint8_t { accepted, control, rejected, quarantined, needs_key };
std::string_view to_string(outcome) noexcept;

struct environment {
  schemas::codec_settings codec;
  const connectors::fetched_keys* keys = nullptr;
  int blob_retention_days = 30;
  bool skip_verify = false;  // offline only: authentication.result is `skipped`
  // Replay: the verdict of the first time, trusted instead of verifying again (a signature's time may have passed).
  const schemas::verdict_info* trusted = nullptr;
  // Replay of what was published already: events get a superseding id, `related` names the old one, object.revision
  // this text.
  std::string supersede;
  random_source random;  // empty: OpenSSL's. Only nonces draw on it
};

struct processed {
  intake::outcome outcome = outcome::rejected;
  std::optional<connectors::reject_code> code;  // rejected, quarantined
  std::string_view hint;                        // rejected: for the sender's operator
  std::string_view challenge;                   // rejected: WWW-Authenticate of the answer
  schemas::verdict_info verdict;                // of what is authentic
  std::string key_url;                          // needs_key
  connectors::decoded decoded;                  // for reply()
  std::vector<connectors::item_outcome>
      items;  // what the decoder's items became, in order; duplicates are known after the append
  static constexpr std::size_t npos = static_cast<std::size_t>(-1);
  std::vector<std::size_t> message_of_item;  // index into unit.messages, npos for none
  journal::unit unit;
  // What went to quarantine and why, in the order of the unit's records; `item` is absent for the request as a whole.
  struct quarantined_item {
    std::optional<std::uint32_t> item;
    connectors::reject_code code;
    std::string pointer;
  };
  std::vector<quarantined_item> quarantined;
  std::vector<std::pair<std::string, std::string>>
      large_blobs;  // reference, bytes: to the blob store before the append
};

// accepted: at least one item is an event, whatever became of the others. quarantined: no item is, or the request as a
// whole cannot be taken; `code` is the first reason. An authentic request in which the decoder finds nothing, not even
// a handshake, is quarantined (unknown_kind), never ignored. control: a handshake, and nothing in the unit.
// unit.items_decoded counts what has to end in the journal, at the decoder: items, or one for the request as a whole.
// The journal counts unit.messages, raw copies aside; the ledger compares the two.
processed process(const source&, const connectors::inbound&, const environment&);

// The same request as one quarantine record, its original in a blob that is stored before the append: for what turned
// out to be more than the journal takes in one piece. `request` is what process() made of it; its unit is not looked
// at.
processed set_aside(const source&, const connectors::inbound&, const environment&, processed request,
                    connectors::reject_code);

// What a request within these limits becomes in the journal at most, in bytes. A segment has to hold it.
std::uint64_t largest_unit(const connectors::limits&) noexcept;

// The reply towards the provider, once the journal has answered (`duplicates` fill in what only it knows): the
// connector's for accepted and quarantined, the handshake for control, an error of ours for rejected (401, 405, 413,
// 415) and needs_key (503).
connectors::response reply(const source&, const connectors::inbound&, const processed&,
                           std::span<const journal::message_outcome>);

// The URL as the provider called it, which signatures cover: the source's public_url, else scheme and host of the
// request.
std::string called_url(const source&, std::string_view target, std::string_view scheme, std::string_view host);

}  // namespace switchboard::intake
