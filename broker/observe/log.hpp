// Structured logs: a fixed message and named values, as logfmt or JSON lines on stderr, through spdlog. Any thread.
//
// Never payload text, never secrets: values are ids, codes, counts and paths of ours. Control and bidirectional characters are escaped.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace switchboard::observe {

enum class level : std::uint8_t { debug, info, warning, error, critical };
enum class log_format : std::uint8_t { logfmt, json };

struct value {
  std::string_view name;
  std::string text;
  value(std::string_view n, std::string_view t) : name(n), text(t) {}
  value(std::string_view n, std::integral auto t) : name(n), text(std::to_string(t)) {}
};

void set_up_log(log_format, level least);
void log(level, std::string_view message, std::initializer_list<value> values = {});

}  // namespace switchboard::observe
