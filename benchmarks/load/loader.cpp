#include "benchmarks/load/loader.hpp"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <boost/asio/connect.hpp>
#include <boost/asio/ssl/context.hpp>
#include <deque>
#include <memory>

#include "benchmarks/load/session.hpp"
#include "broker/base/clock.hpp"
#include "broker/net/io.hpp"

namespace switchboard::load {
namespace {

namespace asio = boost::asio;
using net::error_code;
using net::tcp;
using steady = std::chrono::steady_clock;
using std::chrono::nanoseconds;
using namespace std::chrono_literals;

constexpr auto tick = 100ms;
constexpr auto first_pause = 5ms;
constexpr auto longest_pause = 500ms;
constexpr auto idle_before_look = 1s;
constexpr auto connect_within = 15s;

class loader final : session_owner {
 public:
  loader(const loader_settings& s, schedule plan, const request_maker& maker)
      : settings_(s),
        plan_(std::move(plan)),
        maker_(maker),
        due_timer_(context_.get_executor()),
        tick_timer_(context_.get_executor()),
        boundary_timer_(context_.get_executor()) {}

  std::expected<outcome, std::string> run() {
    if (auto ready = prepare(); !ready) return std::unexpected(ready.error());
    slots_.resize(settings_.connections);
    for (std::uint32_t i = 0; i < settings_.connections; ++i) connect(i);
    arm_tick();
    const auto deadline = steady::now() + connect_within;
    while (result_.connects < settings_.connections) {
      if (interrupted_ || steady::now() >= deadline || result_.connect_errors > 3 + settings_.connections)
        return std::unexpected(fmt::format("{} of {} connections: {}", result_.connects, settings_.connections,
                                           result_.last_error.empty() ? "no answer" : result_.last_error));
      context_.run_one_for(tick);
    }
    begin();
    context_.run();
    for (auto& each : slots_)
      if (each.session) each.session->abort();
    finish();
    return std::move(result_);
  }

 private:
  struct slot {
    std::shared_ptr<load::session> session;
    bool busy = false;
    steady::time_point due{}, sent{}, used{};
    schemas::timestamp made_at{};
    std::uint64_t number = 0;
    std::uint32_t phase = 0;
    nanoseconds pause = first_pause;
    std::unique_ptr<net::steady_timer> again;
  };

  std::expected<void, std::string> prepare() {
    rlimit files{};
    if (::getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < settings_.connections + 100) {
      files.rlim_cur = std::min<rlim_t>(files.rlim_max, settings_.connections + 100);
      ::setrlimit(RLIMIT_NOFILE, &files);
      if (files.rlim_cur < settings_.connections + 50)
        return std::unexpected(fmt::format("{} open files are allowed; raise ulimit -n", files.rlim_max));
    }
    error_code error;
    tcp::resolver resolver(context_);
    const auto found = resolver.resolve(settings_.url.host, settings_.url.port, error);
    if (error) return std::unexpected(fmt::format("{}: {}", settings_.url.host, error.message()));
    tcp::socket probe(context_);
    asio::connect(probe, found, error);
    if (error)
      return std::unexpected(fmt::format("{}:{}: {}", settings_.url.host, settings_.url.port, error.message()));
    endpoint_ = probe.remote_endpoint(error);
    if (!settings_.url.tls) return {};
    tls_.emplace(asio::ssl::context::tls_client);
    if (settings_.insecure) return {};
    if (settings_.ca.empty())
      tls_->set_default_verify_paths(error);
    else
      tls_->load_verify_file(settings_.ca, error);
    if (error) return std::unexpected(fmt::format("{}: {}", settings_.ca, error.message()));
    return {};
  }

  // --- connections ---
  void connect(std::uint32_t index) {
    auto& s = slots_[index];
    s.session = make_session(context_, *this, index, tls_ ? &*tls_ : nullptr, settings_.url.host, !settings_.insecure);
    s.session->open(endpoint_);
  }

  void connect_later(std::uint32_t index) {
    if (over_) return;
    auto& s = slots_[index];
    if (!s.again) s.again = std::make_unique<net::steady_timer>(context_.get_executor());
    s.again->expires_after(s.pause);
    s.pause = std::min<nanoseconds>(s.pause * 2, longest_pause);
    s.again->async_wait([this, index](error_code error) {
      if (!error && !over_) connect(index);
    });
  }

