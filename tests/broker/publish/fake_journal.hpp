// A journal in memory, for tests of the forwarder: units appear when the test says so, and it remembers what it was
// told.
#pragma once

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <random>
#include <string>
#include <vector>

#include "broker/journal/journal.hpp"

namespace switchboard::publish::testing {

inline schemas::uuid random_id() {
  static std::mt19937_64 engine{std::random_device{}()};
  schemas::uuid id;
  for (auto& byte : id.bytes) byte = static_cast<std::uint8_t>(engine());
  return id;
}

struct fake_message {
  schemas::encoded_event event;
  std::vector<std::string> topics{"inbound"};
  bool keyless = false;  // no such message comes out of the journal; Kafka refuses it where a topic is compacted
};
// A contact as intake makes one, with this Kafka key and text.
inline fake_message contact(const std::string& key, std::string text) {
  schemas::event e;
  e.id = random_id();
  e.time = *schemas::timestamp_from_rfc3339("2023-11-22T09:15:04.000Z");
  e.tenant = "acme";
  e.provider = "test";
  e.source = {"s", "kiosk", "1"};
  e.conversation.id = "nfzxg5dfojuw4z3tmvzxg2lpny";
  e.partition_key = key;
  e.text = std::move(text);
  e.message.emplace();
  return {.event = schemas::encode(e, {})};
}
struct fake_unit {
  std::vector<fake_message> messages;
  std::vector<std::pair<std::string, std::string>> blobs;
  std::chrono::milliseconds age{0};  // recorded so long ago
};

class fake_journal final : public journal::journal {
 public:
  fake_journal() : wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}
  ~fake_journal() override { ::close(wake_); }

  std::uint64_t append(fake_unit unit) {
    const std::lock_guard lock(mutex_);
    kept& k = units_.emplace_back();
    k.number = ++last_;
    k.recorded_at = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()) - unit.age;
    k.unit = std::move(unit);
    for (auto& message : k.unit.messages) {
      message.event.stamp(k.recorded_at);
      auto& sequences = k.sequences.emplace_back();
      for (auto& topic : message.topics) sequences.push_back(++appended_[topic]);
    }
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(wake_, &one, sizeof one);
    return last_;
  }
  std::uint64_t append(const std::string& key, std::string text) {
    return append(fake_unit{{contact(key, std::move(text))}, {}});
  }

  // What the forwarder told.
  std::uint64_t published_number() const { return published_; }
  std::uint64_t looks() const { return looks_; }  // how often it looked for more
  std::uint64_t last_number() const {
    const std::lock_guard lock(mutex_);
    return last_;
  }
  std::uint64_t appended(const std::string& topic) const {
    const std::lock_guard lock(mutex_);
    auto found = appended_.find(topic);
    return found == appended_.end() ? 0 : found->second;
  }
  // Forgets everything up to this number, as the journal does with recycled segments.
  void recycle(std::uint64_t number) {
    const std::lock_guard lock(mutex_);
    while (!units_.empty() && units_.front().number <= number) units_.pop_front();
  }
  void set_id(const schemas::uuid& id) { id_ = id; }
  // Seeded fault: next() leaves this message of each unit out.
  std::atomic<int> drop_message = -1;

  // --- journal::journal ---
  std::expected<void, ::switchboard::journal::submit_error> submit(::switchboard::journal::unit,
                                                                   ::switchboard::journal::completion, bool) override {
    std::abort();
  }
  bool writable(bool) const override { return true; }
  const schemas::uuid& id() const override { return id_; }
  std::unique_ptr<::switchboard::journal::cursor> read_after(std::uint64_t number) override {
    return std::make_unique<reader>(*this, number);
  }
  int wake_fd() const override { return wake_; }
  void delivered(std::uint64_t) override {}
  void published(std::uint64_t number) override { published_ = number; }
  std::optional<std::string> state(std::string_view, std::string_view) const override { return {}; }
  ::switchboard::journal::usage current_usage() const override { return {}; }
  schemas::timestamp time() const override {
    return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  }
  schemas::timestamp last_recorded() const override { return {}; }
  ::switchboard::journal::ledger current_ledger() const override {
    const std::lock_guard lock(mutex_);
    ::switchboard::journal::ledger l;
    for (const auto& [topic, count] : appended_) l.topics.push_back({topic, count});
    return l;
  }
  bool healthy() const override { return true; }
  void stop() override {}

 private:
  struct kept {
    std::uint64_t number = 0;
    schemas::timestamp recorded_at{};
    fake_unit unit;
    std::vector<std::vector<std::uint64_t>> sequences;
  };

  class reader final : public ::switchboard::journal::cursor {
   public:
    reader(fake_journal& from, std::uint64_t after) : from_(from), position_(after) {}
    std::expected<const ::switchboard::journal::stored_unit*, std::string> next() override {
      ++from_.looks_;
      const std::lock_guard lock(from_.mutex_);
      if (position_ > from_.last_) return std::unexpected("the journal never gave that number");
      if (from_.units_.empty() || position_ >= from_.last_) return nullptr;
      const auto first = from_.units_.front().number;
      current_ =
          from_.units_[position_ < first ? 0 : position_ + 1 - first];  // a copy: the views must outlive recycling
      view_ = {current_.number, current_.recorded_at, "source", {}, {}};
      for (std::size_t i = 0; i < current_.unit.messages.size(); ++i) {
        if (from_.drop_message == static_cast<int>(i)) continue;
        const auto& m = current_.unit.messages[i];
        auto& v = view_.messages.emplace_back();
        v.id = m.event.id;
        for (std::size_t t = 0; t < m.topics.size(); ++t) v.topics.emplace_back(m.topics[t], current_.sequences[i][t]);
        if (!m.keyless) v.key = m.event.key;
        v.value = m.event.body;
        for (const auto& [name, value] : m.event.attributes) v.attributes.emplace_back(name, value);
      }
      for (const auto& [reference, bytes] : current_.unit.blobs) view_.blobs.emplace_back(reference, bytes);
      position_ = current_.number;
      return &view_;
    }
    std::uint64_t position() const override { return position_; }

   private:
    fake_journal& from_;
    std::uint64_t position_;
    kept current_;
    ::switchboard::journal::stored_unit view_;
  };

  mutable std::mutex mutex_;
  schemas::uuid id_ = random_id();
  std::deque<kept> units_;
  std::map<std::string, std::uint64_t> appended_;
  std::uint64_t last_ = 0;
  std::atomic<std::uint64_t> published_ = 0, looks_ = 0;
  int wake_;
};

}  // namespace switchboard::publish::testing
