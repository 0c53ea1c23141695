#include "broker/app/node.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <deque>

#include "broker/app/admin.hpp"
#include "broker/app/capture.hpp"
#include "broker/app/corridor.hpp"
#include "broker/app/fetching.hpp"
#include "broker/app/version.hpp"
#include "broker/intake/ledger.hpp"
#include "broker/journal/probe.hpp"
#include "broker/net/probe.hpp"
#include "broker/observe/log.hpp"
#include "broker/observe/metrics.hpp"
#include "broker/publish/probe.hpp"

namespace switchboard::app {
namespace {

namespace json = boost::json;
using observe::level;
using std::chrono::steady_clock;

constexpr std::size_t blob_queue_bytes = 128u << 20;
constexpr std::chrono::seconds rate_window{60};
constexpr std::chrono::hours expiry_interval{1};

std::string_view to_string(publish::state s) noexcept {
  switch (s) {
    case publish::state::starting:
      return "starting";
    case publish::state::running:
      return "running";
    case publish::state::outage:
      return "outage";
    case publish::state::stopped:
      return "stopped";
  }
  return "";
}

// Top-level keys under which something else stands now, whatever a reload takes left out.
std::vector<std::string> changed_sections(const configuration& before, const configuration& after) {
  using section = std::pair<std::string, std::size_t>;
  std::vector<std::string> changed;
  for (const auto& [name, digest] : after.sections) {
    const auto was = std::ranges::find(before.sections, name, &section::first);
    if (was == before.sections.end() || was->second != digest) changed.push_back(name);
  }
  for (const auto& [name, digest] : before.sections)
    if (std::ranges::find(after.sections, name, &section::first) == after.sections.end()) changed.push_back(name);
  return changed;
}

class running_node final : public node, public overview {
 public:
  running_node(configuration c, node_settings s)
      : configuration_(std::move(c)),
        settings_(std::move(s)),
        journal_probe_(registry_),
        publish_probe_(registry_),
        net_probe_(registry_, "intake"),
        admin_net_probe_(registry_, "admin"),
        fetch_probe_(registry_),
        probe_(registry_),
        ledger_probe_(registry_) {}

  ~running_node() override { shut_down(steady_clock::now(), false); }

  // --- start ---
  std::expected<void, std::string> open() {
    blobs_ = blobs::local(base::real_file_system(), configuration_.blobs);
    auto journal =
        journal::journal::open(base::real_file_system(), base::real_clock(), configuration_.journal, journal_probe_);
    if (!journal) return std::unexpected(journal.error());
    journal_ = std::move(*journal);

    auto forwarder =
        publish::forwarder::create(configuration_.publish, *journal_, *blobs_, base::real_clock(), publish_probe_);
    if (!forwarder) return std::unexpected(forwarder.error());
    forwarder_ = std::move(*forwarder);

    blob_worker_ = std::make_unique<blob_worker>(*blobs_, blob_queue_bytes);
    web_ = std::make_unique<fetching>(configuration_.fetch_hosts, fetch_probe_);
    corridor_ = std::make_unique<corridor>(*journal_, *blob_worker_, *web_, base::real_clock(), probe_,
                                           corridor::settings{{configuration_.dataschema_base},
                                                              configuration_.blobs.retention_days,
                                                              configuration_.journal.queue_bytes,
                                                              configuration_.log_all_requests});
    admin_ = std::make_unique<admin>(*this, *blobs_);
    admin_->set_tokens(configuration_.blob_tokens);
    take_sources();

    auto admin_server = net::http_server::start(configuration_.admin, *admin_, admin_net_probe_);
    if (!admin_server) return std::unexpected("admin listener: " + admin_server.error());
    admin_server_ = std::move(*admin_server);
    for (const auto& topic : configuration_.publish.topics) publish_probe_.announce(topic.logical);
    forwarder_->start();
    auto server = net::http_server::start(configuration_.intake, *corridor_, net_probe_);
    if (!server) return std::unexpected("listener: " + server.error());
    server_ = std::move(*server);
    corridor_->serve(*server_);
    serving_ = true;
    probe_.dedupe_window_seconds().Set(std::chrono::duration<double>(configuration_.journal.dedupe_window).count());
    return {};
  }

  std::uint16_t port() const override { return server_->port(); }
  std::uint16_t admin_port() const override { return admin_server_->port(); }
  std::string journal_id() const override { return schemas::to_string(journal_->id()); }

