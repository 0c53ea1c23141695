// Bodies of no fixed shape, read as a source's settings say: what a body means, and where each value stands in it, as
// JSON Pointers. The settings of every connector whose senders choose their own bodies; mapped_item.hpp makes the
// events.
//
// Settings are immutable once read; a mapping belongs to one item of one request.
#pragma once

#include <string>

#include "connectors/common/json.hpp"
#include "connectors/common/text_map.hpp"

namespace switchboard::connectors {

// Where a value of the event comes from.
struct origin {
  bool constant = false;
  std::string value;  // the constant, or a JSON Pointer into the item
};

// What an item becomes.
enum class meaning : std::uint8_t { message, feedback, form, callback, visit, consent, whole, ignored };
std::optional<meaning> meaning_of(std::string_view name) noexcept;

struct mapping_settings {
  schemas::channel channel = schemas::channel::form;
  std::string provider, product, account, calling_code;
  meaning otherwise = meaning::form;
  std::optional<std::string> kind_pointer;  // where an item says what it is
  text_map<meaning> kinds;                  // the sender's names of its kinds
  std::optional<std::string> items;         // a pointer to a list
  bool time_mapped = false;                 // fields.time is written: what it finds must be a time
  text_map<origin> fields;                  // "feedback.score" → where from

  meaning of(std::string_view kind) const;
};

// Values of one item by the names of the settings (`fields.…`). The first thing that is wrong is kept.
class mapping {
 public:
  mapping(const mapping_settings& settings, json::element item) : settings_(settings), item_(item) {}

  // A scalar as text, repaired UTF-8; empty when not mapped, absent or null.
  std::string text(std::string_view field, std::size_t bytes = 4096);
  // One that must be an identifier: no control characters.
  std::string identifier(std::string_view field);
  std::optional<double> number(std::string_view field);
  std::optional<std::int64_t> integer(std::string_view field);
  // RFC 3339, or unix seconds or milliseconds as a number or its digits.
  std::optional<timestamp> time(std::string_view field);
  template <class Enum>
  std::optional<Enum> choice(std::string_view field) {
    const std::string value = text(field);
    if (value.empty()) return std::nullopt;
    const auto found = schemas::from_string<Enum>(value);
    if (!found) fail(reject_code::out_of_range, field);
    return found;
  }
  std::optional<json::element> element(std::string_view field);

  void require(bool present, std::string_view field) {
    if (!present) fail(reject_code::missing_field, field);
  }
  void fail(reject_code, std::string_view field);
  bool failed() const noexcept { return code_.has_value(); }
  reject_code code() const noexcept { return *code_; }
  // Where it was looked for, as a JSON Pointer; the field's name where that is not mapped.
  const std::string& wrong() const noexcept { return wrong_; }

 private:
  const origin* from(std::string_view field) const;
  const mapping_settings& settings_;
  json::element item_;
  std::optional<reject_code> code_;
  std::string wrong_;
};

}  // namespace switchboard::connectors
