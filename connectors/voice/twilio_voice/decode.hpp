#pragma once

#include "connectors/contract.hpp"
#include "connectors/voice/twilio_voice/hook.hpp"

namespace switchboard::connectors::twilio_voice {

decoded decode(const inbound&, const prepared&, const authentic&, const limits&);
response reply(const inbound&, const prepared&, const decoded&, std::span<const item_outcome>);

// Each gives what one kind of hook tells.
std::vector<item> decode_status(const hook_request&);
std::vector<item> decode_dial(const hook_request&);
std::vector<item> decode_queue(const hook_request&, hook);
std::vector<item> decode_refer(const hook_request&);
std::vector<item> decode_machine_detection(const hook_request&);
std::vector<item> decode_conference(const hook_request&);
std::vector<item> decode_stream(const hook_request&);
std::vector<item> decode_gather(const hook_request&);
std::vector<item> decode_partial(const hook_request&);
std::vector<item> decode_recording(const hook_request&);
std::vector<item> decode_transcription(const hook_request&);
std::vector<item> decode_live_transcription(const hook_request&);
// The recording that another hook tells of as well: the action of <Record> and <Dial>, the end of a call.
contact recording_of(const hook_request&, std::string_view call, schemas::recording_purpose);

// What stands in an unsupported or rejected item is filled in by decode().
item unknown(contact, std::string_view kind);
item missing(std::string_view parameter);

}  // namespace switchboard::connectors::twilio_voice