  void opened(std::uint32_t index) override {
    ++result_.connects;
    slots_[index].used = steady::now();
    release(index);
  }

  void release(std::uint32_t index) {
    free_.push_back(index);
    if (begun_) pump();
  }

  void failed(std::uint32_t index, const std::string& reason) override {
    auto& s = slots_[index];
    result_.last_error = reason;
    if (s.busy) {
      ++at(s).connection_errors;
      ++second_.failed;
      idle(s);
      connect(index);
    } else {
      ++result_.connect_errors;
      connect_later(index);
    }
    end_when_done();
  }

  // --- the run ---
  void begin() {
    begun_ = true;
    start_ = steady::now();
    for (const auto& p : plan_.phases()) result_.phases.push_back({.phase = p});
    enter(0);
  }

  void enter(std::size_t phase) {
    const auto now = steady::now() - start_;
    const double cpu = thread_cpu_seconds();
    const auto usage = settings_.measured != 0 ? usage_of(settings_.measured) : std::nullopt;
    if (begun_phases_ > 0) {
      auto& last = result_.phases[current_];
      last.client_cpu_s = cpu - cpu_before_;
      last.after = usage;
      last.phase.end = now;
    }
    current_ = phase;
    cpu_before_ = cpu;
    ++begun_phases_;
    if (current_ >= plan_.phases().size()) {
      sending_over_ = true;
      give_up_rest();
      end_when_done();
      return;
    }
    // As it really is: what is counted in time and what CPU it took are of the same stretch.
    result_.phases[current_].phase.start = now;
    result_.phases[current_].before = usage;
    boundary_timer_.expires_at(start_ + plan_.phases()[current_].end);
    boundary_timer_.async_wait([this](error_code error) {
      if (!error && !over_) enter(current_ + 1);
    });
    pump();
  }

  void pump() {
    if (sending_over_ || over_) return;
    if (plan_.phases()[current_].rate == 0) {
      while (const auto index = take_free()) send(*index, steady::now(), current_);
      return;
    }
    while (plan_.next()) {
      const auto now = steady::now();
      const auto due = start_ + plan_.next()->at;
      if (due > now) return arm_due(due);
      auto& m = result_.phases[plan_.next()->phase];
      if (now - due > settings_.timeout) {
        ++m.due;
        ++m.not_sent;
        ++second_.failed;
        plan_.pop();
        continue;
      }
      const auto index = take_free();
      if (!index) return;
      const auto phase = plan_.next()->phase;
      plan_.pop();
      send(*index, due, phase);
    }
  }

  // In turn, so that none lies idle for long. One that the other side closed meanwhile is opened anew, which no request
  // is blamed for.
  std::optional<std::uint32_t> take_free() {
    while (!free_.empty()) {
      const auto index = free_.front();
      free_.pop_front();
      auto& s = slots_[index];
      if (steady::now() - s.used <= idle_before_look || !s.session->is_gone()) return index;
      s.session->abort();
      connect(index);
    }
    return std::nullopt;
  }

  void arm_due(steady::time_point due) {
    if (armed_for_ == due) return;
    armed_for_ = due;
    due_timer_.expires_at(due);
    due_timer_.async_wait([this](error_code error) {
      if (error) return;
      armed_for_ = {};
      pump();
    });
  }

  void send(std::uint32_t index, steady::time_point due, std::size_t phase) {
    auto& s = slots_[index];
    s.busy = true;
    s.due = due;
    s.phase = static_cast<std::uint32_t>(phase);
    s.number = next_number_++;
    s.made_at = base::real_clock().wall();
    ++in_flight_;
    ++at(s).due;
    ++at(s).sent;
    ++second_.sent;
    auto& wire = s.session->wire();
    wire.clear();
    maker_.append(wire, s.number, s.made_at);
    s.sent = s.used = steady::now();
    s.session->send();
  }

