#include "broker/net/probe.hpp"

#include "broker/net/fetch.hpp"

namespace switchboard::net {
namespace {

using counters = prometheus::Family<prometheus::Counter>;

counters& counter(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}
prometheus::Gauge& gauge(prometheus::Registry& registry, const char* name, const char* help,
                         const std::string& listener) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add({{"listener", listener}});
}

template <std::size_t N>
std::array<prometheus::Counter*, N> labelled(counters& family, const std::string& listener, const char* label,
                                             const std::array<const char*, N>& values) {
  std::array<prometheus::Counter*, N> result{};
  for (std::size_t i = 0; i < N; ++i) result[i] = &family.Add({{"listener", listener}, {label, values[i]}});
  return result;
}

std::array<const char*, refusal_count> refusal_codes() {
  std::array<const char*, refusal_count> codes{};
  for (std::size_t i = 0; i < refusal_count; ++i) codes[i] = facts(static_cast<refusal>(i)).code.data();
  return codes;
}

}  // namespace

probe::probe(prometheus::Registry& registry, const std::string& listener)
    : connections(gauge(registry, "switchboard_net_connections", "Open connections.", listener)),
      accepted(counter(registry, "switchboard_net_connections_total", "Connections accepted.")
                   .Add({{"listener", listener}})),
      accept_errors(counter(registry, "switchboard_net_accept_errors_total",
                            "Failed accepts; the listener backs off and goes on.")
                        .Add({{"listener", listener}})),
      aborted(counter(registry, "switchboard_net_aborted_total", "Connections that ended inside a request.")
                  .Add({{"listener", listener}})),
      unanswered(counter(registry, "switchboard_net_unanswered_total", "Requests dropped unanswered.")
                     .Add({{"listener", listener}})),
      bytes_in_flight(
          gauge(registry, "switchboard_net_bytes_in_flight", "Bytes of request bodies in memory.", listener)),
      requests(
          labelled<4>(counter(registry, "switchboard_net_requests_total", "Requests answered, by class of status."),
                      listener, "class", {"2xx", "3xx", "4xx", "5xx"})),
      refusals(labelled<refusal_count>(counter(registry, "switchboard_net_refusals_total",
                                               "Requests and connections that the server itself refused."),
                                       listener, "code", refusal_codes())),
      deadlines(labelled<deadline_count>(
          counter(registry, "switchboard_net_deadlines_total", "Deadlines that connections did not meet."), listener,
          "deadline", {"tls_handshake", "header", "body", "idle", "reply", "write"})),
      handshake_failures(labelled<handshake_failure_count>(
          counter(registry, "switchboard_net_handshake_failures_total", "TLS handshakes that failed."), listener,
          "reason", {"client_certificate", "protocol", "gone"})) {}

fetch_probe::fetch_probe(prometheus::Registry& registry)
    : fetched(counter(registry, "switchboard_net_fetches_total", "Keys and confirmations fetched.").Add({})),
      from_cache(counter(registry, "switchboard_net_fetches_cached_total", "Keys found in the cache.").Add({})),
      failed(counter(registry, "switchboard_net_fetch_failures_total", "Fetches that failed, by reason.")) {
  for (std::size_t i = 0; i < fetch_error_count; ++i)
    failed.Add({{"error", std::string(to_string(static_cast<fetch_error>(i)))}});
}

}  // namespace switchboard::net