  // --- while it runs ---
  std::vector<std::string> reload(configuration next) override {
    auto restart = changed_sections(configuration_, next);
    if (next.tls != nullptr && configuration_.tls != nullptr) {
      std::erase(restart, "tls");
      server_->use_tls(next.tls);
      configuration_.tls = std::move(next.tls);
    }
    {
      const std::lock_guard lock(mutex_);
      configuration_.tenants = std::move(next.tenants);
      configuration_.sources = std::move(next.sources);
      configuration_.blob_tokens = std::move(next.blob_tokens);
    }
    admin_->set_tokens(configuration_.blob_tokens);
    take_sources();
    probe_.reloads(true).Increment();
    return restart;
  }

  void reload_refused() override { probe_.reloads(false).Increment(); }

  void tick() override {
    const auto now = steady_clock::now();
    const auto usage = journal_->current_usage();
    measure(now, usage);
    if (now - expired_ >= expiry_interval) {
      expired_ = now;
      blobs_->expire(journal_->last_recorded());
    }
    const auto findings = readiness();
    const bool is_ready = std::ranges::all_of(findings, &finding::ok);
    probe_.ready().Set(is_ready ? 1 : 0);
    probe_.blob_store_broken().Set(blobs_->broken() ? 1 : 0);
    if (is_ready == was_ready_.exchange(is_ready)) return;
    std::string reasons;
    for (const auto& f : findings)
      if (!f.ok) reasons += (reasons.empty() ? "" : "; ") + std::string(f.name) + ": " + f.reason;
    observe::log(is_ready ? level::info : level::warning, is_ready ? "ready" : "not ready", {{"reason", reasons}});
  }

  bool alive() const override { return std::ranges::all_of(health(), &finding::ok); }
  bool ready() const override { return was_ready_; }

  // --- stop ---
  bool drain(steady_clock::time_point deadline, bool until_empty) override { return shut_down(deadline, until_empty); }

  // --- overview ---
  std::vector<finding> health() const override {
    const auto turns = [](std::string_view name, bool ok) {
      return finding{name, ok, ok ? "" : "the loop does not turn"};
    };
    return {turns("network", !serving_ || server_->healthy()), turns("journal", journal_->healthy()),
            turns("publisher", forwarder_->healthy())};
  }

  std::vector<finding> readiness() const override {
    std::vector<finding> found;
    found.push_back({"serving", serving_, serving_ ? "" : "starting or stopping"});
    const bool sane = journal_probe_.clock_jumped.Value() == 0;
    found.push_back(
        {"clock", sane, sane ? "" : "the wall clock ran ahead of the monotonic one by more than 5 minutes"});
    const bool writable = journal_->writable(false);
    found.push_back(
        {"journal", writable, writable ? "" : "the journal takes no more contacts: it is full, or its disk is"});
    const bool storing = !blobs_->broken();
    found.push_back({"blobs", storing,
                     storing ? ""
                             : "a sync of the blob store failed: nothing is taken until the disk is looked at and "
                               "the node restarted"});
    if (configuration_.journal.mode != journal::acknowledge::disk) {
      const auto status = forwarder_->current_status();
      const bool running = status.state == publish::state::running;
      found.push_back({"kafka", running,
                       running                 ? ""
                       : status.reason.empty() ? std::string(to_string(status.state))
                                               : status.reason});
    }
    return found;
  }

  std::string metrics() const override {
    const auto requests = probe_.request_counts();
    ledger_probe_.update(journal_->current_ledger(), forwarder_->current_ledger(), requests);
    return observe::exposition(registry_);
  }

  std::string status() const override {
    const auto usage = journal_->current_usage();
    const auto kafka = forwarder_->current_status();
    json::object out;
    out["version"] = version();
    out["ready"] = std::ranges::all_of(readiness(), &finding::ok);
    out["journal"] = {{"id", schemas::to_string(journal_->id())},
                      {"bytes", usage.bytes},
                      {"max_bytes", usage.max_bytes},
                      {"appended_unit", usage.appended},
                      {"durable_unit", usage.durable},
                      {"published_unit", usage.published},
                      {"backlog_units", usage.durable - std::min(usage.durable, usage.published)},
                      {"dedupe_entries", usage.dedupe_entries}};
    if (usage.oldest_unpublished)
      out["journal"].as_object()["oldest_unpublished"] = schemas::to_string(*usage.oldest_unpublished);
    json::object publishing{{"state", to_string(kafka.state)},
                            {"embedded", configuration_.publish.embedded},
                            {"delivered_unit", kafka.delivered_unit},
                            {"in_flight_records", kafka.in_flight},
                            {"copies", kafka.copies},
                            {"dead_lettered", kafka.dead_lettered}};
    if (!kafka.reason.empty()) publishing["reason"] = kafka.reason;
    if (!kafka.bootstrap.empty()) publishing["bootstrap"] = kafka.bootstrap;
    if (!kafka.cluster_id.empty()) publishing["cluster_id"] = kafka.cluster_id;
    json::object topics;
    for (const auto& topic : configuration_.publish.topics) topics[topic.logical] = topic.kafka;
    publishing["topics"] = std::move(topics);
    out["kafka"] = std::move(publishing);
    json::array sources;
    {
      const std::lock_guard lock(mutex_);
      for (const auto& s : configuration_.sources)
        sources.push_back({{"id", s->id}, {"connector", s->connector->name}, {"path", s->path}});
    }
    out["sources"] = std::move(sources);
    return json::serialize(out) + "\n";
  }

