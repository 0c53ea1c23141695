#include "broker/app/terminal.hpp"

#include <unistd.h>

#include <cstdlib>

#include "broker/observe/escape.hpp"

namespace switchboard::app {

bool colourful(std::FILE* stream) {
  const char* no_color = std::getenv("NO_COLOR");
  const char* term = std::getenv("TERM");
  if (no_color != nullptr && *no_color != '\0') return false;
  return ::isatty(::fileno(stream)) != 0 && term != nullptr && std::string_view(term) != "dumb";
}

std::string paint(colour c, std::string_view text, bool on) {
  if (!on) return std::string(text);
  constexpr const char* codes[] = {"31", "32", "33", "34", "90", "1"};
  std::string out = "\x1b[";
  out += codes[static_cast<unsigned>(c)];
  out += 'm';
  out += text;
  out += "\x1b[0m";
  return out;
}

std::string harmless(std::string_view text) {
  std::string shown;
  observe::append_harmless(shown, text);
  return shown;
}

}  // namespace switchboard::app
