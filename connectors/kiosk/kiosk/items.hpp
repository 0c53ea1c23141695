// The items of a batch, one kind each: fill the event's block from the item's members. What is wrong stays in the
// reader.
#pragma once

#include "connectors/common/json.hpp"
#include "connectors/kiosk/kiosk/settings.hpp"

namespace switchboard::connectors::kiosk {

struct item_context {
  const configuration& settings;
  const device& owner;
  const connectors::limits& limits;
};

// False when the type is none of ours.
bool fill_block(std::string_view type, json::reader&, const item_context&, contact&);
// Base64 attachments and their bytes.
void fill_attachments(json::reader&, const item_context&, contact&);

}  // namespace switchboard::connectors::kiosk
