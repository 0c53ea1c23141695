// Structured logs: a fixed message and named values, as logfmt or JSON lines on stderr, through spdlog. Any thread.
// One write a line. Works before set_up_log() as logfmt, level info.
//
// Never payload text, never secrets: values are ids, codes, counts and paths of ours. Control and bidirectional
// characters are escaped, what is not UTF-8 is shown as such, and a value is cut after 2 KiB: nobody outside writes a
// line of our log.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace switchboard::observe {

enum class level : std::uint8_t { debug, info, warning, error, critical };
enum class log_format : std::uint8_t { logfmt, json };

// Names are literals of ours: [a-z0-9_]. Numbers and booleans are written bare in JSON.
struct value {
  std::string_view name;
  std::string text;
  bool bare = false;
  value(std::string_view n, std::string_view t) : name(n), text(t) {}
  value(std::string_view n, std::integral auto t) : name(n), bare(true) {
    if constexpr (std::same_as<decltype(t), bool>)
      text = t ? "true" : "false";
    else
      text = std::to_string(t);
  }
};

void set_up_log(log_format, level least);
void log(level, std::string_view message, std::initializer_list<value> values = {});

}  // namespace switchboard::observe
