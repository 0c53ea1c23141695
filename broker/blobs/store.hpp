// Attachments and originals, by content: tenant/day/sha256.
//
// A reference is readable by consumers before the event that carries it is: small blobs ride in the journal's unit and
// are stored by the forwarder before it hands the record over; large ones are written and synced before the append.
// Whole days expire; nothing counts references. Any thread.
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <string_view>

#include "broker/base/file_system.hpp"
#include "schemas/event.hpp"

namespace switchboard::blobs {

inline constexpr std::size_t in_unit_limit = 256u << 10;

struct reference {
  std::string tenant, day, sha256;
};  // day: YYYYMMDD of recording, UTC
std::string to_string(const reference&);  // "tenant/day/sha256"
std::expected<reference, std::string> parse(
    std::string_view);  // checks every character: a reference never leaves the store's directory

struct stored {
  std::unique_ptr<base::file> file;
  std::uint64_t size = 0;
};

class store {
 public:
  virtual ~store() = default;
  // Durable when it returns. Storing the same again is a no-op. After a sync failed nothing is stored any more until a
  // restart.
  virtual std::expected<void, std::string> put(const reference&, std::string_view bytes) = 0;
  virtual bool broken() const = 0;  // a sync failed: nothing is stored until a restart
  virtual std::expected<stored, std::string> open(const reference&) = 0;
  virtual void expire(schemas::timestamp now) = 0;  // removes whole days past the retention
};

struct local_settings {
  std::string directory;
  int retention_days = 30;
};
std::unique_ptr<store> local(base::file_system&, local_settings);

}  // namespace switchboard::blobs
