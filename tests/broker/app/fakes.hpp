// Stand-ins for what the corridor and the admin listener talk to. Everything runs on the test's own thread, when the
// test says so.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "broker/app/corridor.hpp"

namespace switchboard::app::test {

class fake_journal final : public journal::journal {
 public:
  struct waiting {
    switchboard::journal::unit unit;
    switchboard::journal::completion done;
    bool reserved;
  };

  std::expected<void, switchboard::journal::submit_error> submit(switchboard::journal::unit unit,
                                                                 switchboard::journal::completion done,
                                                                 bool reserved) override {
    if (refuse) return std::unexpected(*refuse);
    std::size_t bytes = 0;
    for (const auto& m : unit.messages) bytes += m.event.body.size();
    for (const auto& b : unit.blobs) bytes += b.bytes.size();
    if (bytes > segment) return std::unexpected(switchboard::journal::submit_error::too_large);
    queue.push_back({std::move(unit), std::move(done), reserved});
    return {};
  }
  // Commits the oldest: all appended, or as the outcomes say.
  void commit(std::vector<switchboard::journal::message_outcome> outcomes = {}) {
    auto first = std::move(queue.front());
    queue.pop_front();
    if (outcomes.empty()) outcomes.resize(first.unit.messages.size(), switchboard::journal::message_outcome::appended);
    first.done({++number, schemas::timestamp(std::chrono::milliseconds(1'700'000'000'000)), std::move(outcomes)});
  }

  bool writable(bool reserved) const override { return reserved ? writable_reserved : writable_all; }
  const schemas::uuid& id() const override { return id_; }
  std::unique_ptr<switchboard::journal::cursor> read_after(std::uint64_t) override { return nullptr; }
  int wake_fd() const override { return -1; }
  void delivered(std::uint64_t) override {}
  void published(std::uint64_t) override {}
  std::optional<std::string> state(std::string_view, std::string_view) const override { return std::nullopt; }
  switchboard::journal::usage current_usage() const override { return {}; }
  schemas::timestamp last_recorded() const override { return {}; }
  schemas::timestamp time() const override { return {}; }
  switchboard::journal::ledger current_ledger() const override { return {}; }
  bool healthy() const override { return true; }
  void stop() override { queue.clear(); }

  std::deque<waiting> queue;
  std::optional<switchboard::journal::submit_error> refuse;
  std::size_t segment = 64u << 20;
  bool writable_all = true, writable_reserved = true;
  std::uint64_t number = 0;

 private:
  schemas::uuid id_;
};

// Runs what is posted when the test turns it.
class fake_server final : public net::http_server {
 public:
  std::uint16_t port() const override { return 0; }
  void use_tls(net::tls_context) override {}
  bool healthy() const override { return true; }
  void post(int thread, std::move_only_function<void()> work) override {
    const std::lock_guard lock(mutex);
    threads.push_back(thread);
    posted.push_back(std::move(work));
  }
  void stop_accepting() override {}
  bool drain(std::chrono::steady_clock::time_point) override { return true; }
  void stop() override {}

  std::size_t turn() {
    std::deque<std::move_only_function<void()>> now;
    {
      const std::lock_guard lock(mutex);
      now.swap(posted);
    }
    for (auto& work : now) work();
    return now.size();
  }

  std::mutex mutex;
  std::deque<std::move_only_function<void()>> posted;
  std::vector<int> threads;
};

// What became of one request.
struct answer {
  std::vector<net::http_response> sent;
  bool dropped = false;
};

class fake_responder final : public net::responder {
 public:
  fake_responder(net::request request, std::string body, answer& to)
      : request_(std::move(request)), body_(std::move(body)), to_(to) {
    body_.append(connectors::inbound::body_padding, '\0');
    request_.body = std::string_view(body_).substr(0, body_.size() - connectors::inbound::body_padding);
  }
  ~fake_responder() override { to_.dropped = to_.sent.empty(); }
  const net::request& request() const override { return request_; }
  void send(net::http_response r) override { to_.sent.push_back(std::move(r)); }
  int thread_index() const override { return 3; }

 private:
  net::request request_;
  std::string body_;
  answer& to_;
};

class fake_store final : public blobs::store {
 public:
  std::expected<void, std::string> put(const blobs::reference& r, std::string_view bytes) override {
    const std::lock_guard lock(mutex);
    if (fail) return std::unexpected("no space");
    kept[blobs::to_string(r)] = bytes;
    return {};
  }
  bool broken() const override { return sync_failed; }
  std::expected<blobs::stored, std::string> open(const blobs::reference& r) override;
  void expire(schemas::timestamp) override {}

  std::mutex mutex;
  std::map<std::string, std::string> kept;
  bool fail = false;
  std::atomic<bool> sync_failed = false;
};

class fake_web final : public web {
 public:
  struct keys_map final : connectors::fetched_keys {
    std::optional<std::string> find(std::string_view url) const override {
      const auto found = map.find(std::string(url));
      return found == map.end() ? std::nullopt : std::optional(found->second);
    }
    std::map<std::string, std::string> map;
  };
  const connectors::fetched_keys& keys() const override { return kept; }
  void fetch_key(const std::string& url, done finished) override { fetches.emplace_back(url, std::move(finished)); }
  void confirm(const std::string& url, done finished) override { confirms.emplace_back(url, std::move(finished)); }

  keys_map kept;
  std::vector<std::pair<std::string, done>> fetches, confirms;
};

// Bytes in memory as a file.
class memory_file final : public base::file {
 public:
  explicit memory_file(std::string bytes) : bytes_(std::move(bytes)) {}
  base::io_result<std::size_t> read_at(std::uint64_t offset, std::span<std::byte> out) const override {
    const auto n = offset >= bytes_.size() ? 0 : std::min<std::size_t>(out.size(), bytes_.size() - offset);
    std::memcpy(out.data(), bytes_.data() + std::min<std::size_t>(offset, bytes_.size()), n);
    return n;
  }
  base::io_result<> write_at(std::uint64_t, std::span<const std::byte>) override {
    return std::unexpected(std::make_error_code(std::errc::read_only_file_system));
  }
  base::io_result<> resize(std::uint64_t) override {
    return std::unexpected(std::make_error_code(std::errc::read_only_file_system));
  }
  base::io_result<std::uint64_t> size() const override { return bytes_.size(); }
  base::io_result<> sync_data(base::sync_site) override { return {}; }
  base::io_result<> fill_with_zeros(std::uint64_t) override {
    return std::unexpected(std::make_error_code(std::errc::read_only_file_system));
  }

 private:
  std::string bytes_;
};

inline std::expected<blobs::stored, std::string> fake_store::open(const blobs::reference& r) {
  const std::lock_guard lock(mutex);
  const auto found = kept.find(blobs::to_string(r));
  if (found == kept.end()) return std::unexpected("no such blob");
  return blobs::stored{std::make_unique<memory_file>(found->second), found->second.size()};
}

}  // namespace switchboard::app::test
