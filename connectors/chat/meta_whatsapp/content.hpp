// What a message says, whoever sent it: the part that incoming ones, echoes, edits and imported ones share.
#pragma once

#include "connectors/chat/meta_whatsapp/change.hpp"

namespace switchboard::connectors::meta_whatsapp {

// Fills text, attachments and the block `message`. false when the type is not known. `edit`: an edit's own context
// names no message.
bool fill_content(json::reader& message, std::string_view type, const change&, schemas::event&, bool edit = false);

// Media that a webhook names can be fetched for seven days.
inline constexpr std::chrono::days media_kept{7};

}  // namespace switchboard::connectors::meta_whatsapp
