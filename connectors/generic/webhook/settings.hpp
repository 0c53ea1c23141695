#pragma once

#include <optional>
#include <string>
#include <vector>

#include "connectors/common/crypto.hpp"
#include "connectors/common/text_map.hpp"
#include "connectors/contract.hpp"

namespace switchboard::connectors::webhook {

// Where a value of the event comes from.
struct origin {
  bool constant = false;
  std::string value;  // the constant, or a JSON Pointer into the item
};

// What an item becomes.
enum class meaning : std::uint8_t { message, feedback, form, callback, visit, consent, ignored };
std::optional<meaning> meaning_of(std::string_view name) noexcept;

// Immutable, shared by all threads.
struct configuration final : prepared {
  std::vector<std::string> secrets;      // v1
  std::vector<key_handle> public_keys;   // v1a
  std::vector<key_handle> private_keys;  // v1a, for signing samples
  std::chrono::milliseconds tolerance{};

  schemas::channel channel = schemas::channel::form;
  std::string provider, product, account, calling_code;
  meaning otherwise = meaning::form;
  std::string kind_pointer;
  text_map<meaning> kinds;
  bool time_mapped = false;          // fields.time is written: what it finds must be a time
  std::optional<std::string> items;  // a pointer to a list
  text_map<origin> fields;           // "feedback.score" → where from
};

extern const std::span<const option> credential_options, setting_options;
prepare_result prepare(const boost::json::object& settings, std::span<const credential> credentials);

}  // namespace switchboard::connectors::webhook
