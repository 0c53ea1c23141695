// What is wrong with a configuration, and where.
#pragma once

#include <string>

namespace switchboard::config {

struct diagnostic {
  std::string file;
  int line = 0, column = 0;  // from 1; 0: the file as a whole
  std::string message, hint;
  bool warning = false;
};
std::string to_string(const diagnostic&);  // file:line:column: message; hint

}  // namespace switchboard::config
