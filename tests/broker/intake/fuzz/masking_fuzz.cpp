// Masking says what it did, keeps UTF-8 whole, and leaves nothing to mask.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "broker/intake/masking.hpp"
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
  intake::mask_cards_in_json(json);
  return 0;
}
