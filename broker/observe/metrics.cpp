#include "broker/observe/metrics.hpp"

#include <prometheus/text_serializer.h>
#include <sys/resource.h>
#include <unistd.h>

#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>

namespace switchboard::observe {
namespace {

std::string read_whole(const char* path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

prometheus::MetricFamily family(std::string name, std::string help, prometheus::MetricType type, double value) {
  prometheus::ClientMetric metric;
  if (type == prometheus::MetricType::Counter)
    metric.counter.value = value;
  else
    metric.gauge.value = value;
  return {std::move(name), std::move(help), type, {std::move(metric)}};
}

// The fields of /proc/self/stat behind the command name, which may hold blanks and brackets itself; [0] is field 3, the
// state.
std::vector<std::string> stat_fields() {
  const std::string text = read_whole("/proc/self/stat");
  const std::size_t bracket = text.rfind(')');
  if (bracket == std::string::npos) return {};
  std::istringstream in(text.substr(bracket + 1));
  return {std::istream_iterator<std::string>(in), {}};
}

std::optional<double> boot_time() {
  const std::string text = read_whole("/proc/stat");
  const std::size_t at = text.find("\nbtime ");
  if (at == std::string::npos) return std::nullopt;
  std::uint64_t seconds = 0;
  const char* first = text.data() + at + 7;
  if (std::from_chars(first, text.data() + text.size(), seconds).ec != std::errc{}) return std::nullopt;
  return static_cast<double>(seconds);
}

std::optional<double> open_descriptors() {
  std::error_code error;
  std::filesystem::directory_iterator entries("/proc/self/fd", error);
  if (error) return std::nullopt;
  double count = -1;  // the descriptor that lists them
  for (; entries != std::filesystem::directory_iterator(); entries.increment(error)) {
    if (error) return std::nullopt;
    ++count;
  }
  return count;
}

double number(const std::string& text) { return std::strtod(text.c_str(), nullptr); }

}  // namespace

std::vector<prometheus::MetricFamily> process_metrics() {
  using enum prometheus::MetricType;
  std::vector<prometheus::MetricFamily> families;
  const auto add = [&](const char* name, const char* help, prometheus::MetricType type, double value) {
    families.push_back(family(name, help, type, value));
  };
  const auto fields = stat_fields();
  if (fields.size() > 21) {
    const double ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
    add("process_cpu_seconds_total", "User and system time of the process, in seconds.", Counter,
        (number(fields[11]) + number(fields[12])) / ticks);
    add("process_threads", "Threads of the process.", Gauge, number(fields[17]));
    if (const auto boot = boot_time())
      add("process_start_time_seconds", "When the process started, in seconds since the epoch.", Gauge,
          *boot + number(fields[19]) / ticks);
    add("process_virtual_memory_bytes", "Virtual memory of the process.", Gauge, number(fields[20]));
    add("process_resident_memory_bytes", "Resident memory of the process.", Gauge,
        number(fields[21]) * static_cast<double>(::sysconf(_SC_PAGESIZE)));
  }
  if (const auto count = open_descriptors()) add("process_open_fds", "Open file descriptors.", Gauge, *count);
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0)
    add("process_max_fds", "Limit of open file descriptors.", Gauge, static_cast<double>(limit.rlim_cur));
  return families;
}

std::string exposition(const prometheus::Registry& registry) {
  auto families = registry.Collect();
  auto own = process_metrics();
  families.insert(families.end(), std::move_iterator(own.begin()), std::move_iterator(own.end()));
  std::ostringstream out;
  prometheus::TextSerializer().Serialize(out, families);
  return std::move(out).str();
}

}  // namespace switchboard::observe
