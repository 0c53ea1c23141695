#include <fmt/format.h>
#include <sys/resource.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <thread>

#include "broker/app/capture.hpp"
#include "broker/app/command_common.hpp"
#include "broker/app/commands.hpp"
#include "broker/app/node.hpp"
#include "broker/app/supervisor.hpp"
#include "broker/app/version.hpp"
#include "broker/observe/log.hpp"

namespace switchboard::app {
namespace {

using observe::level;
using std::chrono::steady_clock;

constexpr std::chrono::seconds watchdog_after{5};  // the deadline of the drain

// The signals that serve handles, blocked in every thread that is started after it and waited for in one place.
class signals {
 public:
  signals() {
    sigemptyset(&set_);
    for (const int s : {SIGHUP, SIGTERM, SIGINT}) sigaddset(&set_, s);
    pthread_sigmask(SIG_BLOCK, &set_, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
  }
  // 0 when none came within the limit.
  int wait(std::chrono::milliseconds limit) const {
    const timespec time{limit.count() / 1000, limit.count() % 1000 * 1'000'000};
    const int found = sigtimedwait(&set_, nullptr, &time);
    return found > 0 ? found : 0;
  }

 private:
  sigset_t set_{};
};

// Ends the process when the drain does not: a hung disk or a client that never reads must not keep a restart waiting.
// Also takes the second SIGTERM while the drain runs. Either way nothing acknowledged is lost: it is on disk.
class watchdog {
 public:
  watchdog(const signals& s, steady_clock::time_point deadline)
      : thread_([this, &s, deadline] {
          while (!done_) {
            const int signal = s.wait(std::chrono::milliseconds{50});
            if (done_) return;
            if (signal == SIGTERM || signal == SIGINT) end("second signal: ending at once", exit_code::temporary);
            if (steady_clock::now() > deadline) end("the drain hangs: ending", exit_code::temporary);
          }
        }) {}
  ~watchdog() {
    done_ = true;
    thread_.join();
  }

 private:
  [[noreturn]] static void end(std::string_view why, exit_code code) {
    observe::log(level::warning, why);
    std::_Exit(static_cast<int>(code));
  }
  std::atomic<bool> done_{false};
  std::thread thread_;
};

// Takes as many descriptors as the system allows, and keeps connections from using those that the journal, the blob
// store, Kafka and the admin listener need: without one for a sync the process could only end.
void share_descriptors(configuration& c) {
  constexpr rlim_t kept = 768;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  if (::setrlimit(RLIMIT_NOFILE, &limit) != 0 && ::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  const std::size_t most = limit.rlim_cur > 2 * kept ? limit.rlim_cur - kept : limit.rlim_cur / 2;
  auto& connections = c.intake.limits.connections;
  if (connections <= most) return;
  observe::log(level::warning, "fewer connections than configured: raise the limit of open files (ulimit -n)",
               {{"configured", connections}, {"connections", most}, {"open_files", limit.rlim_cur}});
  connections = most;
}

void reload(node& running, const std::string& file) {
  auto next = load(file);
  if (!next) {
    for (const auto& d : next.error())
      observe::log(level::error, "configuration not reloaded", {{"problem", config::to_string(d)}});
    observe::log(level::warning, "going on with the configuration from before", {{"problems", next.error().size()}});
    running.reload_refused();
    return;
  }
  const auto sources = next->sources.size();
  const auto restart = running.reload(std::move(*next));
  observe::log(level::info, "configuration reloaded", {{"sources", sources}});
  for (const auto& key : restart) observe::log(level::warning, "a change needs a restart", {{"key", key}});
}

std::expected<node_settings, std::string> capture_settings(const serve_options& o, const configuration& c) {
  node_settings s;
  for (const auto& id : o.capture_sources)
    if (std::ranges::find(c.sources, id, [](const auto& source) -> const std::string& { return source->id; }) ==
        c.sources.end())
      return std::unexpected(fmt::format("--capture-source {}: the configuration has no such source", id));
  s.captured = o.capture_sources;
  if (o.capture.empty()) return s;
  const auto mode = o.capture_mode == "plain"      ? capture_mode::plain
                    : o.capture_mode == "redacted" ? capture_mode::redacted
                                                   : capture_mode::sealed;
  auto opened = capture::open(o.capture, mode);
  if (!opened) return std::unexpected(opened.error());
  s.capture = std::move(*opened);
  return s;
}

}  // namespace

exit_code serve(const serve_options& o) {
  auto loaded = load_or_explain(o.config);
  if (!loaded) return exit_code::configuration;
  observe::set_up_log(loaded->log, loaded->log_level);
  const signals caught;
  auto settings = capture_settings(o, *loaded);
  if (!settings) return fail(exit_code::usage, settings.error());
  for (const auto& d : loaded->warnings)
    observe::log(level::warning, "configuration", {{"problem", config::to_string(d)}});
  if (settings->capture)
    observe::log(level::warning, "requests are captured", {{"file", o.capture}, {"mode", o.capture_mode}});
  share_descriptors(*loaded);
  const auto drain = loaded->drain;
  const auto sources = loaded->sources.size();

  auto started = node::start(std::move(*loaded), std::move(*settings));
  if (!started) {
    observe::log(level::critical, "not started", {{"reason", started.error()}});
    return exit_code::unavailable;
  }
  node& running = **started;
  observe::log(level::info, "serving",
               {{"version", version()},
                {"port", running.port()},
                {"admin_port", running.admin_port()},
                {"journal", running.journal_id()},
                {"sources", sources}});
  const supervisor above;
  std::chrono::milliseconds turn = std::chrono::seconds{1};
  if (const auto limit = above.watchdog())
    turn = std::clamp(std::chrono::floor<std::chrono::milliseconds>(*limit / 2), std::chrono::milliseconds{1}, turn);
  above.ready();

  for (;;) {
    running.tick();
    if (above.watchdog() && running.alive()) above.alive();
    const int signal = caught.wait(turn);
    if (signal == SIGHUP) {
      above.reloading(steady_clock::now());
      reload(running, o.config);
      above.ready();
    }
    if (signal == SIGTERM || signal == SIGINT) break;
  }

  above.stopping(drain + watchdog_after + std::chrono::seconds{5});
  observe::log(level::info, "draining", {{"seconds", drain.count()}, {"until_empty", o.until_empty}});
  const auto deadline = steady_clock::now() + drain;
  const watchdog guard(caught, deadline + watchdog_after);
  const bool finished = running.drain(deadline, o.until_empty);
  started->reset();
  observe::log(finished ? level::info : level::warning, finished ? "stopped" : "stopped at the deadline of the drain");
  return finished ? exit_code::ok : exit_code::temporary;
}

}  // namespace switchboard::app
