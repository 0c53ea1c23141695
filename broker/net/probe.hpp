// Metrics of one listener. Any thread; the registry outlives it.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include <array>
#include <cstdint>
#include <string>

#include "broker/net/refusal.hpp"

namespace switchboard::net {

enum class deadline : std::uint8_t { tls_handshake, header, body, idle, reply, write };
inline constexpr std::size_t deadline_count = 6;
enum class handshake_failure : std::uint8_t { client_certificate, protocol, gone };
inline constexpr std::size_t handshake_failure_count = 3;

class probe {
 public:
  // `listener` tells the intake from the admin listener where both live in one registry.
  explicit probe(prometheus::Registry&, const std::string& listener = "intake");

  prometheus::Gauge& connections;
  prometheus::Counter& accepted;       // connections
  prometheus::Counter& accept_errors;  // EMFILE and the like
  prometheus::Counter& aborted;        // the client went away inside a request
  prometheus::Counter& unanswered;     // the handler dropped a request
  prometheus::Gauge& bytes_in_flight;
  std::array<prometheus::Counter*, 4> requests;  // answered: 2xx, 3xx, 4xx, 5xx
  std::array<prometheus::Counter*, refusal_count> refusals;
  std::array<prometheus::Counter*, deadline_count> deadlines;
  std::array<prometheus::Counter*, handshake_failure_count> handshake_failures;

  void answered(int status) { requests[static_cast<std::size_t>(status / 100 - 2)]->Increment(); }
  void refused(refusal r) { refusals[static_cast<std::size_t>(r)]->Increment(); }
  void hit(deadline d) { deadlines[static_cast<std::size_t>(d)]->Increment(); }
  void failed(handshake_failure f) { handshake_failures[static_cast<std::size_t>(f)]->Increment(); }
};

// Of fetch.hpp.
class fetch_probe {
 public:
  explicit fetch_probe(prometheus::Registry&);

  prometheus::Counter& fetched;
  prometheus::Counter& from_cache;
  prometheus::Family<prometheus::Counter>& failed;  // label error: to_string(fetch_error)
};

}  // namespace switchboard::net
