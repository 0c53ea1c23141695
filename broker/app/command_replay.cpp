#include <fmt/format.h>
#include <prometheus/registry.h>

#include <algorithm>
#include <atomic>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <latch>
#include <span>

#include "broker/app/command_common.hpp"
#include "broker/app/commands.hpp"
#include "broker/app/emptying.hpp"
#include "broker/app/interruption.hpp"
#include "broker/app/kafka_address.hpp"
#include "broker/app/line_reader.hpp"
#include "broker/app/offline.hpp"
#include "broker/app/terminal.hpp"
#include "broker/app/topic_reader.hpp"
#include "broker/journal/probe.hpp"
#include "connectors/common/encoding.hpp"

namespace switchboard::app {
namespace {

namespace json = boost::json;

const json::value* member(const json::value& of, std::string_view name) {
  return of.is_object() ? of.get_object().if_contains(name) : nullptr;
}
std::string_view text(const json::value* value) {
  return value != nullptr && value->is_string() ? std::string_view(value->get_string()) : std::string_view();
}
std::string_view text(const json::value& of, std::string_view first, std::string_view second) {
  const auto* inner = member(of, first);
  return inner == nullptr ? std::string_view() : text(member(*inner, second));
}

// A quarantined request or a raw copy, opened.
struct original {
  std::string id, source, code, line;
  schemas::verdict_info verdict;
  std::optional<std::int64_t> item;    // only this one was quarantined
  std::vector<std::string> published;  // ids of events that it became before
};

class opener {
 public:
  opener(const configuration& c) : configuration_(c), blobs_(blobs::local(base::real_file_system(), c.blobs)) {}

  std::expected<original, std::string> open(const json::value& body) const {
    original o;
    o.id = text(body, "event", "id");
    o.source = text(body, "source", "id");
    o.code = text(member(body, "code"));
    o.verdict.method = text(body, "verdict", "method");
    o.verdict.principal = text(body, "verdict", "principal");
    if (text(body, "verdict", "result") == "skipped") o.verdict.result = schemas::authentication_result::skipped;
    if (const auto* item = member(body, "item"); item != nullptr && item->is_int64()) o.item = item->get_int64();
    if (const auto* ids = member(body, "event_ids"); ids != nullptr && ids->is_array())
      for (const auto& id : ids->get_array()) o.published.emplace_back(text(&id));
    auto sealed = bytes_of(body);
    if (!sealed) return std::unexpected(sealed.error());
    for (const auto& tenant : configuration_.tenants) {
      auto plain = intake::open(*tenant, *sealed);
      if (!plain) continue;
      o.line = std::move(*plain);
      return o;
    }
    return std::unexpected("no tenant of the configuration can open it");
  }

 private:
  std::expected<std::string, std::string> bytes_of(const json::value& body) const {
    if (const auto inlined = text(body, "inbound", "sealed"); !inlined.empty()) {
      auto bytes = connectors::from_base64(inlined);
      return bytes ? std::expected<std::string, std::string>(std::move(*bytes))
                   : std::unexpected("the sealed request is no base64");
    }
    auto name = text(body, "inbound", "blob");
    if (!name.starts_with("blob:")) return std::unexpected("it is neither quarantine nor raw");
    const auto reference = blobs::parse(name.substr(5));
    if (!reference) return std::unexpected(reference.error());
    const auto stored = blobs_->open(*reference);
    if (!stored) return std::unexpected(stored.error());
    std::string bytes(stored->size, '\0');
    const auto read = stored->file->read_at(0, std::as_writable_bytes(std::span(bytes)));
    if (!read || *read != bytes.size()) return std::unexpected("the blob cannot be read");
    return bytes;
  }

  const configuration& configuration_;
  std::unique_ptr<blobs::store> blobs_;
};

struct totals {
  std::uint64_t seen = 0, still = 0, unreadable = 0, events = 0;
};

// Through a journal of its own, so that a run that is cut short goes on where it was and publishes nothing twice. What
// comes in goes out at the same time: neither memory nor this journal holds a whole run.
class republication {
 public:
  static std::expected<std::unique_ptr<republication>, std::string> open(
      const configuration& c, const replay_options& o, std::vector<std::pair<std::string, std::string>> properties,
      const interruption& stopped) {
    auto settings = c.journal;
    settings.directory = o.journal.empty() ? c.journal.directory + "-replay" : o.journal;
    settings.mode = journal::acknowledge::disk;
    std::unique_ptr<republication> made(new republication(c, stopped));
    auto opened = journal::journal::open(base::real_file_system(), base::real_clock(), settings, made->probe_);
    if (!opened) return std::unexpected(opened.error());
    made->journal_ = std::move(*opened);
    auto publishing = c.publish;
    publishing.development = std::exchange(publishing.embedded, false);
    publishing.properties = std::move(properties);
    publishing.checkpoint_directory = settings.directory;
    auto publisher = emptying::start(*made->journal_, *made->blobs_, std::move(publishing));
    if (!publisher) return std::unexpected(publisher.error());
    made->publisher_ = std::move(*publisher);
    return made;
  }

