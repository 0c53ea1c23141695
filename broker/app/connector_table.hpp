// The table of connectors as the README shows it, between its markers.
#pragma once

#include <string>

namespace switchboard::app {

std::string connector_table_markdown();

}  // namespace switchboard::app
