// Metrics of the corridor: what each source sends and how fast it is acknowledged. Any thread; bounded labels
// (configured ids, enums).
#pragma once

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <array>
#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "broker/intake/ledger.hpp"
#include "broker/intake/pipeline.hpp"

namespace switchboard::app {

enum class shed_reason : std::uint8_t {
  not_serving,
  overloaded,
  journal_full,
  clock_jumped,
  blob_queue,
  blob_store_broken,
  key_unavailable,
  confirm_failed
};
inline constexpr std::size_t shed_reason_count = 8;
std::string_view to_string(shed_reason) noexcept;

// What the transport counts of one source, for the ledger; lives as long as the process, over reloads.
struct request_tally {
  std::atomic<std::uint64_t> verified{0}, accepted{0}, control{0}, quarantined{0}, refused{0}, in_flight{0};
};

// Of one source, looked up once when the table of sources is made. Owned by the registry.
struct source_metrics {
  request_tally* tally = nullptr;                    // owned by the probe
  prometheus::Histogram* acknowledgement = nullptr;  // seconds from the whole request to its reply
  prometheus::Histogram* deadline_share = nullptr;   // the same, as a share of the provider's deadline
  prometheus::Gauge* last_accepted = nullptr;        // wall clock, seconds
  std::array<prometheus::Counter*, 5> requests{};    // by intake::outcome
  std::array<prometheus::Counter*, 5> items{};       // accepted, duplicate, conflict, quarantined, unsupported
};

class probe {
 public:
  explicit probe(prometheus::Registry&);

  source_metrics source(const intake::source&);
  void rejected(const intake::source&, connectors::reject_code);  // rare enough to be looked up each time
  void shed(std::string_view source, shed_reason);
  std::vector<intake::request_counts> request_counts() const;  // any thread

  prometheus::Gauge& in_flight_bytes() { return *in_flight_bytes_; }
  prometheus::Gauge& backlog_age_seconds() { return *backlog_age_; }
  prometheus::Gauge& backlog_bytes() { return *backlog_bytes_; }
  prometheus::Gauge& journal_full_in_seconds() { return *full_in_; }  // -1: not filling
  prometheus::Gauge& dedupe_window_seconds() { return *dedupe_window_; }
  prometheus::Gauge& blob_store_broken() { return *blobs_broken_; }
  prometheus::Gauge& ready() { return *ready_; }
  prometheus::Counter& reloads(bool accepted) { return accepted ? *reloads_[1] : *reloads_[0]; }

 private:
  prometheus::Family<prometheus::Histogram>& acknowledgement_;
  prometheus::Family<prometheus::Histogram>& deadline_share_;
  prometheus::Family<prometheus::Gauge>& last_accepted_;
  prometheus::Family<prometheus::Counter>& requests_;
  prometheus::Family<prometheus::Counter>& items_;
  prometheus::Family<prometheus::Counter>& rejected_;
  prometheus::Family<prometheus::Counter>& shed_;
  prometheus::Gauge *in_flight_bytes_, *backlog_age_, *backlog_bytes_, *full_in_, *dedupe_window_, *blobs_broken_,
      *ready_;
  std::array<prometheus::Counter*, 2> reloads_{};
  mutable std::mutex mutex_;
  std::map<std::string, std::unique_ptr<request_tally>> tallies_;
};

}  // namespace switchboard::app
