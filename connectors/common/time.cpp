#include "connectors/common/time.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "connectors/common/text.hpp"

namespace switchboard::connectors {

namespace {

constexpr std::int64_t end_of_9999 = 253'402'300'800;  // seconds

std::string_view word(std::string_view& rest) noexcept {
  rest = trimmed(rest);
  const std::string_view found = rest.substr(0, rest.find(' '));
  rest.remove_prefix(found.size());
  return found;
}

std::optional<int> digits(std::string_view s, std::size_t least, std::size_t most) noexcept {
  if (s.size() < least || s.size() > most) return std::nullopt;
  const auto value = plain_integer(s);
  return value ? std::optional(static_cast<int>(*value)) : std::nullopt;
}

constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::array<std::string_view, 7> weekdays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

std::optional<int> month_of(std::string_view name) noexcept {
  const auto found =
      std::ranges::find_if(months, [&](std::string_view each) { return equal_without_case(each, name); });
  if (found == months.end()) return std::nullopt;
  return static_cast<int>(found - months.begin()) + 1;
}

// Minutes east of Greenwich.
std::optional<int> zone_of(std::string_view zone) noexcept {
  if (zone == "GMT" || zone == "UT" || zone == "UTC" || zone == "Z") return 0;
  constexpr std::string_view american = "EDT EST CDT CST MDT MST PDT PST";  // four hours west and one more each
  if (const auto found = american.find(zone); zone.size() == 3 && found != std::string_view::npos && found % 4 == 0)
    return -60 * (4 + static_cast<int>(found / 4 + 1) / 2);
  const bool colon = zone.size() == 6 && zone[3] == ':';
  if ((zone.size() != 5 && !colon) || (zone[0] != '+' && zone[0] != '-')) return std::nullopt;
  const auto hours = digits(zone.substr(1, 2), 2, 2), minutes = digits(zone.substr(colon ? 4 : 3), 2, 2);
  if (!hours || !minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  const int offset = *hours * 60 + *minutes;
  return zone[0] == '-' ? -offset : offset;
}

}  // namespace

std::optional<schemas::timestamp> from_unix_seconds(std::int64_t s) noexcept {
  if (s < 0 || s >= end_of_9999) return std::nullopt;
  return schemas::timestamp(std::chrono::seconds(s));
}

std::optional<schemas::timestamp> from_unix_milliseconds(std::int64_t ms) noexcept {
  if (ms < 0 || ms >= end_of_9999 * 1000) return std::nullopt;
  return schemas::timestamp(std::chrono::milliseconds(ms));
}

std::optional<schemas::timestamp> from_unix(std::int64_t value) noexcept {
  constexpr std::int64_t eleven_digits = 10'000'000'000;
  return value < eleven_digits ? from_unix_seconds(value) : from_unix_milliseconds(value);
}

std::optional<schemas::timestamp> from_iso8601(std::string_view written) noexcept {
  const auto size = written.size();
  const bool bare = size > 24 - 5 && size <= 40 && (written[size - 5] == '+' || written[size - 5] == '-') &&
                    written.substr(size - 5).find(':') == std::string_view::npos;
  if (!bare) return schemas::timestamp_from_rfc3339(written);
  std::array<char, 41> with_colon{};
  auto* end = std::ranges::copy(written.substr(0, size - 2), with_colon.begin()).out;
  *end++ = ':';
  end = std::ranges::copy(written.substr(size - 2), end).out;
  return schemas::timestamp_from_rfc3339({with_colon.data(), end});
}

std::optional<std::int64_t> plain_integer(std::string_view s) noexcept {
  std::int64_t value = 0;
  if (s.empty() || s[0] < '0' || s[0] > '9') return std::nullopt;
  const auto [end, error] = std::from_chars(s.data(), s.data() + s.size(), value);
  if (error != std::errc{} || end != s.data() + s.size()) return std::nullopt;
  return value;
}

std::optional<schemas::timestamp> from_rfc2822(std::string_view text) noexcept {
  if (const auto comma = text.find(','); comma != std::string_view::npos) text.remove_prefix(comma + 1);
  const auto day = digits(word(text), 1, 2);
  const auto month = month_of(word(text));
  const auto year = digits(word(text), 4, 4);
  const std::string_view clock = word(text);
  const auto zone = zone_of(word(text));
  text = trimmed(text);
  const bool comment = text.starts_with('(') && text.ends_with(')');  // "(UTC)"
  if (!day || !month || !year || !zone || !(text.empty() || comment)) return std::nullopt;
  if ((clock.size() != 8 && clock.size() != 5) || clock[2] != ':' || (clock.size() == 8 && clock[5] != ':'))
    return std::nullopt;
  const auto hour = digits(clock.substr(0, 2), 2, 2), minute = digits(clock.substr(3, 2), 2, 2);
  const auto second = clock.size() == 8 ? digits(clock.substr(6, 2), 2, 2) : std::optional(0);
  if (!hour || !minute || !second || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;

  using namespace std::chrono;
  const year_month_day date(std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                            std::chrono::day(static_cast<unsigned>(*day)));
  if (!date.ok()) return std::nullopt;
  const auto at = sys_days(date) + hours(*hour) + minutes(*minute - *zone) + seconds(*second);
  return from_unix_seconds(at.time_since_epoch().count());
}

std::string to_rfc2822(schemas::timestamp at) {
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date(day);
  const std::string iso = schemas::to_string(at);  // 2026-05-05T10:00:00.000Z
  std::string out(weekdays[std::chrono::weekday(day).c_encoding()]);
  out.append(", ").append(iso, 8, 2).append(" ").append(months[static_cast<unsigned>(date.month()) - 1]);
  return out.append(" ").append(iso, 0, 4).append(" ").append(iso, 11, 8).append(" +0000");
}

}  // namespace switchboard::connectors
