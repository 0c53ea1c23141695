// The journal's heartbeat: how far it has come, so that a consumer can close windows and see a loss by itself. Pure but
// for the random id.
#pragma once

#include <optional>
#include <span>

#include "broker/publish/checkpoint.hpp"
#include "broker/publish/forwarder.hpp"
#include "schemas/codec.hpp"

namespace switchboard::publish {

schemas::encoded_event make_heartbeat(const schemas::uuid& journal, schemas::timestamp now,
                                      std::optional<schemas::timestamp> oldest_unpublished, const position&,
                                      std::span<const topic>);

}  // namespace switchboard::publish
