// What several commands share.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "broker/app/configuration.hpp"
#include "broker/app/exit_code.hpp"

namespace switchboard::app {

// Loads the file, or prints all diagnostics to standard error and returns nothing: the caller ends with
// exit_code::configuration.
std::optional<configuration> load_or_explain(const std::string& file, const load_settings& = {});
void explain(const std::vector<config::diagnostic>&);

// "switchboard: message" on standard error; returns the code, so that a command can end with it.
exit_code fail(exit_code, std::string_view message, std::string_view hint = {});

// False once standard output cannot be written any more (a closed pipe, a full disk).
bool print(std::string_view text);

}  // namespace switchboard::app