  void replied(std::uint32_t index, int status, bool kept) override {
    auto& s = slots_[index];
    const auto now = steady::now();
    auto& m = at(s);
    ++m.statuses[status];
    const bool good = status >= 200 && status < 300;
    auto* running = current_ < result_.phases.size() ? &result_.phases[current_] : nullptr;
    if (running != nullptr) ++running->replies_in_time;
    if (good) {
      ++m.accepted;
      ++second_.accepted;
      ++result_.acknowledged_count;
      if (running != nullptr) ++running->accepted_in_time;
      m.accepted_latency.add(now - s.due);
      m.service.add(now - s.sent);
      second_.accepted_latency.add(now - s.due);
      if (settings_.keep_acknowledged) result_.acknowledged.push_back({s.number, s.made_at, s.due, s.phase});
    } else if (status == 503) {
      ++m.refused;
      ++second_.refused;
      m.refused_latency.add(now - s.due);
    } else {
      ++m.other;
      ++second_.failed;
    }
    s.used = now;
    s.pause = first_pause;
    idle(s);
    if (kept)
      release(index);
    else
      connect(index);
    end_when_done();
  }

  void idle(slot& s) {
    s.busy = false;
    --in_flight_;
  }

  measures& at(const slot& s) { return result_.phases[s.phase]; }

  // --- time ---
  void arm_tick() {
    tick_timer_.expires_after(tick);
    tick_timer_.async_wait([this](error_code error) {
      if (error || over_) return;
      on_tick();
      if (!over_) arm_tick();
    });
  }

  void on_tick() {
    const auto now = steady::now();
    if (settings_.interrupted && settings_.interrupted() && !interrupted_) {
      interrupted_ = true;
      if (begun_ && !sending_over_) enter(plan_.phases().size());
    }
    if (!begun_) return;
    for (std::uint32_t i = 0; i < slots_.size(); ++i) {
      auto& s = slots_[i];
      if (!s.busy || now - s.sent <= settings_.timeout) continue;
      ++at(s).timeouts;
      ++second_.failed;
      s.session->abort();
      idle(s);
      connect(i);
    }
    const auto elapsed = static_cast<std::uint64_t>((now - start_) / 1s);
    if (elapsed > result_.timeline.size()) close_second();
    end_when_done();
  }

  void close_second() {
    const auto& h = second_.accepted_latency;
    result_.timeline.push_back({result_.timeline.size() + 1, second_.sent, second_.accepted, second_.refused,
                                second_.failed, h.quantile(.5), h.quantile(.99), h.max()});
    second_ = {};
    if (settings_.each_second) settings_.each_second(result_.timeline.back(), in_flight_);
  }

  // What was due and found no connection.
  void give_up_rest() {
    const auto now = steady::now();
    while (plan_.next() && start_ + plan_.next()->at <= now) {
      auto& m = result_.phases[plan_.next()->phase];
      ++m.due;
      ++m.not_sent;
      plan_.pop();
    }
  }

  void end_when_done() {
    if (!sending_over_ || in_flight_ > 0 || over_) return;
    over_ = true;
    context_.stop();
  }

  void finish() {
    if (second_.sent + second_.accepted + second_.refused + second_.failed > 0) close_second();
    result_.phases.resize(std::min(result_.phases.size(), begun_phases_ - 1));
    result_.interrupted = interrupted_;
  }

  const loader_settings& settings_;
  schedule plan_;
  const request_maker& maker_;
  asio::io_context context_{1};
  std::optional<asio::ssl::context> tls_;
  tcp::endpoint endpoint_;
  net::steady_timer due_timer_, tick_timer_, boundary_timer_;
  steady::time_point start_{}, armed_for_{};
  std::vector<slot> slots_;
  std::deque<std::uint32_t> free_;
  std::uint64_t next_number_ = 0, in_flight_ = 0;
  std::size_t current_ = 0, begun_phases_ = 0;
  double cpu_before_ = 0;
  bool begun_ = false, sending_over_ = false, over_ = false, interrupted_ = false;
  second_of_run second_;
  outcome result_;
};

}  // namespace

std::expected<outcome, std::string> run(const loader_settings& settings, schedule plan, const request_maker& maker) {
  return loader(settings, std::move(plan), maker).run();
}

}  // namespace switchboard::load
