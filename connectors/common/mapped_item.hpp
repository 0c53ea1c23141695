// Items of bodies of no fixed shape as events, by the source's mapping. Pure, any thread.
#pragma once

#include "connectors/common/mapping.hpp"

namespace switchboard::connectors {

// What is known of an item before it is read.
struct mapped_delivery {
  std::string_view carrier;       // "webhook": kinds of unsupported items begin with it
  std::string id;                 // the provider's key of the delivery; the object's id where no field names one
  std::size_t index = 0;          // of the item in the delivery
  std::string_view raw;           // the the item's bytes where it is a whole body; empty: the item as compact JSON
  std::string_view content_type;  // its media type
  std::string_view account = {};  // the company's end where neither the settings nor a field names one
  timestamp received_at{};
  std::optional<timestamp> sent;         // the time where no field gives one; without it the time of receipt, flagged
  std::optional<std::string> kind = {};  // what the sender calls it, where not the body says so: looked up in `events`
};

// The items of a body: itself, or the elements of the list that the settings name. `out.whole` is set when that is
// none.
void map_body(json::element body, mapped_delivery, const mapping_settings&, const limits&, decoded& out);
// An event by the meaning of its kind. What a field finds but cannot use is an item_rejected; what is `ignored` is
// unsupported.
item mapped_item(json::element, const mapped_delivery&, const mapping_settings&);
// A body that is no JSON and does not claim to be: `raw` as it came in `payload`, unsupported where it is no text.
item opaque_item(const mapped_delivery&, const mapping_settings&);

// What such a delivery has in common, without having read its body.
contact mapped_base(const mapped_delivery&, const mapping_settings&);
// A form, whole, as its sender wrote it.
void fill_payload(std::string text, std::string_view content_type, contact&);
// Fills the block of that meaning. `ignored` has none.
void fill_block(meaning, mapping&, json::element, const mapped_delivery&, const mapping_settings&, contact&);

}  // namespace switchboard::connectors
