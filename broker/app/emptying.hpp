// Publishes what a journal holds and Kafka has not, outside of `serve`: for `replay` and `journal forward`.
#pragma once

#include <prometheus/registry.h>

#include <expected>
#include <functional>
#include <memory>
#include <string>

#include "broker/app/configuration.hpp"
#include "broker/publish/probe.hpp"

namespace switchboard::app {

struct emptied {
  std::uint64_t delivered = 0, dead_lettered = 0;  // records, of this run
};

// Publishes from its making on, on a thread of its own. Driven by one thread; journal and blobs outlive it.
class emptying {
 public:
  // The error is for a person, here and below; what was not published is still in the journal.
  static std::expected<std::unique_ptr<emptying>, std::string> start(journal::journal&, blobs::store&,
                                                                     publish::settings);

  // Tells on stderr what keeps Kafka from taking records meanwhile. Ends early, with an error, when Kafka refuses for
  // good or `interrupted` says so.
  std::expected<void, std::string> wait_until(const std::function<bool()>& condition,
                                              const std::function<bool()>& interrupted);
  // Waits until everything that is durable now is published, and ends.
  std::expected<emptied, std::string> finish(const std::function<bool()>& interrupted);

 private:
  explicit emptying(journal::journal& from) : from_(from), probe_(registry_) {}

  journal::journal& from_;
  prometheus::Registry registry_;
  publish::probe probe_;
  std::unique_ptr<publish::forwarder> forwarder_;
  std::string told_;
};

}  // namespace switchboard::app
