#include "broker/app/corridor.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cassert>

#include "broker/app/capture.hpp"
#include "broker/journal/assembler.hpp"
#include "broker/observe/log.hpp"

namespace switchboard::app {
namespace {

using connectors::reject_code;
using intake::outcome;
using observe::level;

struct event_mark {
  schemas::uuid id;
  std::uint64_t fingerprint;
};

std::string_view path_of(std::string_view target) noexcept { return target.substr(0, target.find('?')); }

std::string allowed_methods(const connectors::connector& c) { return fmt::format("{}", fmt::join(c.methods, ", ")); }

shed_reason reason_of(journal::submit_error error) noexcept {
  switch (error) {
    case journal::submit_error::overloaded:
      return shed_reason::overloaded;
    case journal::submit_error::full:
      return shed_reason::journal_full;
    case journal::submit_error::clock_jumped:
      return shed_reason::clock_jumped;
    default:
      return shed_reason::not_serving;
  }
}

std::size_t item_slot(connectors::item_outcome outcome) noexcept {
  switch (outcome) {
    case connectors::item_outcome::accepted:
      return 0;
    case connectors::item_outcome::duplicate:
      return 1;
    case connectors::item_outcome::quarantined:
      return 3;
    case connectors::item_outcome::unsupported:
      return 4;
  }
  return 0;
}

// As they are published: a conflict has an id over both contents.
std::string published_ids(std::span<const event_mark> events, std::span<const journal::message_outcome> outcomes) {
  std::string ids;
  for (std::size_t i = 0; i < events.size(); ++i) {
    const auto& e = events[i];
    const bool conflict = i < outcomes.size() && outcomes[i] == journal::message_outcome::conflict;
    if (!ids.empty()) ids += ',';
    ids += schemas::to_string(conflict ? journal::conflict_id(e.id, e.fingerprint) : e.id);
  }
  return ids;
}

}  // namespace

// One request under way. The inbound views into the responder's request and into `url`.
struct corridor::passage {
  explicit passage(std::atomic<std::size_t>& in_flight) : in_flight_(in_flight) {}
  passage(const passage&) = delete;
  ~passage() {
    if (tally_ != nullptr) {
      tally_->refused.fetch_add(1, std::memory_order_relaxed);
      tally_->in_flight.fetch_sub(1, std::memory_order_relaxed);
    }
    if (charged_ != 0) in_flight_.fetch_sub(charged_, std::memory_order_relaxed);
  }
  // Authentic: from here on it has to end as one of the ledger's counts, and a passage that is dropped ends as refused.
  void verified(request_tally& tally) {
    tally_ = &tally;
    tally.verified.fetch_add(1, std::memory_order_relaxed);
    tally.in_flight.fetch_add(1, std::memory_order_relaxed);
  }
  void ended(std::atomic<std::uint64_t> request_tally::* as) {
    if (tally_ == nullptr) return;
    (tally_->*as).fetch_add(1, std::memory_order_relaxed);
    std::exchange(tally_, nullptr)->in_flight.fetch_sub(1, std::memory_order_relaxed);
  }
  void charge(std::size_t bytes) {
    charged_ = bytes;
    in_flight_.fetch_add(bytes, std::memory_order_relaxed);
  }

  std::string_view in_id() const { return responder->request().head.id; }

  std::unique_ptr<net::responder> responder;
  std::shared_ptr<const app::endpoint> endpoint;
  std::string url;
  connectors::inbound in;
  intake::processed result;
  std::vector<journal::message_outcome> outcomes;
  std::vector<event_mark> events;  // only where the request is logged
  std::uint64_t unit = 0;          // the journal's number of it
  std::chrono::steady_clock::time_point arrived;
  shed_reason refused{};
  bool set_aside = false;  // more than the journal takes in one piece: quarantined as a whole

