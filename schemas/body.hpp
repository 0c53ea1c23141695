// The body of what is published. Internal to schemas.
#pragma once

#include <string>
#include <string_view>

#include "schemas/event.hpp"
#include "schemas/writer.hpp"

namespace switchboard::schemas {

// {"event":{"id":"…","recorded_at":"…","type":…: both places stand at the same offset in every body.
inline constexpr std::string_view body_before_id = R"({"event":{"id":")";
inline constexpr std::string_view body_before_recorded_at = R"(","recorded_at":")";
inline constexpr std::size_t id_offset = body_before_id.size();
inline constexpr std::size_t id_length = 36;
inline constexpr std::size_t recorded_at_offset = id_offset + id_length + body_before_recorded_at.size();
inline constexpr std::size_t recorded_at_length = 24;

// Opens the body and writes `event`. The caller appends further members and the closing brace.
void append_head(std::string& out, const uuid& id, timestamp recorded_at, std::string_view type, timestamp time,
                 std::string_view tenant);
// The whole body of an event. `flags` come last, so that one can be added without encoding again.
void append_body(std::string& out, const event&);
// The members that say what happened: message, call, …
void write_blocks(json_writer&, const event&);
// A list of {name, value}.
void write_named(json_writer&, std::string_view name, const std::vector<named_value>&);

}  // namespace switchboard::schemas
