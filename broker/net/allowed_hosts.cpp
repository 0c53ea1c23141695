#include "broker/net/allowed_hosts.hpp"

#include <algorithm>

namespace switchboard::net {

allowed_hosts::allowed_hosts(const std::vector<std::string>& patterns) {
  for (std::string name : patterns) {
    std::string port = "443";
    const std::size_t colon = name.rfind(':'), bracket = name.rfind(']');
    if (colon != name.npos && (bracket == name.npos || colon > bracket)) {
      port = name.substr(colon + 1);
      name.resize(colon);
    }
    std::ranges::transform(name, name.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
    if (name.starts_with("*.")) name.erase(0, 1);
    if (name.size() > 1) patterns_.push_back({std::move(name), std::move(port)});
  }
}

bool allowed_hosts::holds(std::string_view host, std::string_view port) const noexcept {
  return std::ranges::any_of(patterns_, [&](const pattern& p) {
    if (p.port != port) return false;
    return p.name.front() == '.' ? host.size() > p.name.size() && host.ends_with(p.name) : host == p.name;
  });
}

}  // namespace switchboard::net
