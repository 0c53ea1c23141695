// The ledger: what was counted where it happened, compared. A difference means that something was lost or made up
// between two stages; every counter is kept by another component than the one that could lose.
//
//   transport   verified requests = accepted + control + quarantined + refused + in flight      per source
//   journal     items decoded     = appended + duplicates                                        per source, across
//   restarts delivery    appended records  = delivered + dead-lettered + backlog                          per topic,
//   across restarts
//
// The three are read one after the other: under load a difference may show for as long as a request takes. One that
// stays is a loss.
#pragma once

#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include <array>
#include <cstdint>
#include <ranges>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "broker/journal/journal.hpp"

namespace switchboard::intake {

// The transport's, since the start of the process. refused: authentic, but not taken (overload, journal full): the
// sender was told.
struct request_counts {
  std::string source;
  std::uint64_t verified = 0, accepted = 0, control = 0, quarantined = 0, refused = 0, in_flight = 0;
};
// The publisher's.
struct delivery_counts {
  std::string topic;
  std::uint64_t delivered = 0, dead_lettered = 0, backlog = 0;
};

enum class ledger_stage : std::uint8_t { transport, journal, delivery };
inline constexpr std::size_t ledger_stage_count = 3;
std::string_view to_string(ledger_stage) noexcept;

struct imbalance {
  ledger_stage stage;
  std::string name;             // of the source or topic
  std::int64_t difference = 0;  // positive: so many are missing behind the stage; negative: so many are too many
};
// Empty when everything adds up. A topic that only one side knows counts 0 on the other.
std::vector<imbalance> compare(std::span<const request_counts>, const journal::ledger&,
                               std::span<const delivery_counts>);

// `switchboard_ledger_imbalance{stage}`: the sum of all differences, signs aside. 0 in a system that loses nothing. Any
// thread.
class ledger_probe {
 public:
  explicit ledger_probe(prometheus::Registry&);
  void set(std::span<const imbalance>);
  // The same for any range of values with the members of delivery_counts, which is how the publisher gives them.
  template <std::ranges::input_range Deliveries>
  void update(const journal::ledger& appended, const Deliveries& deliveries,
              std::span<const request_counts> requests = {}) {
    std::vector<delivery_counts> counts;
    for (const auto& d : deliveries) counts.push_back({d.topic, d.delivered, d.dead_lettered, d.backlog});
    set(compare(requests, appended, counts));
  }

 private:
  std::array<prometheus::Gauge*, ledger_stage_count> stages_{};
};

}  // namespace switchboard::intake
