// The JSON Schemas, compiled into the program: what the admin listener serves under /schemas/{name}. Static storage,
// any thread.
#pragma once

#include <span>
#include <string_view>

namespace switchboard::schemas {

struct document {
  std::string_view name;  // "contact.message.received.v1.json"
  std::string_view text;  // media type application/schema+json
};

// Sorted by name.
std::span<const document> documents() noexcept;
// nullptr when there is none of that name.
const document* find_document(std::string_view name) noexcept;

}  // namespace switchboard::schemas
