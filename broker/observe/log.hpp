// Structured logs: a fixed message and named values, as logfmt or JSON lines on stderr, through spdlog. Any thread.
// One write a line. Works before set_up_log() as logfmt, level info.
//
// Never payload text, never secrets: values are ids, codes, counts and paths of ours. Control and bidirectional
// characters are escaped, what is not UTF-8 is shown as such, and a value is cut after 2 KiB: nobody outside writes a
// line of our log.
#pragma once

#include <atomic>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <optional>
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

// Keeps a flood of requests from becoming a flood of lines. Any thread.
class log_budget {
 public:
  explicit constexpr log_budget(std::uint32_t lines_a_second) noexcept : most_(lines_a_second) {}
  // How many lines were left out before this one; nothing: leave this one out too.
  std::optional<std::uint64_t> take(std::chrono::steady_clock::time_point now) noexcept;

 private:
  const std::uint32_t most_;
  std::atomic<std::int64_t> second_{0};
  std::atomic<std::uint32_t> taken_{0};
  std::atomic<std::uint64_t> left_out_{0};
};

void set_up_log(log_format, level least);
void log(level, std::string_view message, std::initializer_list<value> values = {});

}  // namespace switchboard::observe
