// Requests decoded without a broker: what `decode` and `replay` share.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include "broker/app/configuration.hpp"
#include "broker/intake/request_line.hpp"

namespace switchboard::app {

class offline {
 public:
  explicit offline(const configuration&);

  const intake::source* find(std::string_view id) const noexcept;
  intake::environment environment() const;
  // Completes the line: the URL that the provider called, and the time when the line has none.
  void complete(intake::request_line&, const intake::source&) const;

 private:
  struct no_keys final : connectors::fetched_keys {
    std::optional<std::string> find(std::string_view) const override { return std::nullopt; }
  };
  const configuration& configuration_;
  no_keys keys_;
  std::unordered_map<std::string_view, const intake::source*> sources_;
};

}  // namespace switchboard::app
