// What is said in public on Instagram: the changes of an entry.
#pragma once

#include "connectors/common/meta_messaging.hpp"

namespace switchboard::connectors::meta_instagram {

item decode_change(const meta::update&, const meta::entry_context&);

}  // namespace switchboard::connectors::meta_instagram
