#include "benchmarks/load/deliveries.hpp"

#include <algorithm>
#include <functional>

#include "benchmarks/load/schedule.hpp"

namespace switchboard::load {

deliveries::entry& deliveries::place(const schemas::uuid& id, std::uint16_t topic) {
  const auto mask = table_.size() - 1;
  auto at = mixed(std::hash<schemas::uuid>{}(id) + topic) & mask;
  while (table_[at].used && (table_[at].id != id || table_[at].topic != topic)) at = (at + 1) & mask;
  return table_[at];
}

void deliveries::grow() {
  std::vector<entry> before(std::max<std::size_t>(1024, table_.size() * 2));
  before.swap(table_);
  for (const auto& e : before)
    if (e.used) place(e.id, e.topic) = e;
}

void deliveries::expect(const schemas::uuid& id, std::uint16_t topic, std::uint64_t about) {
  if ((expected_ + 1) * 4 > table_.size() * 3) grow();
  auto& e = place(id, topic);
  if (e.used) return;
  e = {id, about, 0, topic, true};
  ++expected_;
}

deliveries::series& deliveries::series_of(const schemas::uuid& journal, std::uint16_t topic) {
  const auto found =
      std::ranges::find_if(series_, [&](const series& s) { return s.topic == topic && s.journal == journal; });
  if (found != series_.end()) return *found;
  return series_.emplace_back(series{.journal = journal, .topic = topic, .numbers = {}});
}

const std::uint64_t* deliveries::arrived(const seen& record) {
  auto* e = table_.empty() ? nullptr : &place(record.id, record.topic);
  if (e != nullptr && !e->used) e = nullptr;
  if (!record.numbered) {
    ++unnumbered_;
  } else {
    auto& s = series_of(record.journal, record.topic);
    s.numbers.push_back(record.sequence);
    if (e != nullptr) {
      s.first = std::min(s.first, record.sequence);
      s.last = std::max(s.last, record.sequence);
    }
  }
  if (e == nullptr) {
    ++foreign_;
    return nullptr;
  }
  if (e->copies++ > 0) {
    ++copies_;
    return nullptr;
  }
  ++found_;
  return &e->about;
}

std::vector<deliveries::span> deliveries::spans() {
  std::vector<span> result;
  for (auto& s : series_) {
    std::ranges::sort(s.numbers);
    const auto repeated = std::ranges::unique(s.numbers);
    s.numbers.erase(repeated.begin(), repeated.end());
    if (s.first > s.last) continue;
    span one{s.journal, s.topic, s.first, s.last, 0, 0};
    const auto from = std::ranges::lower_bound(s.numbers, s.first), to = std::ranges::upper_bound(s.numbers, s.last);
    one.missing = s.last - s.first + 1 - static_cast<std::uint64_t>(to - from);
    auto awaited = s.first;
    for (auto n = from; n != to && *n == awaited; ++n) ++awaited;
    if (one.missing > 0) one.first_missing = awaited;
    result.push_back(one);
  }
  return result;
}

std::uint64_t deliveries::holes() {
  std::uint64_t total = 0;
  for (const auto& s : spans()) total += s.missing;
  return total;
}

std::vector<schemas::uuid> deliveries::lost(std::size_t most) const {
  std::vector<schemas::uuid> result;
  for (const auto& e : table_)
    if (e.used && e.copies == 0 && result.size() < most) result.push_back(e.id);
  return result;
}

}  // namespace switchboard::load
