// Requests for connectors as tests write them: the JSON line format of the project, and ones built by hand.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "connectors/contract.hpp"

namespace switchboard::tests {

// Owns what an `inbound` points to. view() is valid while the request lives and is not changed.
struct request {
  std::string source, method = "POST", target, public_url, body, peer;
  std::vector<std::pair<std::string, std::string>> headers;
  connectors::timestamp received_at{};

  // One line of the format; `public_base` is the source's public_url. Throws std::runtime_error on a malformed line.
  static request from_line(std::string_view line, std::string_view public_base);
  static request from_outbound(const connectors::outbound&, std::string_view public_base, connectors::timestamp);
  std::string to_line() const;

  connectors::inbound view();
  void set(std::string_view name, std::string value);  // a header; replaces

 private:
  std::string padded_;
  std::vector<connectors::header> views_;
};

class no_keys final : public connectors::fetched_keys {
 public:
  std::optional<std::string> find(std::string_view) const override { return std::nullopt; }
};

// A source as the fixtures configure it: {"connector", "public_url", "settings", "credentials"}. Throws when it is
// wrong.
struct configured {
  const connectors::connector* connector = nullptr;
  std::shared_ptr<const connectors::prepared> prepared;
  std::string public_url;
};
configured configure(std::string_view json);
configured configure_file(const std::string& path);

// What became of a request.
struct outcome {
  connectors::verdict verdict;
  connectors::decoded decoded;  // when authentic
  connectors::response reply;   // when authentic; every item accepted
  bool authentic() const { return std::holds_alternative<connectors::authentic>(verdict); }
};
outcome run(const configured&, request&);

std::string read_file(const std::string& path);

// The folder of a connector's tests, below tests/connectors: "twilio_messaging".
std::string folder_of(const connectors::connector&);

}  // namespace switchboard::tests
