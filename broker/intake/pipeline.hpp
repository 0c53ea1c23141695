// From a request's bytes to a unit for the journal: verify, decode, normalise. The same function serves `serve`, `decode` and `replay`.
//
// Pure but for its arguments: no clock, no I/O, no state. Any thread. Nothing authentic is dropped: each item of an authenticated
// request ends in the unit as an event or as quarantine, or the request is a control exchange.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "broker/journal/journal.hpp"
#include "connectors/contract.hpp"
#include "schemas/codec.hpp"

namespace switchboard::intake {

using schemas::uuid;

// The secret of a tenant and what is derived from it (HKDF): one key for keyed hashes, one that seals originals at rest.
struct tenant {
  std::string id;
  std::array<std::uint8_t, 32> hash_key{};
  std::array<std::uint8_t, 32> seal_key{};
};

// One routing or handling rule: when every condition holds, then …
struct rule {
  std::string name;
  struct condition { std::string field; std::vector<std::string> any_of; };  // "category", "channel", "type", "account", "text" (contains), …
  std::vector<condition> when;
  std::optional<schemas::category> category;
  std::string priority;
  std::optional<std::chrono::seconds> due_within;
  std::vector<std::string> also_to;  // logical topics added
};

enum class key_by : std::uint8_t { conversation, party };

// One configured use of a connector. Immutable; a reload replaces it whole.
struct source {
  std::string id;
  const connectors::connector* connector = nullptr;
  std::shared_ptr<const connectors::prepared> prepared;
  uuid name_space;                                        // immutable: event ids are made over it
  std::shared_ptr<const intake::tenant> tenant;           // when all accounts belong to one
  std::unordered_map<std::string, std::shared_ptr<const intake::tenant>> accounts;  // account id → tenant; empty: `tenant`
  std::string path;                                       // "/in/{id}"
  std::string public_url;                                 // scheme://host[:port], empty: from the request's Host
  connectors::limits limits;
  std::vector<rule> rules;
  key_by key = key_by::conversation;
  bool store_raw = false;                                 // sealed copy of every request to the raw topic
  bool test = false;                                      // every event flagged `test`
  std::chrono::minutes skew_allowed{5};
  std::vector<std::string> unmasked_prompts;
};

enum class outcome : std::uint8_t { accepted, control, rejected, quarantined, needs_key };
std::string_view to_string(outcome) noexcept;

struct environment {
  schemas::codec_settings codec;
  const connectors::fetched_keys* keys = nullptr;
  int blob_retention_days = 30;
  bool skip_verify = false;                               // offline only: authentication.result is `skipped`
};

struct processed {
  intake::outcome outcome = outcome::rejected;
  std::optional<connectors::reject_code> code;            // rejected, quarantined
  std::string_view hint;                                  // rejected: for the sender's operator
  std::string key_url;                                    // needs_key
  connectors::decoded decoded;                            // for reply()
  std::vector<connectors::item_outcome> items;            // what the decoder's items became, in order; duplicates are known after the append
  std::vector<std::size_t> message_of_item;               // index into unit.messages, npos for none
  journal::unit unit;
  std::vector<std::pair<std::string, std::string>> large_blobs;  // reference, bytes: to the blob store before the append
};

processed process(const source&, const connectors::inbound&, const environment&);

// The reply towards the provider, once the journal has answered (`duplicates` fill in what only it knows).
connectors::response reply(const source&, const connectors::inbound&, const processed&, std::span<const journal::message_outcome>);

}  // namespace switchboard::intake
