#pragma once

#include "connectors/contract.hpp"

namespace switchboard::connectors::twilio_messaging {

inline constexpr schemas::event_type emitted_types[] = {
    schemas::event_type::message_received, schemas::event_type::receipt, schemas::event_type::consent_changed,
    schemas::event_type::unsupported};

decoded decode(const inbound&, const prepared&, const authentic&, const limits&);
response reply(const inbound&, const prepared&, const decoded&, std::span<const item_outcome>);

}  // namespace switchboard::connectors::twilio_messaging
