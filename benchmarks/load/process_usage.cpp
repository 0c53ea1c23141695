#include "benchmarks/load/process_usage.hpp"

#include <fmt/format.h>
#include <sys/resource.h>
#include <time.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

namespace switchboard::load {
namespace {

std::string content(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::uint64_t kilobytes(const std::string& status, const std::string& field) {
  const auto at = status.find(field);
  return at == std::string::npos ? 0 : std::strtoull(status.c_str() + at + field.size(), nullptr, 10) << 10;
}

double seconds(const timespec& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) / 1e9; }
double seconds(const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6; }

}  // namespace

std::optional<process_usage> usage_of(pid_t pid) {
  // To the nanosecond: /proc/PID/stat counts in hundredths of a second, which is much of a short phase.
  clockid_t clock{};
  timespec cpu{};
  if (::clock_getcpuclockid(pid, &clock) != 0 || ::clock_gettime(clock, &cpu) != 0) return std::nullopt;
  const auto status = content(fmt::format("/proc/{}/status", pid));
  process_usage u;
  u.cpu_seconds = seconds(cpu);
  u.rss_bytes = kilobytes(status, "VmRSS:");
  u.peak_rss_bytes = kilobytes(status, "VmHWM:");
  return u;
}

process_usage own_usage() {
  rusage u{};
  ::getrusage(RUSAGE_SELF, &u);
  return {seconds(u.ru_utime) + seconds(u.ru_stime), 0, static_cast<std::uint64_t>(u.ru_maxrss) << 10};
}

double thread_cpu_seconds() {
  timespec t{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return seconds(t);
}

}  // namespace switchboard::load
