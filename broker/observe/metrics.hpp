// What a scrape of /metrics answers: everything in a registry, and the process as the kernel sees it. Any thread.
#pragma once

#include <prometheus/metric_family.h>
#include <prometheus/registry.h>

#include <string>
#include <string_view>
#include <vector>

namespace switchboard::observe {

inline constexpr std::string_view metrics_content_type = "text/plain; version=0.0.4; charset=utf-8";

// The text exposition, the process's own families included.
std::string exposition(const prometheus::Registry&);

// process_resident_memory_bytes, process_virtual_memory_bytes, process_open_fds, process_max_fds,
// process_cpu_seconds_total, process_start_time_seconds, process_threads: read from /proc at each call. A family whose
// file cannot be read is left out.
std::vector<prometheus::MetricFamily> process_metrics();

}  // namespace switchboard::observe
