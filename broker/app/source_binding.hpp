// Binds the `sources` of the configuration file.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "broker/config/schema.hpp"
#include "broker/intake/pipeline.hpp"

namespace switchboard::app {

using tenant_list = std::vector<std::shared_ptr<const intake::tenant>>;
using source_list = std::vector<std::shared_ptr<const intake::source>>;

// `topics`: the logical names that rules may add. With `without_secrets` a connector that cannot be prepared with
// stand-ins for its credentials stands without `prepared`.
source_list bind_sources(const config::view& root, const tenant_list&, std::span<const std::string> topics,
                         bool without_secrets, config::report&);

}  // namespace switchboard::app
