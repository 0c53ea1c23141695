#include "broker/publish/heartbeat.hpp"

#include <algorithm>
#include <random>

#include "schemas/records.hpp"

namespace switchboard::publish {
namespace {

schemas::uuid random_uuid() {
  std::random_device source;
  schemas::uuid id;
  for (std::size_t i = 0; i < id.bytes.size(); i += 4) {
    const std::uint32_t bits = source();
    for (std::size_t j = 0; j < 4; ++j) id.bytes[i + j] = static_cast<std::uint8_t>(bits >> (8 * j));
  }
  id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0f) | 0x40);
  id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3f) | 0x80);
  return id;
}

}  // namespace

schemas::encoded_event make_heartbeat(const schemas::uuid& journal, schemas::timestamp now,
                                      std::optional<schemas::timestamp> oldest_unpublished, const position& p,
                                      std::span<const topic> topics) {
  schemas::heartbeat_record beat{.id = random_uuid(),
                                 .recorded_at = now,
                                 .time = now,
                                 .journal = journal,
                                 .oldest_unpublished = oldest_unpublished,
                                 .topics = {}};
  for (const auto& t : p.topics) {
    const auto configured = std::ranges::find(topics, t.topic, &topic::logical);
    if (configured == topics.end()) continue;
    beat.topics.push_back({configured->kafka, t.sequence, t.dead_letters, t.dead_lettered});
  }
  auto event = schemas::encode(beat, {});
  event.stamp(now);
  return event;
}

}  // namespace switchboard::publish
