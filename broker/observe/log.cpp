#include "broker/observe/log.hpp"

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <atomic>

#include "broker/observe/escape.hpp"

namespace switchboard::observe {
namespace {

constexpr std::string_view logfmt_pattern = "ts=%Y-%m-%dT%H:%M:%S.%eZ level=%l %v";
constexpr std::string_view json_pattern = R"({"ts":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})";

spdlog::level::level_enum to_spdlog(level l) noexcept {
  switch (l) {
    case level::debug:
      return spdlog::level::debug;
    case level::info:
      return spdlog::level::info;
    case level::warning:
      return spdlog::level::warn;
    case level::error:
      return spdlog::level::err;
    case level::critical:
      return spdlog::level::critical;
  }
  return spdlog::level::critical;
}

struct output {
  spdlog::logger logger{"switchboard", std::make_shared<spdlog::sinks::stderr_sink_mt>()};
  std::atomic<log_format> format{log_format::logfmt};

  output() { set_format(log_format::logfmt); }
  void set_format(log_format f) {
    format.store(f, std::memory_order_relaxed);
    logger.set_formatter(std::make_unique<spdlog::pattern_formatter>(
        std::string(f == log_format::json ? json_pattern : logfmt_pattern), spdlog::pattern_time_type::utc));
  }
};

// Never destroyed: threads may log until the process is gone.
output& the_output() {
  static output& instance = *new output;
  return instance;
}

}  // namespace

std::optional<std::uint64_t> log_budget::take(std::chrono::steady_clock::time_point now) noexcept {
  const auto this_second = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
  if (second_.exchange(this_second, std::memory_order_relaxed) != this_second)
    taken_.store(0, std::memory_order_relaxed);
  if (taken_.fetch_add(1, std::memory_order_relaxed) < most_) return left_out_.exchange(0, std::memory_order_relaxed);
  left_out_.fetch_add(1, std::memory_order_relaxed);
  return std::nullopt;
}

void set_up_log(log_format format, level least) {
  the_output().set_format(format);
  the_output().logger.set_level(to_spdlog(least));
}

void log(level l, std::string_view message, std::initializer_list<value> values) {
  output& out = the_output();
  if (!out.logger.should_log(to_spdlog(l))) return;
  std::string line;
  line.reserve(128);
  if (out.format.load(std::memory_order_relaxed) == log_format::json) {
    line += "\"msg\":";
    append_json(line, message);
    for (const value& v : values) {
      line += ",\"";
      line += v.name;
      line += "\":";
      if (v.bare)
        line += v.text;
      else
        append_json(line, v.text);
    }
  } else {
    line += "msg=";
    append_logfmt(line, message);
    for (const value& v : values) {
      line += ' ';
      line += v.name;
      line += '=';
      append_logfmt(line, v.text);
    }
  }
  out.logger.log(to_spdlog(l), spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace switchboard::observe
