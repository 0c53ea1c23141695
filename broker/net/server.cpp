#include <fmt/format.h>

#include <cassert>
#include <vector>

#include "broker/net/loop.hpp"

namespace switchboard::net {
namespace {

constexpr std::chrono::seconds healthy_within{5};

class server final : public http_server {
 public:
  server(std::shared_ptr<server_state> state, std::vector<std::shared_ptr<loop>> loops, std::uint16_t port)
      : state_(std::move(state)), loops_(std::move(loops)), port_(port) {
    for (const auto& l : loops_) l->start();
  }
  ~server() override { stop(); }

  std::uint16_t port() const override { return port_; }

  void use_tls(tls_context context) override {
    assert(context != nullptr && state_->settings.tls_files &&
           "a listener is either plain or TLS for as long as it lives");
    state_->set_tls(std::move(context));
  }

  bool healthy() const override {
    const auto since = std::chrono::steady_clock::now() - healthy_within;
    return std::ranges::all_of(loops_, [&](const auto& l) { return l->turned_since(since); });
  }

  void post(int thread_index, std::move_only_function<void()> work) override {
    loops_.at(static_cast<std::size_t>(thread_index))->post(std::move(work));
  }

  void stop_accepting() override {
    for (const auto& l : loops_) l->stop_accepting();
  }

  bool drain(std::chrono::steady_clock::time_point deadline) override {
    state_->draining = true;
    stop_accepting();
    for (const auto& l : loops_) l->close_idle();
    return state_->wait_for_no_connection(deadline);
  }

  void stop() override {
    for (const auto& l : loops_) l->stop();
  }

 private:
  const std::shared_ptr<server_state> state_;
  const std::vector<std::shared_ptr<loop>> loops_;
  const std::uint16_t port_;
};

}  // namespace

std::expected<std::unique_ptr<http_server>, std::string> http_server::start(http_settings settings,
                                                                            handler& application, probe& metrics) {
  if (settings.threads < 1) return std::unexpected(std::string("threads must be at least 1"));
  error_code error;
  const auto address = asio::ip::make_address(settings.address, error);
  if (error) return std::unexpected(fmt::format("'{}' is not an IP address to listen on", settings.address));
  auto proxies = proxy_list::parse(settings.trusted_proxies);
  if (!proxies) return std::unexpected(std::move(proxies.error()));

  tls_context tls;
  if (settings.tls_files) {
    auto loaded = load_tls(*settings.tls_files);
    if (!loaded) return std::unexpected(std::move(loaded.error().message));
    tls = std::move(*loaded);
  }
  const auto state = std::make_shared<server_state>(std::move(settings), std::move(*proxies), application, metrics);
  if (tls) state->set_tls(std::move(tls));

  std::uint16_t port = state->settings.port;
  const bool shared_port = state->settings.threads > 1;
  if (shared_port && port != 0) {
    // A shared port would let a second instance listen beside the first and take half of its connections unnoticed.
    const auto alone = std::make_shared<loop>(state, 0)->listen(address, port, false);
    if (!alone) return std::unexpected(alone.error());
  }
  std::vector<std::shared_ptr<loop>> loops;
  for (int i = 0; i < state->settings.threads; ++i) {
    loops.push_back(std::make_shared<loop>(state, i));
    const auto bound = loops.back()->listen(address, port, shared_port);
    if (!bound) return std::unexpected(bound.error());
    port = *bound;
  }
  return std::make_unique<server>(state, std::move(loops), port);
}

}  // namespace switchboard::net
