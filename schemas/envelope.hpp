// Parts of the CloudEvents envelope that events and records share. Internal to schemas.
#pragma once

#include <string>
#include <string_view>

namespace switchboard::schemas {

// "/tenants/{tenant}/sources/{source}"; without a tenant "/sources/{source}".
std::string source_uri(std::string_view tenant, std::string_view source);
// base + type + ".json", a slash between where the base has none.
std::string dataschema_uri(std::string_view base, std::string_view type);

}  // namespace switchboard::schemas
