// CPU time and memory of a process, from /proc.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>

namespace switchboard::load {

struct process_usage {
  double cpu_seconds = 0;  // user and system, all threads, in steps of the kernel's clock tick
  std::uint64_t rss_bytes = 0, peak_rss_bytes = 0;
};

// Nothing when there is no such process, or it may not be looked at.
std::optional<process_usage> usage_of(pid_t);
process_usage own_usage();
double thread_cpu_seconds();  // of the calling thread

}  // namespace switchboard::load
