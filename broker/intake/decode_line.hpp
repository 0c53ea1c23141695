// What `decode` writes: one line of JSON for each request. Pure functions, any thread.
//
//   {"source":"sms","outcome":"accepted","status":200,"code":null,"reply":{"content_type":"text/xml","body":"<Response/>"},
//    "events":[{"specversion":"1.0",…}],"quarantined":[{"item":1,"code":"missing_field","pointer":"/score"}],
//    "verification":"skipped"}
//
// `outcome` is accepted, control, rejected or quarantined; `code` says why where there is a why. `events` are the
// contacts in the structured form, stamped with received_at, without the journal's attributes. `quarantined` stands
// where items (or, without `item`, the request) go to quarantine, `verification` where it was skipped.
#pragma once

#include <string>
#include <string_view>

#include "broker/intake/pipeline.hpp"

namespace switchboard::intake {

// Appends the line with its line feed. Nothing is deduplicated: the reply is that to a request of which all is new.
void append_decoded(std::string& out, const source&, const connectors::inbound&, const processed&, const environment&);

// For a line that is no request or names no source: outcome rejected, without events, beside the usual members a
// `message`.
void append_undecoded(std::string& out, std::string_view source, int status, std::string_view code,
                      std::string_view message);

}  // namespace switchboard::intake
