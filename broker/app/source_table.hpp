// The sources that are served, by path. Immutable once made; a reload makes another one and swaps it in whole.
#pragma once

#include <memory>
#include <string_view>
#include <unordered_map>

#include "broker/app/probe.hpp"
#include "broker/intake/pipeline.hpp"

namespace switchboard::app {

class capture;

struct endpoint {
  std::shared_ptr<const intake::source> source;
  source_metrics metrics;
  app::capture* capture = nullptr;  // where its requests are written, when they are
  double shed_above = 1;  // share of the queue from which it is refused: the longer its provider retries, the sooner
  bool reserved = false;  // its provider never retries: may use the last part of the journal
};

// Share of the queue from which senders with this policy are refused.
double shed_above(const connectors::retry_policy&) noexcept;

class source_table {
 public:
  // `captured`: ids of the sources whose requests are written to `capture`; empty: all of them, when there is a
  // capture.
  source_table(std::span<const std::shared_ptr<const intake::source>>, probe&, app::capture* = nullptr,
               std::span<const std::string> captured = {});

  std::shared_ptr<const endpoint> find(std::string_view path) const noexcept;  // nullptr when there is none
  std::span<const std::shared_ptr<const endpoint>> all() const noexcept { return endpoints_; }

 private:
  std::vector<std::shared_ptr<const endpoint>> endpoints_;
  std::unordered_map<std::string_view, std::shared_ptr<const endpoint>> by_path_;  // keys view into the sources
};

}  // namespace switchboard::app
