#include "benchmarks/load/report.hpp"

#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <cmath>

#include "broker/app/terminal.hpp"
#include "broker/app/version.hpp"
#include "schemas/text.hpp"

namespace switchboard::load {
namespace {

namespace json = boost::json;

double microseconds(std::chrono::nanoseconds t) { return static_cast<double>(t.count() / 100) / 10; }
double seconds(const phase& p) { return std::chrono::duration<double>(p.end - p.start).count(); }
double rounded(double value, double unit) { return std::round(value / unit) * unit; }

json::value per(double amount, std::uint64_t count) {
  if (count == 0) return nullptr;
  return rounded(amount / static_cast<double>(count), .01);
}

json::object times(const histogram& h) {
  return {{"count", h.count()},
          {"min", microseconds(h.min())},
          {"mean", microseconds(h.mean())},
          {"p50", microseconds(h.quantile(.5))},
          {"p90", microseconds(h.quantile(.9))},
          {"p99", microseconds(h.quantile(.99))},
          {"p99_9", microseconds(h.quantile(.999))},
          {"max", microseconds(h.max())}};
}

json::value measured_program(const measures& m) {
  if (!m.before || !m.after) return nullptr;
  const double cpu = m.after->cpu_seconds - m.before->cpu_seconds;
  return json::object{{"cpu_seconds", rounded(cpu, .000001)},
                      {"cpu_share", rounded(cpu / seconds(m.phase), .001)},
                      {"cpu_us_per_accepted", per(cpu * 1e6, m.accepted_in_time)},
                      {"cpu_us_per_reply", per(cpu * 1e6, m.replies_in_time)},
                      {"rss_bytes", m.after->rss_bytes},
                      {"rss_before_bytes", m.before->rss_bytes},
                      {"rss_peak_bytes", m.after->peak_rss_bytes}};
}

json::object window(const measures& m, bool with_consumer) {
  json::object statuses;
  for (const auto& [status, count] : m.statuses) statuses[std::to_string(status)] = count;
  json::object latency{
      {"accepted", times(m.accepted_latency)}, {"refused", times(m.refused_latency)}, {"service", times(m.service)}};
  if (with_consumer) latency["end_to_end"] = times(m.end_to_end);
  const double length = seconds(m.phase);
  return {{"target_rate", m.phase.rate > 0 ? json::value(m.phase.rate) : json::value(nullptr)},
          {"seconds", rounded(length, .001)},
          {"due", m.due},
          {"sent", m.sent},
          {"accepted", m.accepted},
          {"refused", m.refused},
          {"other", m.other},
          {"statuses", std::move(statuses)},
          {"connection_errors", m.connection_errors},
          {"timeouts", m.timeouts},
          {"not_sent", m.not_sent},
          {"accepted_in_time", m.accepted_in_time},
          {"replies_in_time", m.replies_in_time},
          {"accepted_per_second", rounded(static_cast<double>(m.accepted_in_time) / length, .1)},
          {"latency_us", std::move(latency)},
          {"client", json::object{{"cpu_seconds", rounded(m.client_cpu_s, .0001)},
                                  {"cpu_us_per_request", per(m.client_cpu_s * 1e6, m.sent)}}},
          {"server", measured_program(m)}};
}

void add(measures& sum, const measures& m) {
  sum.due += m.due;
  sum.sent += m.sent;
  sum.accepted += m.accepted;
  sum.refused += m.refused;
  sum.other += m.other;
  for (const auto& [status, count] : m.statuses) sum.statuses[status] += count;
  sum.connection_errors += m.connection_errors;
  sum.timeouts += m.timeouts;
  sum.not_sent += m.not_sent;
  sum.accepted_in_time += m.accepted_in_time;
  sum.replies_in_time += m.replies_in_time;
  sum.accepted_latency.merge(m.accepted_latency);
  sum.refused_latency.merge(m.refused_latency);
  sum.service.merge(m.service);
  sum.end_to_end.merge(m.end_to_end);
  sum.client_cpu_s += m.client_cpu_s;
  sum.after = m.after;
  sum.phase.end = m.phase.end;
}

// All that was measured, as one window.
measures total(const outcome& run) {
  measures sum;
  bool any = false;
  for (const auto& m : run.phases) {
    if (!m.phase.measured) continue;
    if (!any) {
      sum.phase = m.phase;
      sum.before = m.before;
      any = true;
    } else if (sum.phase.rate != m.phase.rate) {
      sum.phase.rate = 0;
    }
    add(sum, m);
  }
  return sum;
}

json::value as_json(const std::optional<verification_result>& v, verification mode) {
  if (!v) return nullptr;
  json::array spans;
  for (const auto& s : v->spans)
    spans.push_back(
        json::object{{"journal", schemas::to_string(s.journal)},
                     {"first", s.first},
                     {"last", s.last},
                     {"missing", s.missing},
                     {"first_missing", s.missing > 0 ? json::value(s.first_missing) : json::value(nullptr)}});
  return json::object{{"mode", mode == verification::count ? "count" : "ids"},
                      {"passed", v->passed},
                      {"acknowledged", v->acknowledged},
                      {"without_event", v->without_event},
                      {"expected", v->expected},
                      {"found", v->found},
                      {"lost", v->lost},
                      {"lost_ids", json::array(v->lost_ids.begin(), v->lost_ids.end())},
                      {"copies", v->copies},
                      {"foreign", v->foreign},
                      {"unnumbered", v->unnumbered},
                      {"sequence_holes", v->holes},
                      {"sequences", std::move(spans)},
                      {"seconds", rounded(v->seconds, .001)}};
}

std::string milliseconds(std::chrono::nanoseconds t) { return fmt::format("{:.2f}", microseconds(t) / 1000); }

}  // namespace

json::object report(const options& o, const run_facts& facts, const outcome& run,
                    const std::optional<verification_result>& verified) {
  json::array steps, timeline;
  json::value warmup = nullptr;
  for (const auto& m : run.phases) {
    if (m.phase.measured)
      steps.push_back(window(m, o.consume));
    else
      warmup = window(m, o.consume);
  }
  for (const auto& t : run.timeline)
    timeline.push_back(json::object{{"second", t.second},
                                    {"sent", t.sent},
                                    {"accepted", t.accepted},
                                    {"refused", t.refused},
                                    {"failed", t.failed},
                                    {"p50_us", microseconds(t.p50)},
                                    {"p99_us", microseconds(t.p99)},
                                    {"max_us", microseconds(t.max)}});
  const auto own = own_usage();
  return {
      {"program", "switchboard-load"},
      {"version", app::version()},
      {"format", 1},
      {"started_at", schemas::to_string(facts.started_at)},
      {"interrupted", run.interrupted},
      {"options", json::object{{"source", o.source},
                               {"connector", facts.connector},
                               {"sample", facts.sample},
                               {"body_bytes", facts.body_bytes},
                               {"url", facts.url},
                               {"mode", o.closed ? "closed" : "open"},
                               {"arrivals", o.arrivals == arrivals::poisson ? "poisson" : "uniform"},
                               {"connections", o.connections},
                               {"duration_seconds", o.duration_s},
                               {"warmup_seconds", o.warmup_s},
                               {"timeout_seconds", o.timeout_s},
                               {"keys", o.keys},
                               {"seed", facts.seed}}},
      {"total", window(total(run), o.consume)},
      {"steps", std::move(steps)},
      {"warmup", std::move(warmup)},
      {"timeline", std::move(timeline)},
      {"connections",
       json::object{{"opened", run.connects}, {"open_errors", run.connect_errors}, {"last_error", run.last_error}}},
      {"client", json::object{{"cpu_seconds", rounded(own.cpu_seconds, .001)}, {"rss_peak_bytes", own.peak_rss_bytes}}},
      {"verification", as_json(verified, o.verify)}};
}

std::string text(const options& o, const outcome& run, const std::optional<verification_result>& verified,
                 bool coloured) {
  std::string out = fmt::format("{:>9} {:>10} {:>8} {:>7} {:>7} {:>9} {:>9} {:>9} {:>9} {:>9}{}{}\n", "rate/s",
                                "accepted/s", "refused", "failed", "unsent", "p50 ms", "p90 ms", "p99 ms", "p99.9 ms",
                                "max ms", o.consume ? "  consumer p50, p99 ms" : "", o.pid != 0 ? "  CPU us" : "");
  for (const auto& m : run.phases) {
    if (!m.phase.measured) continue;
    const auto& h = m.accepted_latency;
    out += fmt::format("{:>9} {:>10.1f} {:>8} {:>7} {:>7} {:>9} {:>9} {:>9} {:>9} {:>9}",
                       m.phase.rate > 0 ? fmt::format("{:.0f}", m.phase.rate) : "closed",
                       static_cast<double>(m.accepted_in_time) / seconds(m.phase), m.refused,
                       m.other + m.connection_errors + m.timeouts, m.not_sent, milliseconds(h.quantile(.5)),
                       milliseconds(h.quantile(.9)), milliseconds(h.quantile(.99)), milliseconds(h.quantile(.999)),
                       milliseconds(h.max()));
    if (o.consume)
      out += fmt::format("  {:>12}, {:>7}", milliseconds(m.end_to_end.quantile(.5)),
                         milliseconds(m.end_to_end.quantile(.99)));
    if (o.pid != 0 && m.before && m.after && m.accepted_in_time > 0)
      out += fmt::format(
          "  {:>6.1f}", (m.after->cpu_seconds - m.before->cpu_seconds) * 1e6 / static_cast<double>(m.accepted_in_time));
    out += '\n';
  }
  if (!verified) return out;
  const auto& v = *verified;
  out += app::paint(v.passed ? app::colour::green : app::colour::red,
                    v.passed ? "verified: " : "not verified: ", coloured);
  if (o.verify == verification::count) {
    out += fmt::format("{} acknowledged, {} messages, {} missing\n", v.acknowledged, v.found, v.lost);
    return out;
  }
  out += fmt::format("{} acknowledged, {} events expected, {} found, {} lost, {} copies, {} numbers missing in sbseq\n",
                     v.acknowledged, v.expected, v.found, v.lost, v.copies, v.holes);
  if (v.without_event > 0)
    out += fmt::format("{} acknowledged requests make no event with this configuration: is it the broker's?\n",
                       v.without_event);
  for (const auto& id : v.lost_ids) out += fmt::format("lost: {}\n", id);
  for (const auto& s : v.spans)
    if (s.missing > 0)
      out += fmt::format("sbseq of journal {}: {} of {} to {} missing, first {}\n", schemas::to_string(s.journal),
                         s.missing, s.first, s.last, s.first_missing);
  return out;
}

}  // namespace switchboard::load
