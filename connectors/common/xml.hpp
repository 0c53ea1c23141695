// XML that people write into configurations. For start-up: any one thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace switchboard::connectors {

// What keeps `text` from being a well-formed XML document in UTF-8 with that root element and without a DTD; nullopt
// when nothing does.
std::optional<std::string> wrong_in_xml(std::string_view text, std::string_view root);

}  // namespace switchboard::connectors
