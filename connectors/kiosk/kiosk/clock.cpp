#include "connectors/kiosk/kiosk/clock.hpp"

namespace switchboard::connectors::kiosk {

namespace {

using namespace std::chrono_literals;

// Before this no device of this protocol existed: the clock was never set.
constexpr timestamp never_set = std::chrono::sys_days(std::chrono::year(2020) / 1 / 1);
constexpr auto believable_offset = 24h;

bool set(timestamp t) noexcept { return t >= never_set; }

}  // namespace

std::optional<timestamp> happened_at(const batch_clock& batch, const item_clock& item) noexcept {
  const bool same_boot = item.boot == batch.boot;
  const std::optional<std::chrono::milliseconds> offset =
      batch.sent_at ? std::optional(batch.received_at - *batch.sent_at) : std::nullopt;
  const bool clock_believable = offset && std::chrono::abs(*offset) <= believable_offset;

  if (same_boot && item.occurred_at && set(*item.occurred_at) && clock_believable) return *item.occurred_at + *offset;
  if (same_boot && item.uptime_ms && batch.uptime_ms && *item.uptime_ms <= *batch.uptime_ms) {
    const std::chrono::milliseconds ago(*batch.uptime_ms - *item.uptime_ms);
    if (batch.received_at - never_set >= ago) return batch.received_at - ago;
  }
  // One boot, one clock: however wrong, it went on evenly. A clock that is set and behind ours says something else: the
  // batch was made days ago and comes only now.
  const bool late = offset && *offset > believable_offset && set(*batch.sent_at);
  if (same_boot && item.occurred_at && offset && !late) {
    const timestamp corrected = *item.occurred_at + *offset;
    if (set(corrected) && corrected <= batch.received_at) return corrected;
  }
  if (item.occurred_at && set(*item.occurred_at) && (!same_boot || !offset || late)) return item.occurred_at;
  return std::nullopt;
}

}  // namespace switchboard::connectors::kiosk
