// Rules: who decides what becomes of a contact, and which topics see it. Pure, any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "broker/intake/pipeline.hpp"

namespace switchboard::intake {

// The fields that a condition may name, and what they hold: for the configuration's check and its reference.
struct rule_field {
  std::string_view name, text;
};
std::span<const rule_field> rule_fields() noexcept;

// Fills the event's handling and returns the topics that the rules add, each once, in the rules' order. `handling` that
// stands in the event already is what the customer chose: it stays, decided_by "customer"; rules fill in what it leaves
// open.
std::vector<std::string> apply_rules(std::span<const rule>, schemas::event&, schemas::timestamp received_at);

}  // namespace switchboard::intake
