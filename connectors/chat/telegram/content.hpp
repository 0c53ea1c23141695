// What a Message says: its one content member becomes text, attachments and the message block.
#pragma once

#include "connectors/chat/telegram/update.hpp"

namespace switchboard::connectors::telegram {

// False when it has none of the contents that we know.
bool fill_content(const update&, const node& message, contact&);
// Text of rich blocks, a line each, and their media as attachments.
void fill_rich(const node& rich_message, contact&);
// The file objects among the members of `from` (photo, video, voice …) as attachments, state pending.
bool fill_files(const node& from, schemas::event&);

// The member that says what an unknown message is: the first that is neither about sender, place nor form.
std::string_view content_name(const node& message);

}  // namespace switchboard::connectors::telegram
