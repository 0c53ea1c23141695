#include "broker/config/diagnostic.hpp"

#include <fmt/format.h>

namespace switchboard::config {

std::string to_string(const diagnostic& d) {
  std::string out = d.line > 0 ? fmt::format("{}:{}:{}: ", d.file, d.line, d.column) : fmt::format("{}: ", d.file);
  if (d.warning) out += "warning: ";
  out += d.message;
  if (!d.hint.empty()) out += "; " + d.hint;
  return out;
}

}  // namespace switchboard::config
