#include "broker/app/probe.hpp"

namespace switchboard::app {
namespace {

template <class Builder>
auto& family(prometheus::Registry& registry, Builder builder, const char* name, const char* help) {
  return builder.Name(name).Help(help).Register(registry);
}
prometheus::Gauge* gauge(prometheus::Registry& registry, const char* name, const char* help) {
  return &family(registry, prometheus::BuildGauge(), name, help).Add({});
}

}  // namespace

std::string_view to_string(shed_reason reason) noexcept {
  switch (reason) {
    case shed_reason::not_serving:
      return "not_serving";
    case shed_reason::overloaded:
      return "overloaded";
    case shed_reason::journal_full:
      return "journal_full";
    case shed_reason::clock_jumped:
      return "clock_jumped";
    case shed_reason::blob_queue:
      return "blob_queue";
    case shed_reason::blob_store_broken:
      return "blob_store_broken";
    case shed_reason::key_unavailable:
      return "key_unavailable";
    case shed_reason::confirm_failed:
      return "confirm_failed";
  }
  return "";
}

probe::probe(prometheus::Registry& r)
    : acknowledgement_(family(r, prometheus::BuildHistogram(), "switchboard_app_acknowledgement_seconds",
                              "From the whole request to its acknowledgement")),
      deadline_share_(family(r, prometheus::BuildHistogram(), "switchboard_app_acknowledgement_deadline_ratio",
                             "Time to acknowledge as a share of what the provider waits")),
      last_accepted_(family(r, prometheus::BuildGauge(), "switchboard_app_last_accepted_timestamp_seconds",
                            "When the source last gave a contact that was made durable")),
      requests_(family(r, prometheus::BuildCounter(), "switchboard_app_requests_total", "Requests by how they ended")),
      items_(family(r, prometheus::BuildCounter(), "switchboard_app_items_total",
                    "Items of authenticated requests by what became of them")),
      rejected_(family(r, prometheus::BuildCounter(), "switchboard_app_verification_failures_total",
                       "Requests that did not verify, by reason")),
      shed_(family(r, prometheus::BuildCounter(), "switchboard_app_shed_total", "Requests answered 503, by reason")),
      in_flight_bytes_(gauge(r, "switchboard_app_in_flight_bytes", "Handed to the journal and not yet acknowledged")),
      backlog_age_(gauge(r, "switchboard_app_backlog_age_seconds", "Age of the oldest contact that Kafka has not got")),
      backlog_bytes_(
          gauge(r, "switchboard_app_backlog_bytes", "Bytes of the journal in use while Kafka has not got all of it")),
      full_in_(gauge(r, "switchboard_app_journal_full_in_seconds",
                     "When the journal will be full at the present rate; -1 while it does not grow")),
      dedupe_window_(
          gauge(r, "switchboard_app_dedupe_window_seconds", "How long a retry is recognised, as configured")),
      blobs_broken_(gauge(r, "switchboard_app_blob_store_broken",
                          "1 after a sync of the blob store failed: nothing is taken until a restart")),
      ready_(gauge(r, "switchboard_app_ready", "1 while /readyz says yes")) {
  auto& reloads =
      family(r, prometheus::BuildCounter(), "switchboard_app_reloads_total", "Reloads of the configuration");
  reloads_ = {&reloads.Add({{"result", "refused"}}), &reloads.Add({{"result", "accepted"}})};
}

source_metrics probe::source(const intake::source& s) {
  static const prometheus::Histogram::BucketBoundaries seconds{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                                               0.25,   0.5,   1,      2.5,   5,    10,    30};
  static const prometheus::Histogram::BucketBoundaries shares{0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 1};
  source_metrics m;
  {
    const std::lock_guard lock(mutex_);
    auto& tally = tallies_[s.id];
    if (tally == nullptr) tally = std::make_unique<request_tally>();
    m.tally = tally.get();
  }
  m.acknowledgement = &acknowledgement_.Add({{"source", s.id}}, seconds);
  m.deadline_share = &deadline_share_.Add({{"source", s.id}, {"connector", std::string(s.connector->name)}}, shares);
  m.last_accepted = &last_accepted_.Add({{"source", s.id}});
  for (std::size_t i = 0; i < m.requests.size(); ++i)
    m.requests[i] = &requests_.Add(
        {{"source", s.id}, {"outcome", std::string(intake::to_string(static_cast<intake::outcome>(i)))}});
  constexpr const char* outcomes[] = {"accepted", "duplicate", "conflict", "quarantined", "unsupported"};
  for (std::size_t i = 0; i < m.items.size(); ++i)
    m.items[i] = &items_.Add({{"source", s.id}, {"outcome", outcomes[i]}});
  // At 0 from the start: an alarm on a rate misses the first step of a series that comes with it.
  for (std::size_t i = 0; i <= static_cast<std::size_t>(connectors::reject_code::unsupported_media_type); ++i)
    rejected_.Add({{"source", s.id}, {"reason", std::string(to_string(static_cast<connectors::reject_code>(i)))}});
  for (std::size_t i = 0; i < shed_reason_count; ++i)
    shed_.Add({{"source", s.id}, {"reason", std::string(to_string(static_cast<shed_reason>(i)))}});
  return m;
}

std::vector<intake::request_counts> probe::request_counts() const {
  std::vector<intake::request_counts> counts;
  const std::lock_guard lock(mutex_);
  for (const auto& [source, t] : tallies_)
    counts.push_back({source, t->verified, t->accepted, t->control, t->quarantined, t->refused, t->in_flight});
  return counts;
}

void probe::rejected(const intake::source& s, connectors::reject_code code) {
  rejected_.Add({{"source", s.id}, {"reason", std::string(connectors::to_string(code))}}).Increment();
}
void probe::shed(std::string_view source, shed_reason reason) {
  shed_.Add({{"source", std::string(source)}, {"reason", std::string(to_string(reason))}}).Increment();
}

}  // namespace switchboard::app
