#include "broker/intake/ledger.hpp"

#include <cmath>
#include <map>

namespace switchboard::intake {

std::string_view to_string(ledger_stage stage) noexcept {
  switch (stage) {
    case ledger_stage::transport:
      return "transport";
    case ledger_stage::journal:
      return "journal";
    case ledger_stage::delivery:
      return "delivery";
  }
  return "unknown";
}

std::vector<imbalance> compare(std::span<const request_counts> requests, const journal::ledger& journal,
                               std::span<const delivery_counts> deliveries) {
  std::vector<imbalance> out;
  const auto check = [&](ledger_stage stage, const std::string& name, std::uint64_t before, std::uint64_t behind) {
    if (before != behind) out.push_back({stage, name, static_cast<std::int64_t>(before - behind)});
  };
  for (const auto& r : requests)
    check(ledger_stage::transport, r.source, r.verified,
          r.accepted + r.control + r.quarantined + r.refused + r.in_flight);
  for (const auto& s : journal.sources) check(ledger_stage::journal, s.source, s.decoded, s.appended + s.duplicates);

  std::map<std::string_view, std::pair<std::uint64_t, std::uint64_t>> topics;
  for (const auto& t : journal.topics) topics[t.topic].first += t.appended;
  for (const auto& d : deliveries) topics[d.topic].second += d.delivered + d.dead_lettered + d.backlog;
  for (const auto& [topic, counts] : topics)
    check(ledger_stage::delivery, std::string(topic), counts.first, counts.second);
  return out;
}

ledger_probe::ledger_probe(prometheus::Registry& registry) {
  auto& family =
      prometheus::BuildGauge()
          .Name("switchboard_ledger_imbalance")
          .Help("Items, records or requests that are counted before a stage and not behind it, or the other way round")
          .Register(registry);
  for (std::size_t i = 0; i < ledger_stage_count; ++i)
    stages_[i] = &family.Add({{"stage", std::string(to_string(static_cast<ledger_stage>(i)))}});
}

void ledger_probe::set(std::span<const imbalance> found) {
  std::array<double, ledger_stage_count> sums{};
  for (const auto& entry : found)
    sums[static_cast<std::size_t>(entry.stage)] += std::abs(static_cast<double>(entry.difference));
  for (std::size_t i = 0; i < ledger_stage_count; ++i) stages_[i]->Set(sums[i]);
}

}  // namespace switchboard::intake
