#include "schemas/event.hpp"

#include <algorithm>

namespace switchboard::schemas {

void event::add(flag f) {
  if (std::ranges::find(flags, f) == flags.end()) flags.push_back(f);
}

}  // namespace switchboard::schemas
