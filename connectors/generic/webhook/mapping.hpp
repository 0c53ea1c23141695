// Values of one item by the names of the settings (`fields.…`). The first thing that is wrong is kept.
#pragma once

#include "connectors/common/json.hpp"
#include "connectors/generic/webhook/settings.hpp"

namespace switchboard::connectors::webhook {

class mapping {
 public:
  mapping(const configuration& settings, json::element item) : settings_(settings), item_(item) {}

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
  const configuration& settings_;
  json::element item_;
  std::optional<reject_code> code_;
  std::string wrong_;
};

}  // namespace switchboard::connectors::webhook
