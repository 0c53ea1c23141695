// What the facts of every hook have in common: the call, its two ends, the conversation, the time.
#pragma once

#include "connectors/voice/twilio_voice/hook.hpp"

namespace switchboard::connectors::twilio_voice {

// Who did it, where the hook does not say: the customer (keyed in, spoke), the company, or whoever made the call.
enum class by : std::uint8_t { customer, company, caller };

// The company's end of the call: its number; of a leg that Twilio dialled for a caller, its account with Twilio.
schemas::event::account_info account_of(const hook_request&);
// A fact about the call `sid` (or the conference): all but its block and the key. `sid` is an identifier.
contact fact_of(const hook_request&, schemas::event_type, std::string_view sid, schemas::direction, by = by::caller);
// key: "{sid}/{what}"; the fingerprint is over what two hooks that tell the same fact both say.
void name_fact(contact&, std::string_view sid, std::string_view what, std::string_view content = {});
// The same for what Twilio numbers nowhere: told apart by the request's idempotency token; without one by its content.
void name_fact_by_request(contact&, const hook_request&, std::string_view sid, std::string_view what);
// The provider's order of the facts of `scope`.
void fill_sequence(contact&, std::string_view scope, std::string_view value);
// Adds what a parameter, or the URL under that name, refers to.
void relate(contact&, schemas::rel, const hook_request&, std::string_view parameter);

std::optional<schemas::call_state> state_of(std::string_view status) noexcept;

}  // namespace switchboard::connectors::twilio_voice
