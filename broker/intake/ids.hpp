// Identifiers that are made, not drawn: the same fact has the same id on every node, after every crash and rename.
// Pure, any thread.
//
// A UUIDv8 of the first 128 bits of a SHA-256 over: one byte for what it identifies, then each part, preceded by its
// length where it can vary. The bytes that go in are fixed for ever: tests/broker/intake/ids.tsv holds ids that may
// never change.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "schemas/event.hpp"

namespace switchboard::intake {

using schemas::uuid;

// An event whose provider names the fact. `type` is the wire name, so that it does not hang on an enum's order.
uuid event_id(const uuid& name_space, std::string_view provider_key, std::string_view type, std::uint32_t ordinal);
// … and of one that the provider does not name: over the content. `parts` are what every event of the conversation
// carries.
uuid content_event_id(const uuid& name_space, std::uint64_t fingerprint, std::span<const std::string> parts,
                      std::string_view type, std::uint32_t ordinal);
// Well-formed but unknown: a name space of its own, so that the event it becomes once it is understood is another one.
uuid unsupported_id(const uuid& name_space, std::string_view provider_key, std::uint64_t fingerprint,
                    std::uint32_t ordinal);
// Of what a request as a whole is: its method, target and body. `item` is the item's place in it, or whole_request.
inline constexpr std::uint32_t whole_request = 0xFFFFFFFF;
uuid quarantine_id(const uuid& name_space, std::string_view method, std::string_view target, std::string_view body,
                   std::uint32_t item);
uuid raw_id(const uuid& name_space, std::string_view method, std::string_view target, std::string_view body,
            schemas::timestamp received_at);
// object.id: the same in every event about the thing, over all sources of the tenant.
uuid object_id(std::string_view tenant, std::string_view provider, std::string_view external_id);
// An event decoded again: over the id it supersedes and the revision.
uuid superseding_id(const uuid& superseded, std::string_view revision);

}  // namespace switchboard::intake
