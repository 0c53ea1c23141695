#pragma once

#include "connectors/contract.hpp"

namespace switchboard::connectors::webhook {

inline constexpr schemas::event_type emitted_types[] = {
    schemas::event_type::message_received, schemas::event_type::feedback_submitted,
    schemas::event_type::form_submitted,   schemas::event_type::callback_requested,
    schemas::event_type::visit_recorded,   schemas::event_type::consent_changed,
    schemas::event_type::unsupported};

decoded decode(const inbound&, const prepared&, const authentic&, const limits&);
response reply(const inbound&, const prepared&, const decoded&, std::span<const item_outcome>);

}  // namespace switchboard::connectors::webhook
