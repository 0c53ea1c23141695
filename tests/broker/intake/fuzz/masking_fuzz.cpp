// Masking says what it did, keeps UTF-8 whole, and leaves nothing to mask.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "broker/intake/masking.hpp"
#include "connectors/common/json.hpp"
#include "connectors/common/text.hpp"

using namespace switchboard;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  auto masked = text;
  if (intake::mask_cards(masked) != (masked != text) || masked.size() > text.size()) std::abort();
  if (connectors::valid_utf8(text) && !connectors::valid_utf8(masked)) std::abort();
  const auto digits = [](const std::string& s) {
    return std::ranges::count_if(s, [](char c) { return c >= '0' && c <= '9'; });
  };
  if (digits(masked) > digits(text)) std::abort();
  auto json = text;
  const bool was_json = connectors::json::parse_copy(text, 64).has_value();
  if (intake::mask_cards_in_json(json) != (json != text)) std::abort();
  if (was_json && !connectors::json::parse_copy(json, 64)) std::abort();
  return 0;
}
