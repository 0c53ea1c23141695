#include "connectors/common/form.hpp"

#include <algorithm>

namespace switchboard::connectors {

namespace {

constexpr int hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string_view decode(std::string_view encoded, std::vector<char>& out) {
  const std::size_t start = out.size();
  for (std::size_t i = 0; i < encoded.size(); ++i) {
    const char c = encoded[i];
    if (c == '%' && i + 2 < encoded.size()) {
      const int high = hex_digit(encoded[i + 1]), low = hex_digit(encoded[i + 2]);
      if (high >= 0 && low >= 0) {
        out.push_back(static_cast<char>(high << 4 | low));
        i += 2;
        continue;
      }
    }
    out.push_back(c == '+' ? ' ' : c);
  }
  return {out.data() + start, out.size() - start};
}

}  // namespace

std::expected<form, reject_code> form::parse(std::string_view encoded, std::size_t most) {
  form result;
  result.bytes_.reserve(encoded.size());  // decoding never grows, so the views stay valid
  if (static_cast<std::size_t>(std::ranges::count(encoded, '&')) >= most)
    return std::unexpected(reject_code::too_many_items);
  while (!encoded.empty()) {
    const std::string_view pair = encoded.substr(0, encoded.find('&'));
    encoded.remove_prefix(std::min(encoded.size(), pair.size() + 1));
    if (pair.empty()) continue;
    const std::string_view name = pair.substr(0, pair.find('='));
    const std::string_view value = name.size() < pair.size() ? pair.substr(name.size() + 1) : std::string_view{};
    const std::string_view decoded_name = decode(name, result.bytes_);
    result.parameters_.push_back({decoded_name, decode(value, result.bytes_)});
  }
  return result;
}

std::optional<std::string_view> form::find(std::string_view name) const noexcept {
  const auto found = std::ranges::find(parameters_, name, &parameter::name);
  if (found == parameters_.end()) return std::nullopt;
  return found->value;
}

}  // namespace switchboard::connectors
