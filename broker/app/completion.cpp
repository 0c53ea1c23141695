#include "broker/app/completion.hpp"

#include <fmt/format.h>

namespace switchboard::app {
namespace {

std::string words(const completion_command& c) {
  std::string out;
  for (const auto& a : c.actions) out += (out.empty() ? "" : " ") + a.name;
  for (const auto& o : c.options) out += (out.empty() ? "" : " ") + o.name;
  return out;
}

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

void bash_case(std::string& out, const std::string& path, const completion_command& c) {
  out += fmt::format("    '{}') words='{}' ;;\n", path, words(c));
  for (const auto& a : c.actions) bash_case(out, path + " " + a.name, a);
}

std::string bash(const std::vector<completion_command>& commands) {
  std::string names, cases, two_level;
  for (const auto& c : commands) {
    names += (names.empty() ? "" : " ") + c.name;
    bash_case(cases, c.name, c);
    if (!c.actions.empty()) two_level += (two_level.empty() ? "" : "|") + c.name;
  }
  return fmt::format(R"(# Completion of switchboard for bash. Made by `switchboard completion bash`.
_switchboard() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD-1]}} command=${{COMP_WORDS[1]}} words=
  COMPREPLY=()
  case $previous in
    --config|-c|--capture|--requests|--from|--output|-o) mapfile -t COMPREPLY < <(compgen -f -- "$current"); return ;;
    --journal) mapfile -t COMPREPLY < <(compgen -d -- "$current"); return ;;
    --capture-mode) mapfile -t COMPREPLY < <(compgen -W 'sealed redacted plain' -- "$current"); return ;;
  esac
  if [ "$COMP_CWORD" -eq 1 ]; then
    mapfile -t COMPREPLY < <(compgen -W '{} --help --version' -- "$current")
    return
  fi
  case $command in
    {}) if [ "$COMP_CWORD" -gt 2 ]; then command="$command ${{COMP_WORDS[2]}}"; fi ;;
  esac
  case $command in
{}  esac
  mapfile -t COMPREPLY < <(compgen -W "$words --help" -- "$current")
  if [ "${{#COMPREPLY[@]}}" -eq 0 ]; then mapfile -t COMPREPLY < <(compgen -f -- "$current"); fi
}}
complete -o filenames -F _switchboard switchboard
)",
                     names, two_level, cases);
}

void zsh_arguments(std::string& out, const completion_command& c, const char* indent) {
  out += fmt::format("{}_arguments \\\n", indent);
  for (const auto& o : c.options) {
    const std::string value = !o.takes_value     ? ""
                              : o.type == "FILE" ? ":file:_files"
                              : o.type == "DIR"  ? ":directory:_files -/"
                                                 : ":value:";
    out += fmt::format("{}  '{}[{}]{}' \\\n", indent, o.name, quoted(o.text), value);
  }
  out += fmt::format("{}  '*:file:_files'\n", indent);
}

std::string zsh(const std::vector<completion_command>& commands) {
  std::string list, cases;
  for (const auto& c : commands) {
    list += fmt::format("    '{}:{}'\n", c.name, quoted(c.text));
    cases += fmt::format("    {})\n", c.name);
    if (c.actions.empty()) {
      zsh_arguments(cases, c, "      ");
    } else {
      cases += "      if (( CURRENT == 3 )); then\n        local -a actions=(\n";
      for (const auto& a : c.actions) cases += fmt::format("          '{}:{}'\n", a.name, quoted(a.text));
      cases += "        )\n        _describe action actions\n        return\n      fi\n      case $words[3] in\n";
      for (const auto& a : c.actions) {
        cases += fmt::format("        {})\n", a.name);
        zsh_arguments(cases, a, "          ");
        cases += "          ;;\n";
      }
      cases += "      esac\n";
    }
    cases += "      ;;\n";
  }
  return fmt::format(R"(#compdef switchboard
# Completion of switchboard for zsh. Made by `switchboard completion zsh`.
_switchboard() {{
  local -a commands=(
{}  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  case $words[2] in
{}  esac
}}
_switchboard "$@"
)",
                     list, cases);
}

}  // namespace

std::string completion_script(const std::string& shell, const std::vector<completion_command>& commands) {
  return shell == "zsh" ? zsh(commands) : bash(commands);
}

}  // namespace switchboard::app
