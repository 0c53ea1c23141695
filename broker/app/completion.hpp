// Completion scripts for shells, made from the command line's own definition. deploy/completion/ holds them; a test
// compares.
#pragma once

#include <string>
#include <vector>

namespace switchboard::app {

struct completion_option {
  std::string name, text;
  bool takes_value = false;
  std::string type;
};
struct completion_command {
  std::string name, text;
  std::vector<completion_option> options;
  std::vector<completion_command> actions;
};

std::string completion_script(const std::string& shell, const std::vector<completion_command>&);

}  // namespace switchboard::app
