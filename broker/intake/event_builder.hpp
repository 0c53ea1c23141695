// Completes what a connector decoded into an event that can be published: everything that intake owns. One thread;
// lives as long as the request.
#pragma once

#include <expected>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "broker/intake/unit_builder.hpp"

namespace switchboard::intake {

class event_builder {
 public:
  event_builder(const source&, const connectors::inbound&, const environment&, const schemas::verdict_info&,
                unit_builder&);

  // Adds the message of one fact to the unit; its index, or why it cannot be a record. `unknown` is set for items of a
  // kind that the connector does not know; `earlier` are the event ids of the items before this one.
  std::expected<std::size_t, connectors::reject_code> build(connectors::contact&, std::uint32_t item, const tenant&,
                                                            const connectors::unsupported* unknown,
                                                            std::span<const std::optional<uuid>> earlier);

 private:
  void complete_envelope(schemas::event&, const tenant&);
  void identify(connectors::contact&, std::uint32_t item, const connectors::unsupported*);
  void relate(connectors::contact&, const tenant&, std::span<const std::optional<uuid>> earlier);
  void name_conversation(connectors::contact&, const tenant&);
  void mask(schemas::event&);
  void classify(schemas::event&, const connectors::unsupported*);
  void point_to_raw(schemas::event&, const tenant&, const connectors::unsupported*);
  void store_attachments(connectors::contact&, const tenant&);
  void shorten(schemas::event&, const tenant&, std::size_t text_bytes);
  std::optional<schemas::encoded_event> encode_within_limit(schemas::event&, const tenant&);

  const source& source_;
  const connectors::inbound& in_;
  const environment& environment_;
  const schemas::verdict_info& verdict_;
  unit_builder& unit_;
  const tenant* raw_owner_ = nullptr;  // whose hash of the body stands in raw_hash_
  std::string raw_hash_;
  std::vector<std::pair<std::string, std::size_t>> call_digits_;  // call id, digits so far in this request
};

}  // namespace switchboard::intake
