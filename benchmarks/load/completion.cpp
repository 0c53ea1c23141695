#include <fmt/format.h>

#include "benchmarks/load/options.hpp"

namespace switchboard::load {
namespace {

std::string quoted(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\'')
      out += "'\\''";
    else if (c == '[' || c == ']' || c == ':')
      (out += '\\') += c;
    else
      out += c;
  }
  return out;
}

std::string bash(const std::vector<completion_word>& words) {
  std::string all, files, choices;
  for (const auto& w : words) {
    all += (all.empty() ? "" : " ") + w.option;
    if (w.value == "FILE") files += (files.empty() ? "" : "|") + w.option;
    if (!w.choices.empty())
      choices += fmt::format("    {}) mapfile -t COMPREPLY < <(compgen -W '{}' -- \"$current\"); return ;;\n", w.option,
                             w.choices);
  }
  return fmt::format(R"(# Completion of switchboard-load for bash. Made by `switchboard-load --completion bash`.
_switchboard_load() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD-1]}}
  COMPREPLY=()
  case $previous in
    {}) mapfile -t COMPREPLY < <(compgen -f -- "$current"); return ;;
{}  esac
  mapfile -t COMPREPLY < <(compgen -W '{}' -- "$current")
}}
complete -o filenames -F _switchboard_load switchboard-load
)",
                     files, choices, all);
}

std::string zsh(const std::vector<completion_word>& words) {
  std::string arguments;
  for (const auto& w : words) {
    const std::string value = !w.choices.empty()  ? ":value:(" + w.choices + ")"
                              : w.value == "FILE" ? ":file:_files"
                              : w.value.empty()   ? ""
                                                  : ":value:";
    arguments += fmt::format(" \\\n  '{}[{}]{}'", w.option, quoted(w.text), value);
  }
  return fmt::format(
      "#compdef switchboard-load\n# Completion of switchboard-load for zsh. Made by `switchboard-load "
      "--completion zsh`.\n_arguments{}\n",
      arguments);
}

}  // namespace

std::string completion_script(const std::string& shell, const std::vector<completion_word>& words) {
  return shell == "zsh" ? zsh(words) : bash(words);
}

}  // namespace switchboard::load
