// What this program is and what it runs with.
#pragma once

#include <string>

namespace switchboard::app {

std::string version();          // "0.1.0"
std::string version_details();  // several lines: version, commit, the libraries at run time

}  // namespace switchboard::app
