// Payment cards and keyed-in digits are taken out of what people wrote before anything is stored. Pure, any thread,
// linear time.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "schemas/event.hpp"

namespace switchboard::intake {

// Replaces all digits but the last four of every card number by '*': 13 to 19 digits of any of the scripts in which
// people type them, single separators (space, no-break space, dash, dot) between, a prefix and length that a card
// network issues, and the Luhn check. What follows a '+' is a telephone number, what touches letters over a dash is a
// reference: both stay. Card numbers inside a longer run of groups are found; an unbroken run of more than 19 digits is
// none. Returns whether anything was replaced.
bool mask_cards(std::string& utf8);
// The same for JSON text, which stays JSON: of a number the hidden digits become '0' and the first one stays; strings
// are read without their escapes. What is no JSON is masked as mask_cards does it.
bool mask_cards_in_json(std::string& json);

// mask_cards over every field of the event that holds what somebody typed, wrote or said, file names included; sets
// flag `masked`. Identities, ids and links stay.
void mask_event(schemas::event&);

// Of the digits that were keyed in during one call those after the first `kept` become '*'. `already` is how many the
// same call brought earlier in this request; returns the sum.
inline constexpr std::size_t call_digits_kept = 6;
std::size_t mask_call_digits(schemas::event&, std::size_t already, std::size_t kept = call_digits_kept);

}  // namespace switchboard::intake
