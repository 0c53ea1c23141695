// What happens on a Page in public, and the forms of its ads: the changes of an entry.
#pragma once

#include "connectors/common/meta_messaging.hpp"

namespace switchboard::connectors::meta_messenger {

item decode_change(const meta::update&, const meta::entry_context&);

}  // namespace switchboard::connectors::meta_messenger
