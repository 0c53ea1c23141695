// Who called, when proxies stand in between. Forwarding headers are believed only from the configured ranges. Pure, any
// thread.
#pragma once

#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "broker/net/address.hpp"
#include "connectors/contract.hpp"

namespace switchboard::net {

struct caller {
  ip_address peer;
  std::string_view scheme;  // "http" or "https"
  std::string_view host;    // view into the fields
};

class proxy_list {
 public:
  static std::expected<proxy_list, std::string> parse(std::span<const std::string> ranges);

  bool trusts(const ip_address&) const noexcept;
  // X-Forwarded-For is read from the right, past our own proxies, to the first address that none of them vouches for:
  // what stands left of it the caller may have written itself. Of -Proto and -Host the last value counts, the one our
  // own proxy added.
  caller find_caller(const ip_address& peer, bool tls, std::string_view host,
                     std::span<const connectors::header>) const noexcept;

 private:
  std::vector<ip_range> ranges_;
};

}  // namespace switchboard::net
