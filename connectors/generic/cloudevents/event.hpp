// One CloudEvent as it was carried, whatever the mode. It belongs to one request on one thread; `json` lives until the
// next parse.
#pragma once

#include "connectors/common/json.hpp"
#include "schemas/event.hpp"

namespace switchboard::connectors::cloudevents {

struct problem {
  reject_code code;
  std::string where;  // "/id", or "ce-id" in binary mode
};

struct carried {
  std::string id, source, type, subject, dataschema, content_type, version;
  std::optional<timestamp> time;
  std::vector<schemas::named_value> extensions;

  // The data: JSON, or bytes as they came, or neither. JSON that was not part of the envelope has its bytes too.
  std::optional<json::element> json;
  std::optional<std::string> bytes;
  bool is_text = false;  // what the bytes are, where they are not JSON

  std::optional<problem> wrong;  // the first thing
  const schemas::named_value* extension(std::string_view name) const noexcept;
};

// JSON format: the event is one object. `depth`: of JSON inside data_base64.
carried read_structured(json::object, std::size_t depth);
// Attributes from ce- headers, the data from the body.
carried read_binary(const inbound&, std::size_t depth);

bool is_json(std::string_view media_type) noexcept;
// A header's value as the attribute that it holds: double quotes undone, one round of percent-decoding.
std::string header_text(std::string_view);

}  // namespace switchboard::connectors::cloudevents
