// Every event that a test program makes, left for validators that share no code with the codec
// (tests/support/emitted_events.py): one JSON document a line, in a file of this process in the directory that
// SWITCHBOARD_EMITTED_EVENTS names (ctest does; without it nothing is left).
//
// A program that links switchboard_emitted_events leaves whatever passes schemas::encode(), wherever it is called: the
// linker puts us in its way. What is read back from Kafka comes here by leave_record(). Any thread.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace switchboard::support {

// A record as it stands in Kafka, in either content mode.
void leave_record(const std::map<std::string, std::string>& headers, std::string_view key, std::string_view value);

}  // namespace switchboard::support