 private:
  std::atomic<std::size_t>& in_flight_;
  std::size_t charged_ = 0;
  request_tally* tally_ = nullptr;
};

corridor::corridor(journal::journal& j, blob_worker& blobs, web& w, base::clock& clock, probe& p, settings s)
    : journal_(j), blobs_(blobs), web_(w), clock_(clock), probe_(p), settings_(std::move(s)) {}

void corridor::serve(net::http_server& server) { server_.store(&server, std::memory_order_release); }
void corridor::swap(std::shared_ptr<const source_table> table) {
  table_.store(std::move(table), std::memory_order_release);
}

net::http_response overload_response(shed_reason reason) {
  auto response = net::error_response(503, to_string(reason), "try again later");
  response.headers.emplace_back("Retry-After", reason == shed_reason::journal_full ? "30" : "5");
  return response;
}

net::http_response corridor::shed(std::string_view source, shed_reason reason, const net::request_head& head) {
  probe_.shed(source, reason);
  log_problem(level::warning, "request refused", head.id, source, to_string(reason), head.peer);
  return overload_response(reason);
}

net::admit_result corridor::admit(const net::request_head& head) {
  const auto table = table_.load(std::memory_order_acquire);
  if (table == nullptr || server_.load(std::memory_order_acquire) == nullptr)
    return std::unexpected(shed("", shed_reason::not_serving, head));
  auto endpoint = table->find(path_of(head.target));
  if (endpoint == nullptr) {
    log_problem(level::info, "request rejected", head.id, "", "unknown_path", head.peer);
    return std::unexpected(net::error_response(404, "unknown_path", "no source has this path"));
  }
  const auto& source = *endpoint->source;
  if (std::ranges::find(source.connector->methods, head.method) == source.connector->methods.end()) {
    auto response = net::error_response(405, "method_not_allowed", "the source does not take this method");
    response.headers.emplace_back("Allow", allowed_methods(*source.connector));
    log_problem(level::info, "request rejected", head.id, source.id, "method_not_allowed", head.peer);
    return std::unexpected(std::move(response));
  }
  const auto limit = endpoint->shed_above * static_cast<double>(settings_.queue_bytes);
  if (static_cast<double>(in_flight_.load(std::memory_order_relaxed)) >= limit)
    return std::unexpected(shed(source.id, shed_reason::overloaded, head));
  if (blobs_.broken()) return std::unexpected(shed(source.id, shed_reason::blob_store_broken, head));
  if (!journal_.writable(endpoint->reserved)) return std::unexpected(shed(source.id, shed_reason::journal_full, head));
  const auto body_limit = source.limits.body_bytes;
  return net::admission{body_limit, std::move(endpoint)};
}

void corridor::handle(std::unique_ptr<net::responder> responder) {
  auto p = std::make_shared<passage>(in_flight_);
  p->arrived = clock_.monotonic();
  const auto& request = responder->request();
  p->endpoint = std::static_pointer_cast<const app::endpoint>(request.context);
  const auto& source = *p->endpoint->source;
  p->url = intake::called_url(source, request.head.target, request.head.scheme, request.head.host);
  p->in = {request.head.method, request.head.target, p->url,       request.head.headers,
           request.body,        request.head.peer,   clock_.wall()};
  p->responder = std::move(responder);
  if (p->endpoint->capture != nullptr) p->endpoint->capture->write(source, p->in);
  process(std::move(p), true);
}

intake::environment corridor::intake_environment() const {
  intake::environment environment;
  environment.codec = settings_.codec;
  environment.keys = &web_.keys();
  environment.blob_retention_days = settings_.blob_retention_days;
  return environment;
}

void corridor::process(passage_ptr p, bool may_fetch) {
  p->result = intake::process(*p->endpoint->source, p->in, intake_environment());
  if (p->result.outcome != outcome::accepted && p->result.outcome != outcome::quarantined) count(*p);
  switch (p->result.outcome) {
    case outcome::rejected:
      return reject(std::move(p));
    case outcome::control:
      p->verified(*p->endpoint->metrics.tally);
      return shake_hands(std::move(p));
    case outcome::needs_key:
      p->refused = shed_reason::key_unavailable;
      if (!may_fetch) return refuse(std::move(p));
      return web_.fetch_key(p->result.key_url, [this, p](bool fetched) mutable {
        back_to_its_thread(std::move(p), fetched ? &corridor::process_again : &corridor::refuse);
      });
    case outcome::accepted:
    case outcome::quarantined:
      break;
  }
  p->verified(*p->endpoint->metrics.tally);
  if (!p->result.large_blobs.empty()) return store_blobs(std::move(p));
  append(std::move(p));
}

void corridor::count(const passage& p) {
  p.endpoint->metrics.requests[static_cast<std::size_t>(p.result.outcome)]->Increment();
}

void corridor::process_again(passage_ptr p) { process(std::move(p), false); }

void corridor::back_to_its_thread(passage_ptr p, void (corridor::*next)(passage_ptr)) {
  auto* server = server_.load(std::memory_order_acquire);
  if (server == nullptr) return;  // dropped unanswered: the sender will retry, and is then told that it is a duplicate
  const auto thread = p->responder->thread_index();
  server->post(thread, [this, next, p = std::move(p)]() mutable { (this->*next)(std::move(p)); });
}

void corridor::store_blobs(passage_ptr p) {
  p->refused = shed_reason::blob_queue;
  const bool queued = blobs_.submit(std::exchange(p->result.large_blobs, {}), [this, p](bool stored) mutable {
    if (blobs_.broken()) p->refused = shed_reason::blob_store_broken;
    back_to_its_thread(std::move(p), stored ? &corridor::append : &corridor::refuse);
  });
  if (!queued) refuse(std::move(p));
}

void corridor::append(passage_ptr p) {
  assert(!p->result.unit.messages.empty() && "what is authentic and no handshake goes into the journal");
  if (!p->set_aside) p->charge(p->in.body.size() + 1024);
  p->events.clear();
  if (settings_.log_all_requests || p->result.outcome == outcome::quarantined)
    for (const auto& message : p->result.unit.messages) p->events.push_back({message.event.id, message.fingerprint});
  const auto submitted = journal_.submit(
      std::move(p->result.unit),
      [this, p](const journal::committed& committed) mutable {
        p->outcomes = committed.outcomes;
        p->unit = committed.number;
        p->ended(p->result.outcome == outcome::quarantined ? &request_tally::quarantined : &request_tally::accepted);
        p->endpoint->metrics.last_accepted->Set(static_cast<double>(committed.recorded_at.time_since_epoch().count()) /
                                                1000.0);
        back_to_its_thread(std::move(p), &corridor::acknowledge);
      },
      p->endpoint->reserved);
  if (submitted) return;
  if (submitted.error() == journal::submit_error::too_large && !p->set_aside) return set_aside(std::move(p));
  p->refused = reason_of(submitted.error());
  refuse(std::move(p));
}

void corridor::set_aside(passage_ptr p) {
  const auto& source = *p->endpoint->source;
  if (problems_logged_.take(clock_.monotonic()))
    observe::log(level::warning, "a request is more than a segment of the journal holds: all of it is quarantined",
                 {{"request", p->in_id()},
                  {"source", source.id},
                  {"bytes", p->in.body.size()},
                  {"hint", "make journal.segment_size larger"}});
  p->set_aside = true;
  p->result = intake::set_aside(source, p->in, intake_environment(), std::move(p->result), reject_code::too_large);
  store_blobs(std::move(p));
}

void corridor::acknowledge(passage_ptr p) {
  const auto& source = *p->endpoint->source;
  const auto& metrics = p->endpoint->metrics;
  count(*p);
  auto reply = intake::reply(source, p->in, p->result, p->outcomes);
  if (!p->events.empty()) log_kept(*p);
  p->responder->send({reply.status, std::move(reply.content_type), std::move(reply.body), std::move(reply.headers)});

  const std::chrono::duration<double> took = clock_.monotonic() - p->arrived;
  metrics.acknowledgement->Observe(took.count());
  metrics.deadline_share->Observe(took / source.connector->retry.deadline);
  for (std::size_t i = 0; i < p->result.items.size(); ++i) {
    auto slot = item_slot(p->result.items[i]);
    if (const auto message = p->result.message_of_item[i]; message < p->outcomes.size()) {
      if (p->outcomes[message] == journal::message_outcome::duplicate) slot = 1;
      if (p->outcomes[message] == journal::message_outcome::conflict) slot = 2;
    }
    metrics.items[slot]->Increment();
  }
}

// Quarantine is for somebody to look at; the rest is told where every request is.
void corridor::log_kept(const passage& p) {
  const bool problem = p.result.outcome == outcome::quarantined;
  const auto left_out =
      settings_.log_all_requests ? std::optional<std::uint64_t>(0) : problems_logged_.take(clock_.monotonic());
  if (!left_out) return;
  observe::log(problem ? level::warning : level::info, problem ? "request quarantined" : "request accepted",
               {{"request", p.in_id()},
                {"source", p.endpoint->source->id},
                {"reason", p.result.code ? connectors::to_string(*p.result.code) : ""},
                {"unit", p.unit},
                {"items", p.result.items.size()},
                {"duplicates", std::ranges::count(p.outcomes, journal::message_outcome::duplicate)},
                {"events", published_ids(p.events, p.outcomes)},
                {"peer", p.in.peer},
                {"left_out", *left_out}});
}

// The log of refusals is for whoever sets up a source; the counters are for whoever is attacked.
void corridor::log_problem(level l, std::string_view message, std::string_view request, std::string_view source,
                           std::string_view reason, std::string_view peer) {
  if (const auto left_out = problems_logged_.take(clock_.monotonic()))
    observe::log(
        l, message,
        {{"request", request}, {"source", source}, {"reason", reason}, {"peer", peer}, {"left_out", *left_out}});
}

void corridor::reject(passage_ptr p) {
  const auto& source = *p->endpoint->source;
  const auto code = p->result.code.value_or(reject_code::bad_signature);
  probe_.rejected(source, code);
  log_problem(level::info, "request rejected", p->in_id(), source.id, connectors::to_string(code), p->in.peer);
  auto reply = intake::reply(source, p->in, p->result, {});
  p->responder->send({reply.status, std::move(reply.content_type), std::move(reply.body), std::move(reply.headers)});
}

void corridor::shake_hands(passage_ptr p) {
  if (!p->result.decoded.handshake || p->result.decoded.handshake->confirm_url.empty()) return greet(std::move(p));
  p->refused = shed_reason::confirm_failed;
  web_.confirm(p->result.decoded.handshake->confirm_url, [this, p](bool confirmed) mutable {
    back_to_its_thread(std::move(p), confirmed ? &corridor::greet : &corridor::refuse);
  });
}

void corridor::greet(passage_ptr p) {
  p->ended(&request_tally::control);
  if (settings_.log_all_requests)
    observe::log(level::info, "handshake answered",
                 {{"request", p->in_id()}, {"source", p->endpoint->source->id}, {"peer", p->in.peer}});
  auto reply = intake::reply(*p->endpoint->source, p->in, p->result, {});
  p->responder->send({reply.status, std::move(reply.content_type), std::move(reply.body), std::move(reply.headers)});
}

void corridor::refuse(passage_ptr p) {
  const auto& source = p->endpoint->source->id;
  if (p->result.outcome != outcome::needs_key && p->result.outcome != outcome::control) count(*p);
  probe_.shed(source, p->refused);
  log_problem(level::warning, "request refused", p->in_id(), source, to_string(p->refused), p->in.peer);
  p->ended(&request_tally::refused);
  p->responder->send(overload_response(p->refused));
}

}  // namespace switchboard::app
