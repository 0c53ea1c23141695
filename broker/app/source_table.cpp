#include "broker/app/source_table.hpp"

#include <algorithm>
#include <cassert>

namespace switchboard::app {

double shed_above(const connectors::retry_policy& policy) noexcept {
  using namespace std::chrono_literals;
  if (policy.retries_for <= 0s) return 1;
  return policy.retries_for >= 1h ? 0.5 : 0.75;
}

source_table::source_table(std::span<const std::shared_ptr<const intake::source>> sources, probe& metrics,
                           app::capture* capture, std::span<const std::string> captured) {
  for (const auto& source : sources) {
    auto e = std::make_shared<endpoint>();
    e->source = source;
    e->metrics = metrics.source(*source);
    if (captured.empty() || std::ranges::find(captured, source->id) != captured.end()) e->capture = capture;
    e->shed_above = app::shed_above(source->connector->retry);
    e->reserved = source->connector->retry.retries_for <= std::chrono::seconds{0};
    endpoints_.push_back(e);
    [[maybe_unused]] const bool fresh = by_path_.emplace(source->path, std::move(e)).second;
    assert(fresh && "the configuration refuses two sources with one path");
  }
}

std::shared_ptr<const endpoint> source_table::find(std::string_view path) const noexcept {
  const auto found = by_path_.find(path);
  return found == by_path_.end() ? nullptr : found->second;
}

}  // namespace switchboard::app
