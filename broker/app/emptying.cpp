#include "broker/app/emptying.hpp"

#include <thread>

namespace switchboard::app {
namespace {

std::uint64_t total(const prometheus::Registry& registry, std::string_view counter) {
  double sum = 0;
  for (const auto& family : registry.Collect())
    if (family.name == counter)
      for (const auto& metric : family.metric) sum += metric.counter.value;
  return static_cast<std::uint64_t>(sum);
}

}  // namespace

std::expected<std::unique_ptr<emptying>, std::string> emptying::start(journal::journal& from, blobs::store& blobs,
                                                                      publish::settings settings) {
  std::unique_ptr<emptying> made(new emptying(from));
  auto forwarder = publish::forwarder::create(std::move(settings), from, blobs, base::real_clock(), made->probe_);
  if (!forwarder) return std::unexpected(forwarder.error());
  made->forwarder_ = std::move(*forwarder);
  made->forwarder_->start();
  return made;
}

std::expected<void, std::string> emptying::wait_until(const std::function<bool()>& condition,
                                                      const std::function<bool()>& interrupted) {
  while (!condition()) {
    if (interrupted()) return std::unexpected("interrupted; run it again to go on");
    const auto status = forwarder_->current_status();
    if (status.state == publish::state::stopped)
      return std::unexpected(status.reason.empty() ? "the publisher ended" : status.reason);
    if (status.state == publish::state::outage && status.reason != told_) {
      told_ = status.reason;
      std::fprintf(stderr, "switchboard: waiting for Kafka: %s\n", told_.c_str());
    }
    std::this_thread::sleep_for(std::chrono::milliseconds{50});
  }
  return {};
}

std::expected<emptied, std::string> emptying::finish(const std::function<bool()>& interrupted) {
  const auto last = from_.current_usage().durable;
  const auto done = wait_until([&] { return from_.current_usage().published >= last; }, interrupted);
  forwarder_->stop(std::chrono::steady_clock::now() + std::chrono::seconds{10}, false);
  if (!done && from_.current_usage().published < last) return std::unexpected(done.error());
  return emptied{total(registry_, "switchboard_publish_delivered_total"),
                 total(registry_, "switchboard_publish_dead_letters_total")};
}

}  // namespace switchboard::app
