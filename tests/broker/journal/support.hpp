// What the journal's tests share: units with real encoded events, a clock that obeys, a journal that is driven to the
// end of a submit.
#pragma once

#include <gtest/gtest.h>
#include <prometheus/registry.h>

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <future>
#include <mutex>

#include "broker/journal/journal.hpp"
#include "broker/journal/probe.hpp"
#include "schemas/codec.hpp"

namespace switchboard::journal::testing {

using namespace std::chrono_literals;

// Any thread.
class manual_clock final : public base::clock {
 public:
  schemas::timestamp wall() const override {
    return schemas::timestamp(std::chrono::milliseconds(1'790'000'000'000 + elapsed_.load() + ahead_.load()));
  }
  std::chrono::steady_clock::time_point monotonic() const override {
    return std::chrono::steady_clock::time_point(std::chrono::milliseconds(1'000'000 + elapsed_.load()));
  }
  void advance(std::chrono::milliseconds by) { elapsed_ += by.count(); }
  void jump(std::chrono::milliseconds by) { ahead_ += by.count(); }

 private:
  std::atomic<std::int64_t> elapsed_{0}, ahead_{0};
};

inline uuid numbered_id(std::uint64_t n) {
  uuid id;
  n = (n + 1) * 0x9E3779B97F4A7C15ULL;
  for (std::size_t i = 0; i < 16; ++i) {
    n ^= n >> 29;
    n *= 0xBF58476D1CE4E5B9ULL;
    id.bytes[i] = static_cast<std::uint8_t>(n >> 56);
  }
  id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0F) | 0x80);
  id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3F) | 0x80);
  return id;
}

inline schemas::encoded_event encode_message(std::uint64_t n, std::uint64_t fingerprint) {
  schemas::event e;
  e.id = numbered_id(n);
  e.type = schemas::event_type::message_received;
  e.time = schemas::timestamp(1'789'999'000'000ms);
  e.tenant = "acme";
  e.partition_key = "key" + std::to_string(n % 7);
  e.provider = "test";
  e.source = {"store", "kiosk", "1"};
  e.conversation.id = "nfzxg5dfojuw4z3tmvzxg2lpny";
  e.text = "contact " + std::to_string(n) + " fingerprint " + std::to_string(fingerprint);
  e.message.emplace();
  return schemas::encode(e, {});
}

// Encoded once: the tests make the same ones over and over. One thread.
inline message make_message(std::uint64_t n, std::uint64_t fingerprint = 1,
                            std::vector<std::string> topics = {"inbound"}) {
  static std::map<std::pair<std::uint64_t, std::uint64_t>, schemas::encoded_event> made;
  auto found = made.find({n, fingerprint});
  if (found == made.end()) {
    if (made.size() > 1000) made.clear();
    found = made.emplace(std::pair(n, fingerprint), encode_message(n, fingerprint)).first;
  }
  return {.event = found->second, .fingerprint = fingerprint, .sequence = {}, .topics = std::move(topics)};
}

inline unit make_unit(std::vector<message> messages, std::string source = "store") {
  unit u;
  u.source = std::move(source);
  u.items_decoded = static_cast<std::uint32_t>(messages.size());
  u.messages = std::move(messages);
  return u;
}

// A directory that is removed with everything in it.
class temporary_directory {
 public:
  temporary_directory() {
    std::string name = (std::filesystem::temp_directory_path() / "switchboard-journal-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    path_ = name;
  }
  ~temporary_directory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// Waits for what completions report.
class receipts {
 public:
  completion next() {
    const auto n = handed_++;
    return [this, n](const committed& c) {
      const std::lock_guard lock(mutex_);
      done_[n] = c;
      changed_.notify_all();
    };
  }
  std::optional<committed> wait(std::size_t n, std::chrono::milliseconds deadline = 20s) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, deadline, [&] { return done_.contains(n); });
    const auto found = done_.find(n);
    return found == done_.end() ? std::nullopt : std::optional(found->second);
  }
  std::size_t count() const {
    const std::lock_guard lock(mutex_);
    return done_.size();
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::size_t, committed> done_;
  std::atomic<std::size_t> handed_{0};
};

inline std::optional<committed> submit_and_wait(journal& j, unit u, bool reserved = false,
                                                std::chrono::milliseconds deadline = 20s) {
  auto done = std::make_shared<std::promise<committed>>();
  auto result = done->get_future();
  if (!j.submit(std::move(u), [done](const committed& c) { done->set_value(c); }, reserved)) return std::nullopt;
  if (result.wait_for(deadline) != std::future_status::ready) return std::nullopt;
  return result.get();
}

inline bool eventually(const std::function<bool()>& condition, std::chrono::milliseconds deadline = 20s) {
  const auto end = std::chrono::steady_clock::now() + deadline;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(50us);
  }
  return true;
}

// A unit as copied out of a cursor.
struct copied {
  std::uint64_t number = 0;
  std::vector<std::tuple<uuid, std::vector<std::pair<std::string, std::uint64_t>>, std::string>> messages;
};
inline std::vector<copied> read_all(journal& j, std::uint64_t after = 0) {
  std::vector<copied> result;
  auto cursor = j.read_after(after);
  while (true) {
    auto next = cursor->next();
    if (!next) {
      ADD_FAILURE() << next.error();
      return result;
    }
    if (*next == nullptr) return result;
    auto& copy = result.emplace_back();
    copy.number = (*next)->number;
    for (const auto& m : (*next)->messages) copy.messages.emplace_back(m.id, m.topics, std::string(m.value));
  }
}

}  // namespace switchboard::journal::testing