  // Durable when it returns. Waits while the journal is full.
  std::expected<void, std::string> take(journal::unit unit,
                                        std::span<const std::pair<std::string, std::string>> large_blobs) {
    for (const auto& [name, bytes] : large_blobs) {
      const auto reference = blobs::parse(name);
      const auto stored = reference ? blobs_->put(*reference, bytes) : std::unexpected(reference.error());
      if (!stored) return stored;
    }
    if (auto room = publisher_->wait_until([this] { return journal_->writable(false); }, interrupted()); !room)
      return room;
    std::latch done(1);
    const auto submitted = journal_->submit(std::move(unit), [&done](const journal::committed&) { done.count_down(); });
    if (!submitted)
      return std::unexpected("the journal of the replay does not take more: its disk is full, or the clock jumped");
    done.wait();
    return {};
  }

  std::expected<emptied, std::string> finish() {
    auto result = publisher_->finish(interrupted());
    publisher_.reset();
    journal_->stop();
    return result;
  }

 private:
  republication(const configuration& c, const interruption& stopped)
      : stopped_(stopped), probe_(registry_), blobs_(blobs::local(base::real_file_system(), c.blobs)) {}
  std::function<bool()> interrupted() const {
    return [this] { return stopped_.requested(); };
  }

  const interruption& stopped_;
  prometheus::Registry registry_;
  journal::probe probe_;
  std::unique_ptr<blobs::store> blobs_;
  std::unique_ptr<journal::journal> journal_;
  std::unique_ptr<emptying> publisher_;
};

class replayer {
 public:
  // Without `into` nothing is published.
  replayer(const configuration& c, const replay_options& o, republication* into)
      : options_(o), opener_(c), decoder_(c), into_(into) {}

  void take(std::string_view body_text) {
    boost::system::error_code error;
    auto body = json::parse(body_text, error);
    if (error) return unreadable("", "it is no JSON");
    if (const auto* data = member(body, "data"); data != nullptr && member(body, "specversion") != nullptr) {
      json::value inner = *data;
      body = std::move(inner);
    }
    const auto source_id = std::string(text(body, "source", "id"));
    if (!options_.source.empty() && source_id != options_.source) return;
    ++totals_.seen;
    auto opened = opener_.open(body);
    if (!opened) return unreadable(text(body, "event", "id"), opened.error());
    const auto* source = decoder_.find(opened->source);
    if (source == nullptr)
      return unreadable(opened->id, fmt::format("the configuration has no source '{}'", harmless(opened->source)));
    auto line = intake::request_line::parse(opened->line);
    if (!line) return unreadable(opened->id, intake::to_string(line.error()));
    decoder_.complete(*line, *source);
    auto environment = decoder_.environment();
    environment.trusted = &opened->verdict;
    environment.supersede = options_.supersede;
    keep(*opened, *source, intake::process(*source, line->inbound(), environment));
  }

  const totals& so_far() const { return totals_; }
  const std::expected<void, std::string>& taken() const { return taken_; }  // whether all could be, so far

 private:
  void unreadable(std::string_view id, std::string_view why) {
    ++totals_.unreadable;
    fail(exit_code::ok, fmt::format("{}: {}", id.empty() ? "a record" : harmless(id), why));
  }

