// The journal's metrics. One probe per registry; any thread. It outlives the journal.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

namespace switchboard::journal {

class probe {
 public:
  explicit probe(prometheus::Registry&);

  prometheus::Counter& groups;
  prometheus::Counter& units;
  prometheus::Counter& appended_bytes;
  prometheus::Counter& messages_appended;
  prometheus::Counter& messages_duplicate;
  prometheus::Counter& messages_conflict;
  prometheus::Histogram& group_units;  // units in one group commit
  prometheus::Histogram& sync_seconds;
  prometheus::Counter& segments_created;
  prometheus::Counter& segments_recycled;
  prometheus::Counter& snapshots;
  prometheus::Counter& snapshot_failures;
  prometheus::Counter& refused_overloaded;
  prometheus::Counter& refused_full;
  prometheus::Counter& refused_clock;
  prometheus::Gauge& bytes;  // of units that may not be recycled yet
  prometheus::Gauge& max_bytes;
  prometheus::Gauge& appended_unit;
  prometheus::Gauge& durable_unit;
  prometheus::Gauge& published_unit;
  prometheus::Gauge& dedupe_entries;
  prometheus::Gauge& dedupe_bytes;      // of memory
  prometheus::Gauge& out_of_space;      // 1 while a segment cannot be made for lack of space, descriptors or memory
  prometheus::Gauge& clock_jumped;      // 1 while the wall clock runs ahead of the monotonic one
  prometheus::Gauge& clock_distrusted;  // 1 while it is further ahead of the last record than it can be
  prometheus::Counter& recoveries_clean;
  prometheus::Counter& recoveries_torn;  // the last run left groups behind the snapshot or a cut tail
  prometheus::Gauge& recovery_seconds;
  prometheus::Gauge& recovered_bytes;
};

}  // namespace switchboard::journal
