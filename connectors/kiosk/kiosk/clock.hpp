// When something happened on a device whose clock may be wrong.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "connectors/contract.hpp"

namespace switchboard::connectors::kiosk {

// What a batch says about the device's clock.
struct batch_clock {
  timestamp received_at{};
  std::string_view boot;
  std::optional<timestamp> sent_at;
  std::optional<std::int64_t> uptime_ms;  // of the device when it sent the batch
};

struct item_clock {
  std::string_view boot;
  std::optional<timestamp> occurred_at;
  std::optional<std::int64_t> uptime_ms;
};

// nullopt when nothing believable is known: the time of receipt stands in.
//
// Within the batch's boot the device's clock is compared with ours: occurred_at + (received_at − sent_at). Where that
// clock cannot be believed (unset, or more than a day off), the time between the item and the batch by uptime counts.
// From an earlier boot nothing of this is known, so a believable occurred_at stands as the device wrote it, and so it
// does in a batch that was made days ago and tells no uptime.
std::optional<timestamp> happened_at(const batch_clock&, const item_clock&) noexcept;

}  // namespace switchboard::connectors::kiosk
