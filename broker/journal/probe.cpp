#include "broker/journal/probe.hpp"

namespace switchboard::journal {
namespace {

using prometheus::Histogram;
using prometheus::Labels;

prometheus::Counter& counter(prometheus::Registry& r, const char* name, const char* help, const Labels& labels = {}) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(r).Add(labels);
}
prometheus::Gauge& gauge(prometheus::Registry& r, const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(r).Add({});
}
prometheus::Histogram& histogram(prometheus::Registry& r, const char* name, const char* help,
                                 const Histogram::BucketBoundaries& buckets) {
  return prometheus::BuildHistogram().Name(name).Help(help).Register(r).Add({}, buckets);
}

constexpr auto messages = "switchboard_journal_messages_total";
constexpr auto messages_help = "Messages by what became of them";
constexpr auto refused = "switchboard_journal_refused_total";
constexpr auto refused_help = "Units that were not taken, by reason";
constexpr auto recoveries = "switchboard_journal_recoveries_total";
constexpr auto recoveries_help = "Openings of the journal, by what the last run left";

}  // namespace

probe::probe(prometheus::Registry& r)
    : groups(counter(r, "switchboard_journal_groups_total", "Group commits")),
      units(counter(r, "switchboard_journal_units_total", "Units appended")),
      appended_bytes(counter(r, "switchboard_journal_appended_bytes_total", "Bytes appended")),
      messages_appended(counter(r, messages, messages_help, {{"outcome", "appended"}})),
      messages_duplicate(counter(r, messages, messages_help, {{"outcome", "duplicate"}})),
      messages_conflict(counter(r, messages, messages_help, {{"outcome", "conflict"}})),
      group_units(histogram(r, "switchboard_journal_group_units", "Units in one group commit",
                            {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 4096})),
      sync_seconds(histogram(r, "switchboard_journal_sync_seconds", "Time of one sync",
                             {0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 5})),
      segments_created(counter(r, "switchboard_journal_segments_created_total", "Segments made anew")),
      segments_recycled(counter(r, "switchboard_journal_segments_recycled_total", "Segments used again")),
      snapshots(counter(r, "switchboard_journal_snapshots_total", "Snapshots written")),
      snapshot_failures(
          counter(r, "switchboard_journal_snapshot_failures_total", "Snapshots that will be tried again")),
      refused_overloaded(counter(r, refused, refused_help, {{"reason", "overloaded"}})),
      refused_full(counter(r, refused, refused_help, {{"reason", "full"}})),
      refused_clock(counter(r, refused, refused_help, {{"reason", "clock_jumped"}})),
      bytes(gauge(r, "switchboard_journal_bytes", "Bytes that may not be recycled yet")),
      max_bytes(gauge(r, "switchboard_journal_max_bytes", "Bytes that the journal may take")),
      appended_unit(gauge(r, "switchboard_journal_appended_unit", "Number of the last unit appended")),
      durable_unit(gauge(r, "switchboard_journal_durable_unit", "Number of the last unit on disk")),
      published_unit(gauge(r, "switchboard_journal_published_unit", "Number of the last unit in Kafka")),
      dedupe_entries(gauge(r, "switchboard_journal_dedupe_entries", "Ids remembered")),
      dedupe_bytes(gauge(r, "switchboard_journal_dedupe_bytes", "Memory for remembering ids")),
      out_of_space(gauge(r, "switchboard_journal_out_of_space", "1 while a segment cannot be made")),
      clock_jumped(gauge(r, "switchboard_journal_clock_jumped", "1 while the wall clock outruns the monotonic clock")),
      clock_distrusted(gauge(r, "switchboard_journal_clock_distrusted",
                             "1 while the wall clock is too far ahead of the last record to be right")),
      recoveries_clean(counter(r, recoveries, recoveries_help, {{"left", "clean"}})),
      recoveries_torn(counter(r, recoveries, recoveries_help, {{"left", "unfinished"}})),
      recovery_seconds(gauge(r, "switchboard_journal_recovery_seconds", "Time of the last recovery")),
      recovered_bytes(gauge(r, "switchboard_journal_recovered_bytes", "Bytes read by the last recovery")) {}

}  // namespace switchboard::journal
