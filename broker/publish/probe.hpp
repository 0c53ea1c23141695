// Metrics of the forwarder. Any thread.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <array>
#include <chrono>
#include <map>
#include <string>
#include <string_view>

#include "broker/publish/errors.hpp"

namespace switchboard::publish {

class probe {
 public:
  explicit probe(prometheus::Registry&);

  // Before the forwarder starts: the topic's counters are there at 0, so that no alarm misses their first step.
  void announce(std::string_view name) { (void)topic(name); }
  // Topics are logical names, those of the configuration.
  void delivered(std::string_view topic, std::chrono::duration<double> publish_lag,
                 std::chrono::duration<double> end_to_end);
  void dead_lettered(std::string_view topic);
  void copies(std::uint64_t more) { copies_.Increment(static_cast<double>(more)); }
  void error(error_class);
  void in_flight(std::size_t records) { in_flight_.Set(static_cast<double>(records)); }
  void outage(bool on) { outage_.Set(on ? 1 : 0); }
  void rebuilt() { rebuilds_.Increment(); }
  void committed() { commits_.Increment(); }
  void heartbeat() { heartbeats_.Increment(); }

 private:
  prometheus::Family<prometheus::Counter>& delivered_;
  prometheus::Family<prometheus::Counter>& dead_letters_;
  prometheus::Family<prometheus::Counter>& errors_;
  prometheus::Counter &copies_, &rebuilds_, &commits_, &heartbeats_;
  prometheus::Gauge &in_flight_, &outage_;
  prometheus::Histogram &publish_lag_, &end_to_end_;
  struct of_topic {
    prometheus::Counter *delivered, *dead_letters;
  };
  of_topic& topic(std::string_view name);
  std::map<std::string, of_topic, std::less<>> topics_;  // publisher thread
};

}  // namespace switchboard::publish
