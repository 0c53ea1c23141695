// The list of hosts that a fetch may go to. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace switchboard::net {

class allowed_hosts {
 public:
  explicit allowed_hosts(const std::vector<std::string>& patterns);
  bool holds(std::string_view host, std::string_view port) const noexcept;  // `host` in lower case

 private:
  struct pattern {
    std::string name;  // ".example.com" for "*.example.com"
    std::string port;
  };
  std::vector<pattern> patterns_;
};

}  // namespace switchboard::net
