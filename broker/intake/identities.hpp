// Brings every identity of an event to its one spelling, before anything is hashed over it. Pure, any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "schemas/event.hpp"

namespace switchboard::intake {

// A national number is read with the calling code of the company's end (account.uri). What claims to be a telephone
// number and is none (a short code, an alphanumeric sender) becomes the provider's: {provider}:{account}/{raw}. What is
// no URI goes.
void normalise_identities(schemas::event&);
// The same for the parts that a conversation is hashed over: those that are tel:, mailto:, sip: or whatsapp: URIs.
void normalise_parts(const schemas::event&, std::vector<std::string>& parts);

}  // namespace switchboard::intake
