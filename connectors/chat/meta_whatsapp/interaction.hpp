// Answers to what the company asked: buttons, lists, flows, permissions.
#pragma once

#include "connectors/chat/meta_whatsapp/change.hpp"

namespace switchboard::connectors::meta_whatsapp {

void button(json::reader& from, std::string_view type, const change&, schemas::event&);  // of a template
bool interactive(json::reader& from, schemas::event&);  // of anything else; false when its type is not known

}  // namespace switchboard::connectors::meta_whatsapp
