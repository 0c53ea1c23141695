#include <fmt/format.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <csignal>

#include "broker/app/command_common.hpp"
#include "broker/app/commands.hpp"
#include "broker/app/interruption.hpp"
#include "broker/app/kafka_address.hpp"
#include "broker/app/terminal.hpp"
#include "broker/app/topic_reader.hpp"

namespace switchboard::app {
namespace {

namespace json = boost::json;

std::string_view text_of(const json::value& body, std::string_view name) {
  if (!body.is_object()) return {};
  const auto* found = body.get_object().if_contains(name);
  return found != nullptr && found->is_string() ? std::string_view(found->get_string()) : std::string_view();
}

std::string_view source_id(std::string_view source) {
  return source.substr(std::min(source.rfind('/') + 1, source.size()));
}

bool wanted(const tail_options& o, const record& r, const consumed_event& e) {
  return (o.channel.empty() || e.attribute("channel") == o.channel) &&
         (o.source.empty() || source_id(e.attribute("source")) == o.source) && (o.key.empty() || r.key == o.key) &&
         (o.type.empty() || e.attribute("type").starts_with(o.type));
}

std::string pretty(const record& r, const consumed_event& e, bool on) {
  boost::system::error_code error;
  const auto body = json::parse(e.data, error);
  auto time = std::string(e.attribute("recordedtime"));
  if (time.empty()) time = e.attribute("time");
  auto type = std::string(e.attribute("type"));
  auto line =
      fmt::format("{} {} {} {} {}", paint(colour::grey, harmless(time), on),
                  paint(colour::blue, harmless(e.attribute("channel")), on), paint(colour::bold, harmless(type), on),
                  harmless(source_id(e.attribute("source"))), harmless(r.key));
  const auto category = e.attribute("category");
  if (!category.empty())
    line += " " + paint(category == "complaint" ? colour::red : colour::yellow, harmless(category), on);
  if (!error) {
    if (const auto text = text_of(body, "text"); !text.empty())
      line += fmt::format(" \"{}\"", harmless(text.substr(0, 400)));
    if (const auto code = text_of(body, "code"); !code.empty()) line += fmt::format(" code={}", harmless(code));
    if (const auto reason = text_of(body, "reason"); !reason.empty()) line += fmt::format(" ({})", harmless(reason));
  }
  return line + paint(colour::grey, fmt::format(" {}[{}]@{}", r.topic, r.partition, r.offset), on) + "\n";
}

}  // namespace

exit_code tail(const tail_options& o) {
  const auto c = load_or_explain(o.config);
  if (!c) return exit_code::configuration;
  topic_reader::settings s;
  for (const auto& topic : c->publish.topics) {
    const bool named = std::ranges::find(o.topics, topic.logical) != o.topics.end() ||
                       std::ranges::find(o.topics, topic.kafka) != o.topics.end();
    const bool usual = o.topics.empty() && topic.logical != "control" && topic.logical != "raw";
    if (named || usual) s.topics.push_back(topic.kafka);
  }
  if (s.topics.size() < o.topics.size())
    return fail(exit_code::usage, "a topic is not configured",
                "name topics as under kafka.topics, such as inbound or quarantine");
  const auto properties = kafka_properties(*c, o.admin);
  if (!properties) return fail(exit_code::unavailable, properties.error());
  s.properties = *properties;
  s.from_beginning = o.from_beginning;
  s.read_committed = c->publish.delivery == publish::delivery::exactly_once;
  auto reader = topic_reader::open(s);
  if (!reader) return fail(exit_code::unavailable, reader.error());
  for (const auto& name : (*reader)->missing()) fail(exit_code::ok, fmt::format("the topic {} does not exist", name));

  const bool on = colourful(stdout);
  const interruption stopped;
  std::uint64_t shown = 0;
  while (!stopped.requested() && (o.count == 0 || shown < o.count)) {
    const auto r = (*reader)->next(std::chrono::milliseconds{250});
    if (!r) return fail(exit_code::unavailable, r.error());
    if (!*r) continue;
    const auto event = as_event(**r);
    if (!wanted(o, **r, event)) continue;
    if (!print(o.json ? event.structured() + "\n" : pretty(**r, event, on)) || std::fflush(stdout) != 0)
      return exit_code::cannot_write;
    ++shown;
  }
  return exit_code::ok;
}

}  // namespace switchboard::app
