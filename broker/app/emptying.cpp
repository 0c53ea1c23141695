#include "broker/app/emptying.hpp"

#include <prometheus/registry.h>

#include <thread>

#include "broker/publish/probe.hpp"

namespace switchboard::app {

std::expected<emptied, std::string> empty(journal::journal& from, blobs::store& blobs, publish::settings settings,
                                          const std::function<bool()>& interrupted) {
  prometheus::Registry registry;
  publish::probe probe(registry);
  auto forwarder = publish::forwarder::create(std::move(settings), from, blobs, base::real_clock(), probe);
  if (!forwarder) return std::unexpected(forwarder.error());
  const auto before = from.current_usage();
  (*forwarder)->start();
  std::string told;
  while (from.current_usage().published < before.durable && !interrupted()) {
    const auto status = (*forwarder)->current_status();
    if (status.state == publish::state::stopped)
      return std::unexpected(status.reason.empty() ? "the publisher ended" : status.reason);
    if (status.state == publish::state::outage && status.reason != told) {
      told = status.reason;
      std::fprintf(stderr, "switchboard: waiting for Kafka: %s\n", told.c_str());
    }
    std::this_thread::sleep_for(std::chrono::milliseconds{50});
  }
  (*forwarder)->stop(std::chrono::steady_clock::now() + std::chrono::seconds{10}, false);
  const auto after = from.current_usage();
  if (after.published < before.durable) return std::unexpected("interrupted; run it again to go on");
  return emptied{after.published - before.published, (*forwarder)->current_status().dead_lettered};
}

}  // namespace switchboard::app
