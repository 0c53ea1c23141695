#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>

#include "broker/config/schema.hpp"

namespace switchboard::config {
namespace {

struct unit {
  std::string_view name;
  std::int64_t factor;
};
constexpr unit durations[] = {{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}};
constexpr unit sizes[] = {{"", 1},
                          {"B", 1},
                          {"KiB", 1ll << 10},
                          {"MiB", 1ll << 20},
                          {"GiB", 1ll << 30},
                          {"TiB", 1ll << 40},
                          {"KB", 1000},
                          {"MB", 1'000'000},
                          {"GB", 1'000'000'000},
                          {"TB", 1'000'000'000'000}};

// Takes digits and the letters behind them off the front.
bool take(std::string_view& text, std::int64_t& count, std::string_view& name) noexcept {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc{} || count < 0) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  const auto letters =
      std::ranges::find_if_not(text, [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); });
  name = text.substr(0, static_cast<std::size_t>(letters - text.begin()));
  text.remove_prefix(name.size());
  return true;
}

std::optional<std::int64_t> product(std::int64_t count, std::string_view name, std::span<const unit> units) noexcept {
  const auto found = std::ranges::find(units, name, &unit::name);
  std::int64_t result = 0;
  if (found == units.end() || __builtin_mul_overflow(count, found->factor, &result)) return std::nullopt;
  return result;
}

std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0u);
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t substituted = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({substituted, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::optional<bool> parse_boolean(std::string_view text) noexcept {
  if (text == "true") return true;
  if (text == "false") return false;
  return std::nullopt;
}

std::optional<std::int64_t> parse_integer(std::string_view text) noexcept {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<double> parse_number(std::string_view text) noexcept {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) noexcept {
  if (text == "0") return std::chrono::milliseconds{0};
  if (text.empty()) return std::nullopt;
  std::int64_t total = 0;
  while (!text.empty()) {
    std::int64_t count = 0;
    std::string_view name;
    if (!take(text, count, name)) return std::nullopt;
    const auto part = product(count, name, durations);
    if (!part || __builtin_add_overflow(total, *part, &total)) return std::nullopt;
  }
  return std::chrono::milliseconds{total};
}

std::optional<std::int64_t> parse_size(std::string_view text) noexcept {
  std::int64_t count = 0;
  std::string_view name;
  if (!take(text, count, name) || !text.empty()) return std::nullopt;
  return product(count, name, sizes);
}

std::optional<std::string_view> nearest(std::string_view written, std::span<const std::string_view> candidates) {
  std::optional<std::string_view> best;
  std::size_t least = std::max<std::size_t>(2, written.size() / 3) + 1;
  for (const auto candidate : candidates) {
    const auto d = distance(written, candidate);
    if (d < least) {
      least = d;
      best = candidate;
    }
  }
  return best;
}

}  // namespace switchboard::config
