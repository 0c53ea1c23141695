// One item of a body as an event, by its meaning.
#pragma once

#include "connectors/generic/webhook/mapping.hpp"

namespace switchboard::connectors::webhook {

struct body_facts {
  std::string_view raw;           // the request's body
  std::string_view content_type;  // its media type
  bool whole = true;              // the item is the whole body
};

// Fills the block of that meaning. `ignored` has none.
void fill_block(meaning, mapping&, json::element, const body_facts&, const configuration&, contact&);
// A body of which only this is known: it is a form, whole, as its sender wrote it.
void fill_payload(std::string text, std::string_view content_type, contact&);

}  // namespace switchboard::connectors::webhook
