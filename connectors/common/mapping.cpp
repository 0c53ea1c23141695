#include "connectors/common/mapping.hpp"

#include <charconv>
#include <cmath>

#include "connectors/common/text.hpp"
#include "connectors/common/time.hpp"

namespace switchboard::connectors {

meaning mapping_settings::of(std::string_view kind) const {
  const auto known = kinds.find(kind);
  return known == kinds.end() ? otherwise : known->second;
}

const origin* mapping::from(std::string_view field) const {
  const auto found = settings_.fields.find(field);
  return found == settings_.fields.end() ? nullptr : &found->second;
}

std::optional<json::element> mapping::element(std::string_view field) {
  const origin* where = from(field);
  if (!where || where->constant) return std::nullopt;
  auto found = json::at(item_, where->value);
  if (found && found->is_null()) return std::nullopt;
  return found;
}

std::string mapping::text(std::string_view field, std::size_t bytes) {
  const origin* where = from(field);
  if (where && where->constant) return where->value;
  const auto found = element(field);
  if (!found) return {};
  const auto value = json::scalar(*found);
  if (!value) {
    fail(reject_code::wrong_type, field);
    return {};
  }
  return std::string(cut(*value, bytes));
}

std::string mapping::identifier(std::string_view field) {
  std::string value = text(field, 1024);
  if (value.empty() || connectors::identifier(value, 512)) return value;
  fail(reject_code::out_of_range, field);
  return {};
}

std::optional<double> mapping::number(std::string_view field) {
  const std::string value = text(field);
  if (value.empty()) return std::nullopt;
  double out = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), out);
  if (error == std::errc{} && end == value.data() + value.size() && std::isfinite(out)) return out;
  fail(error == std::errc::result_out_of_range ? reject_code::out_of_range : reject_code::wrong_type, field);
  return std::nullopt;
}

std::optional<std::int64_t> mapping::integer(std::string_view field) {
  const std::string value = text(field);
  if (value.empty()) return std::nullopt;
  const auto out = plain_integer(value);
  if (!out) fail(reject_code::wrong_type, field);
  return out;
}

std::optional<timestamp> mapping::time(std::string_view field) {
  const std::string value = text(field);
  if (value.empty()) return std::nullopt;
  auto out = schemas::timestamp_from_rfc3339(value);
  if (const auto digits = plain_integer(value); !out && digits) out = from_unix(*digits);
  if (!out) fail(reject_code::out_of_range, field);
  return out;
}

void mapping::fail(reject_code code, std::string_view field) {
  if (code_) return;
  code_ = code;
  const origin* where = from(field);
  wrong_ = where && !where->constant ? where->value : "fields." + std::string(field);
}

}  // namespace switchboard::connectors
