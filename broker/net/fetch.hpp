// GETs that verification and handshakes ask for (a signing certificate, a key set, a confirmation), with the reach of a
// stranger's request kept short: https to allowed hosts only, certificates verified, no redirects, no proxies, no
// address of our own networks, small answers, one deadline over all.
//
// The address is checked when the socket to it is opened, so that no second resolution can put another in its place.
// One thread runs all transfers through libcurl; nothing here blocks a caller.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "broker/net/probe.hpp"
#include "connectors/contract.hpp"

namespace switchboard::net {

enum class fetch_error : std::uint8_t {
  not_allowed,       // not https, not an allowed host, or not a URL
  internal_address,  // the host resolves to an address of our own networks
  unreachable,       // resolution, connection, or the connection's early end
  bad_certificate,
  timeout,
  bad_status,  // not 2xx, redirects included
  too_large,
  busy,  // too many waiting already
  stopping,
};
inline constexpr std::size_t fetch_error_count = 9;
std::string_view to_string(fetch_error) noexcept;

struct fetch_settings {
  // "keys.example.com", "*.amazonaws.com" (any depth below, not the name itself), each with ":port" unless it is 443.
  std::vector<std::string> hosts;
  std::chrono::milliseconds deadline{5000};
  std::size_t largest_body = 64 << 10;
  std::size_t most_waiting = 64;  // callbacks, over all URLs
  std::size_t most_cached = 256;  // bodies and failures
  std::chrono::milliseconds keep = std::chrono::hours(24);
  std::chrono::milliseconds keep_failure = std::chrono::seconds(15);  // so that forged requests cause no storm
  bool internal_addresses = false;  // allow them: for tests, and for key servers inside the own network
  std::string authorities_file;     // empty: the system's
};

// Any thread.
class fetcher {
 public:
  // Called once: from inside the call when the answer is known already, else on the fetcher's thread. Must not block.
  using callback = std::move_only_function<void(std::expected<std::string, fetch_error>)>;

  static std::unique_ptr<fetcher> create(fetch_settings, fetch_probe&);
  virtual ~fetcher() = default;  // stops

  // From the cache, or by the one transfer of this URL that all who ask meanwhile wait for. Afterwards keys() has it.
  virtual void fetch(const std::string& url, callback) = 0;
  // A GET of its own, never cached: something happens at the other end.
  virtual void confirm(const std::string& url, callback) = 0;
  // What was fetched and is still fresh.
  virtual const connectors::fetched_keys& keys() const = 0;
  // Ends the transfers and joins the thread; who waits is told `stopping`, and so is who comes later.
  virtual void stop() = 0;
};

}  // namespace switchboard::net
