#include <fmt/format.h>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "broker/app/command_common.hpp"
#include "broker/app/commands.hpp"
#include "broker/app/terminal.hpp"
#include "broker/app/topic_plan.hpp"
#include "broker/publish/topics.hpp"

namespace switchboard::app {
namespace {

namespace json = boost::json;
constexpr std::chrono::seconds limit{30};

std::vector<publish::topic_settings> plan(const configuration& c) {
  publish::topic_settings shape;
  shape.partitions = c.topics.partitions;
  shape.replication = c.topics.replication_factor;
  shape.min_insync = c.topics.min_insync_replicas;
  shape.retention = c.topics.retention;
  return publish::wanted_topics(c.publish.topics, shape);
}

std::string as_json(const publish::topics_report& r) {
  json::object out;
  out["missing"] = json::array(r.missing.begin(), r.missing.end());
  out["created"] = json::array(r.created.begin(), r.created.end());
  out["warnings"] = json::array(r.warnings.begin(), r.warnings.end());
  json::array differences;
  for (const auto& d : r.differences)
    differences.push_back({{"topic", d.topic}, {"setting", d.setting}, {"wanted", d.wanted}, {"found", d.found}});
  out["differences"] = std::move(differences);
  return json::serialize(out) + "\n";
}

void tell(const publish::topics_report& r) {
  const bool on = colourful(stdout);
  for (const auto& name : r.created) print(fmt::format("{} {}\n", paint(colour::green, "created", on), name));
  for (const auto& name : r.missing) print(fmt::format("{} {}\n", paint(colour::red, "missing", on), name));
  for (const auto& d : r.differences)
    print(fmt::format("{} {}: {} is {}, configured is {}\n", paint(colour::yellow, "differs", on), d.topic, d.setting,
                      harmless(d.found), d.wanted));
  for (const auto& w : r.warnings) print(fmt::format("{} {}\n", paint(colour::yellow, "warning", on), w));
  if (r.missing.empty() && r.differences.empty())
    print(fmt::format("{} all topics are there and as configured\n", paint(colour::green, "ok", on)));
}

exit_code show(publish::topics_admin& admin, std::span<const publish::topic_settings> wanted, bool as) {
  std::vector<std::string> names;
  for (const auto& w : wanted) names.push_back(w.name);
  const auto facts = admin.look(names, true, limit);
  if (!facts) return fail(exit_code::unavailable, facts.error().message);
  json::array list;
  if (!as) print(fmt::format("cluster {}, {} brokers\n", facts->id, facts->brokers));
  for (const auto& t : facts->topics) {
    json::object one{
        {"name", t.name}, {"exists", t.exists}, {"partitions", t.partitions}, {"replication", t.replication}};
    json::object settings;
    for (const auto& [name, value] : t.config) settings[name] = value;
    one["config"] = std::move(settings);
    list.push_back(std::move(one));
    if (as) continue;
    if (!t.exists)
      print(fmt::format("{:<34} not there\n", t.name));
    else
      print(fmt::format("{:<34} {} partitions, {} replicas{}{}\n", t.name, t.partitions, t.replication,
                        t.problem.empty() ? "" : ", ", t.problem));
    for (const auto* name : {"min.insync.replicas", "retention.ms", "cleanup.policy", "max.message.bytes"})
      if (const auto found = t.config.find(name); found != t.config.end())
        print(fmt::format("{:<34}   {} = {}\n", "", name, harmless(found->second)));
  }
  if (as)
    print(json::serialize(
              json::object{{"cluster", facts->id}, {"brokers", facts->brokers}, {"topics", std::move(list)}}) +
          "\n");
  return exit_code::ok;
}

}  // namespace

exit_code show_topics(const configuration& c, topics_options::action what, bool as) {
  auto admin = publish::topics_admin::create(c.publish.properties);
  if (!admin) return fail(exit_code::configuration, admin.error());
  const auto wanted = plan(c);
  if (what == topics_options::action::show) return show(**admin, wanted, as);
  const auto report = what == topics_options::action::create ? (*admin)->create_missing(wanted, limit)
                                                             : (*admin)->verify(wanted, limit);
  if (!report)
    return fail(exit_code::unavailable, report.error().message, "is Kafka reachable, and has this user the rights?");
  if (as)
    print(as_json(*report));
  else
    tell(*report);
  if (!report->missing.empty())
    fail(exit_code::findings, "topics are missing", "run: switchboard topics create --config FILE");
  return report->missing.empty() && report->differences.empty() ? exit_code::ok : exit_code::findings;
}

exit_code topics(const topics_options& o) {
  const auto c = load_or_explain(o.config);
  if (!c) return exit_code::configuration;
  if (c->publish.embedded) return fail(exit_code::usage, "the embedded broker makes its topics itself");
  return show_topics(*c, o.what, o.json);
}

}  // namespace switchboard::app
