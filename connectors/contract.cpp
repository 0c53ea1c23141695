#include "connectors/contract.hpp"

#include "connectors/common/text.hpp"

namespace switchboard::connectors {

std::optional<std::string_view> inbound::find(std::string_view name) const noexcept {
  for (const header& h : headers)
    if (equal_without_case(h.name, name)) return h.value;
  return std::nullopt;
}

std::string_view to_string(reject_code code) noexcept {
  static constexpr std::array<std::string_view, reject_code_count> names{
      "missing_signature",  "bad_signature",      "malformed_signature",
      "unknown_credential", "stale_timestamp",    "missing_timestamp",
      "bad_body_hash",      "method_not_allowed", "unsupported_media_type",
      "malformed_body",     "missing_field",      "wrong_type",
      "out_of_range",       "invalid_utf8",       "too_many_items",
      "too_deep",           "unmapped_account",   "unknown_kind",
      "too_large"};
  static_assert(static_cast<std::size_t>(reject_code::too_large) + 1 == reject_code_count);
  return names[static_cast<std::size_t>(code)];
}

}  // namespace switchboard::connectors
