// A connector small enough to see through: each line of the body is one item, "kind|key|conversation|text".
//
// Kinds: msg, from:account msg, card…: see decode(). The header X-Sign must be "good"; "fetch" asks for a key.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "broker/intake/pipeline.hpp"

namespace switchboard::intake::test {

extern const connectors::connector tiny;

// A request that owns its bytes.
struct request {
  explicit request(std::string lines) : body(std::move(lines)) { body.append(connectors::inbound::body_padding, '\0'); }
  std::string body;
  std::string method = "POST", target = "/in/tiny";
  std::vector<connectors::header> headers{{"X-Sign", "good"}};
  schemas::timestamp received_at = *schemas::timestamp_from_rfc3339("2026-11-22T09:15:04.412Z");

  connectors::inbound in() const {
    return {method,
            target,
            "https://example.com/in/tiny",
            headers,
            std::string_view(body).substr(0, body.size() - connectors::inbound::body_padding),
            "192.0.2.7",
            received_at};
  }
};

std::shared_ptr<const tenant> make_tenant(std::string_view id);
source tiny_source();             // tenant acme
environment fixed_environment();  // deterministic nonces
// The value of a member of the encoded body by JSON Pointer, "" when absent; numbers and lists as JSON.
std::string at(const schemas::encoded_event&, std::string_view pointer);
std::string attribute(const schemas::encoded_event&, std::string_view name);

}  // namespace switchboard::intake::test
