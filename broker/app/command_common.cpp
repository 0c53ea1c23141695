#include "broker/app/command_common.hpp"

#include <cstdio>

#include "broker/app/terminal.hpp"

namespace switchboard::app {

void explain(const std::vector<config::diagnostic>& found) {
  const bool on = colourful(stderr);
  for (const auto& d : found) {
    const auto line = paint(d.warning ? colour::yellow : colour::red, config::to_string(d), on) + "\n";
    std::fwrite(line.data(), 1, line.size(), stderr);
  }
}

std::optional<configuration> load_or_explain(const std::string& file, const load_settings& settings) {
  auto loaded = load(file, settings);
  if (loaded) return std::move(*loaded);
  explain(loaded.error());
  return std::nullopt;
}

exit_code fail(exit_code code, std::string_view message, std::string_view hint) {
  std::string line = paint(colour::red, "switchboard: ", colourful(stderr));
  line += message;
  if (!hint.empty()) (line += "; ") += hint;
  line += '\n';
  std::fwrite(line.data(), 1, line.size(), stderr);
  return code;
}

bool print(std::string_view text) { return std::fwrite(text.data(), 1, text.size(), stdout) == text.size(); }

}  // namespace switchboard::app
