// The admin listener: health, metrics, status, schemas, attachments. Read-only; nothing here changes what the broker
// does.
//
// Runs on the admin listener's own network thread, so that a scrape or a download never delays a contact.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "broker/blobs/store.hpp"
#include "broker/net/http_server.hpp"

namespace switchboard::app {

// One thing that health or readiness looks at.
struct finding {
  std::string_view name;
  bool ok = true;
  std::string reason;
};

// What the admin listener tells; implemented by the node. Called on the admin thread.
class overview {
 public:
  virtual ~overview() = default;
  virtual std::vector<finding> health() const = 0;     // the loops turn
  virtual std::vector<finding> readiness() const = 0;  // new contacts can be kept
  virtual std::string metrics() const = 0;             // Prometheus text
  virtual std::string status() const = 0;              // JSON
};

using blob_tokens = std::vector<std::pair<std::string, std::string>>;  // tenant, bearer token

class admin final : public net::handler {
 public:
  admin(const overview&, blobs::store&);  // both outlive it
  void set_tokens(blob_tokens);           // any thread

  net::admit_result admit(const net::request_head&) override;
  void handle(std::unique_ptr<net::responder>) override;

 private:
  net::http_response answer(const net::request_head&) const;
  static net::http_response schema(std::string_view name);
  net::http_response blob(std::string_view reference, const net::request_head&) const;
  bool may_read(std::string_view tenant, const net::request_head&) const;

  const overview& overview_;
  blobs::store& blobs_;
  mutable std::mutex mutex_;  // tokens
  blob_tokens tokens_;
};

// First and last byte of a single `Range: bytes=…` over `size` bytes. nullopt: no range, or one to ignore;
// `unsatisfiable` is set when the answer is 416.
struct byte_range {
  std::uint64_t first = 0, last = 0;
};
std::optional<byte_range> parse_range(std::string_view header, std::uint64_t size, bool& unsatisfiable) noexcept;

}  // namespace switchboard::app