  // What the request becomes today, without what is out already and without what would go to quarantine again.
  void keep(const original& o, const intake::source& source, intake::processed result) {
    journal::unit unit;
    unit.source = source.id;
    std::string told;
    for (std::size_t i = 0; i < result.unit.messages.size(); ++i) {
      auto& message = result.unit.messages[i];
      if (message.event.topic == schemas::topic_class::quarantine || message.event.topic == schemas::topic_class::raw)
        continue;
      const auto id = schemas::to_string(message.event.id);
      const bool other_item = o.item && (static_cast<std::size_t>(*o.item) >= result.message_of_item.size() ||
                                         result.message_of_item[static_cast<std::size_t>(*o.item)] != i);
      if (other_item && options_.supersede.empty()) continue;
      if (options_.supersede.empty() && std::ranges::find(o.published, id) != o.published.end()) continue;
      const auto type = std::ranges::find(message.event.attributes, "type", &schemas::attribute::name);
      told += fmt::format(" {}={}", type == message.event.attributes.end() ? "event" : type->value, id);
      unit.messages.push_back(std::move(message));
    }
    const auto outcome =
        unit.messages.empty()
            ? (o.published.empty() || result.outcome == intake::outcome::quarantined ? "still" : "nothing_new")
            : "events";
    print(fmt::format("{} {} {} {}{}{}\n", o.id, source.id, o.code, outcome,
                      result.code ? fmt::format(" ({})", connectors::to_string(*result.code)) : "", told));
    if (unit.messages.empty()) {
      ++totals_.still;
      return;
    }
    totals_.events += unit.messages.size();
    unit.items_decoded = static_cast<std::uint32_t>(unit.messages.size());
    unit.blobs = std::move(result.unit.blobs);
    unit.puts = std::move(result.unit.puts);
    if (into_ != nullptr) taken_ = into_->take(std::move(unit), result.large_blobs);
  }

  const replay_options& options_;
  opener opener_;
  offline decoder_;
  totals totals_;
  republication* into_;
  std::expected<void, std::string> taken_;
};

std::expected<void, std::string> read_topics(const configuration& c,
                                             const std::vector<std::pair<std::string, std::string>>& properties,
                                             const interruption& stopped, replayer& into) {
  topic_reader::settings s;
  s.properties = properties;
  s.from_beginning = true;
  s.read_committed = c.publish.delivery == publish::delivery::exactly_once;
  for (const auto& topic : c.publish.topics)
    if (topic.logical == "quarantine" || topic.logical == "raw") s.topics.push_back(topic.kafka);
  auto reader = topic_reader::open(s);
  if (!reader) return std::unexpected(reader.error());
  while (!(*reader)->caught_up() && !stopped.requested()) {
    const auto r = (*reader)->next(std::chrono::milliseconds{250});
    if (!r) return std::unexpected(r.error());
    if (*r) into.take(as_event(**r).data);
    if (!into.taken()) return into.taken();
  }
  return {};
}

}  // namespace

exit_code replay(const replay_options& o) {
  const auto c = load_or_explain(o.config);
  if (!c) return exit_code::configuration;
  const interruption stopped;
  std::vector<std::pair<std::string, std::string>> properties;
  if (o.from.empty() || o.run) {
    auto found = kafka_properties(*c, o.admin);
    if (!found) return fail(exit_code::unavailable, found.error());
    properties = std::move(*found);
  }
  std::unique_ptr<republication> into;
  if (o.run) {
    auto opened = republication::open(*c, o, properties, stopped);
    if (!opened) return fail(exit_code::unavailable, opened.error());
    into = std::move(*opened);
  }
  replayer work(*c, o, into.get());
  if (o.from.empty()) {
    if (const auto read = read_topics(*c, properties, stopped, work); !read)
      return fail(exit_code::unavailable, read.error());
  } else {
    auto lines = line_reader::open(o.from);
    if (!lines) return fail(exit_code::no_input, lines.error());
    while (const auto line = lines->next()) {
      if (!line->empty()) work.take(*line);
      if (!work.taken()) return fail(exit_code::unavailable, work.taken().error());
    }
  }
  const auto& t = work.so_far();
  const auto summary = fmt::format("{} requests: {} events, {} without anything new, {} unreadable", t.seen, t.events,
                                   t.still, t.unreadable);
  if (!o.run) {
    std::fprintf(stderr, "switchboard: %s; a dry run, nothing was published; --run does it\n", summary.c_str());
    return t.unreadable == 0 ? exit_code::ok : exit_code::findings;
  }
  const auto published = into->finish();
  if (!published) return fail(exit_code::unavailable, published.error());
  std::fprintf(stderr, "switchboard: %s; published %ju records, %ju more in the dead letter\n", summary.c_str(),
               static_cast<std::uintmax_t>(published->delivered),
               static_cast<std::uintmax_t>(published->dead_lettered));
  return t.unreadable == 0 ? exit_code::ok : exit_code::findings;
}

}  // namespace switchboard::app
