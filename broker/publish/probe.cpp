#include "broker/publish/probe.hpp"

namespace switchboard::publish {
namespace {

const prometheus::Histogram::BucketBoundaries seconds{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25,
                                                      0.5,   1,      2.5,   5,    10,    60,   600, 3600};

auto& counter(prometheus::Registry& r, const char* name, const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(r);
}
auto& gauge(prometheus::Registry& r, const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(r).Add({});
}
auto& histogram(prometheus::Registry& r, const char* name, const char* help) {
  return prometheus::BuildHistogram().Name(name).Help(help).Register(r).Add({}, seconds);
}

}  // namespace

probe::probe(prometheus::Registry& r)
    : delivered_(counter(r, "switchboard_publish_delivered_total", "Records that Kafka acknowledged, by topic.")),
      dead_letters_(counter(r, "switchboard_publish_dead_letters_total",
                            "Records that Kafka refused for themselves and that went to the dead letter, by topic.")),
      errors_(counter(r, "switchboard_publish_errors_total", "Delivery errors, by what they mean.")),
      copies_(counter(r, "switchboard_publish_copies_total",
                      "Records that were handed over again and may stand twice in Kafka.")
                  .Add({})),
      rebuilds_(counter(r, "switchboard_publish_rebuilds_total", "Producers thrown away and made again after an error.")
                    .Add({})),
      commits_(counter(r, "switchboard_publish_transactions_committed_total", "Transactions committed (exactly once).")
                   .Add({})),
      heartbeats_(counter(r, "switchboard_publish_heartbeats_total", "Heartbeats handed over.").Add({})),
      in_flight_(gauge(r, "switchboard_publish_in_flight", "Records in Kafka's hands.")),
      outage_(gauge(r, "switchboard_publish_outage", "1 while Kafka takes no records.")),
      publish_lag_(
          histogram(r, "switchboard_publish_lag_seconds", "From handing a record over to Kafka's acknowledgement.")),
      end_to_end_(histogram(r, "switchboard_publish_end_to_end_seconds",
                            "From a record's recordedtime to Kafka's acknowledgement.")) {
  for (auto c : {error_class::record, error_class::rebuild, error_class::outage})
    errors_.Add({{"class", std::string(to_string(c))}});
}

probe::of_topic& probe::topic(std::string_view name) {
  auto found = topics_.find(name);
  if (found == topics_.end()) {
    const prometheus::Labels labels{{"topic", std::string(name)}};
    found = topics_.emplace(name, of_topic{&delivered_.Add(labels), &dead_letters_.Add(labels)}).first;
  }
  return found->second;
}

void probe::delivered(std::string_view name, std::chrono::duration<double> publish_lag,
                      std::chrono::duration<double> end_to_end) {
  topic(name).delivered->Increment();
  publish_lag_.Observe(publish_lag.count());
  end_to_end_.Observe(end_to_end.count());
}

void probe::dead_lettered(std::string_view name) { topic(name).dead_letters->Increment(); }

void probe::error(error_class c) { errors_.Add({{"class", std::string(to_string(c))}}).Increment(); }

}  // namespace switchboard::publish