 private:
  struct sample {
    steady_clock::time_point at;
    std::uint64_t bytes;
  };

  void take_sources() {
    corridor_->swap(
        std::make_shared<source_table>(configuration_.sources, probe_, settings_.capture.get(), settings_.captured));
  }

  void measure(steady_clock::time_point now, const journal::usage& usage) {
    probe_.in_flight_bytes().Set(static_cast<double>(corridor_->in_flight_bytes()));
    probe_.backlog_bytes().Set(usage.published < usage.appended ? static_cast<double>(usage.bytes) : 0);
    const auto age =
        usage.oldest_unpublished ? journal_->time() - *usage.oldest_unpublished : std::chrono::milliseconds{0};
    probe_.backlog_age_seconds().Set(std::max(0.0, std::chrono::duration<double>(age).count()));
    samples_.push_back({now, usage.bytes});
    while (samples_.size() > 2 && now - samples_.front().at > rate_window) samples_.pop_front();
    const std::chrono::duration<double> span = now - samples_.front().at;
    const double grown = static_cast<double>(usage.bytes) - static_cast<double>(samples_.front().bytes);
    const double left = static_cast<double>(usage.max_bytes) - static_cast<double>(usage.bytes);
    probe_.journal_full_in_seconds().Set(span.count() > 0 && grown > 0 ? std::max(0.0, left) * span.count() / grown
                                                                       : -1);
  }

  // Network first, so that nothing new comes; then Kafka gets what is there; the journal last, with a snapshot of how
  // far that went.
  bool shut_down(steady_clock::time_point deadline, bool until_empty) {
    if (stopped_) return true;
    stopped_ = true;
    serving_ = false;
    bool finished = true;
    if (server_) {
      const auto left = std::max(deadline - steady_clock::now(), steady_clock::duration::zero());
      finished = server_->drain(steady_clock::now() + left * 3 / 4);
      server_->stop();
    }
    if (corridor_) corridor_->stop_serving();
    if (web_) web_->stop();
    if (blob_worker_) blob_worker_->stop();
    if (forwarder_) forwarder_->stop(deadline, until_empty);
    if (until_empty && journal_) {
      const auto usage = journal_->current_usage();
      finished = finished && usage.published >= usage.durable;
    }
    if (journal_) journal_->stop();
    if (admin_server_) admin_server_->stop();
    return finished;
  }

  configuration configuration_;
  node_settings settings_;
  mutable std::mutex mutex_;  // what a reload replaces, against the overview
  mutable prometheus::Registry registry_;
  journal::probe journal_probe_;
  publish::probe publish_probe_;
  net::probe net_probe_, admin_net_probe_;
  net::fetch_probe fetch_probe_;
  app::probe probe_;
  mutable intake::ledger_probe ledger_probe_;
  // Goes after everything that may hold a request under way: the journal drops completions that waited for Kafka.
  std::unique_ptr<corridor> corridor_;
  std::unique_ptr<blobs::store> blobs_;
  std::unique_ptr<journal::journal> journal_;
  std::unique_ptr<publish::forwarder> forwarder_;
  std::unique_ptr<blob_worker> blob_worker_;
  std::unique_ptr<fetching> web_;
  std::unique_ptr<admin> admin_;
  std::unique_ptr<net::http_server> admin_server_, server_;
  std::atomic<bool> serving_{false}, was_ready_{false};
  bool stopped_ = false;
  steady_clock::time_point expired_{};
  std::deque<sample> samples_;
};

}  // namespace

std::expected<std::unique_ptr<node>, std::string> node::start(configuration c, node_settings s) {
  auto made = std::make_unique<running_node>(std::move(c), std::move(s));
  if (auto opened = made->open(); !opened) return std::unexpected(opened.error());
  return made;
}

}  // namespace switchboard::app
