#include "broker/app/fetching.hpp"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <unordered_map>

#include "broker/app/http_client.hpp"
#include "broker/observe/log.hpp"

namespace switchboard::app {
namespace {

using std::chrono::steady_clock;

constexpr std::size_t waiting_limit = 64, keys_limit = 256, key_bytes = 64u << 10;
constexpr std::chrono::seconds call_limit{5}, failure_kept{15};
constexpr std::chrono::hours key_kept{24};

class key_cache final : public connectors::fetched_keys {
 public:
  std::optional<std::string> find(std::string_view url) const override {
    const std::lock_guard lock(mutex_);
    const auto found = keys_.find(std::string(url));
    if (found == keys_.end() || !found->second.body || steady_clock::now() > found->second.until) return std::nullopt;
    return found->second.body;
  }
  bool failed_lately(const std::string& url) const {
    const std::lock_guard lock(mutex_);
    const auto found = keys_.find(url);
    return found != keys_.end() && !found->second.body && steady_clock::now() < found->second.until;
  }
  void put(const std::string& url, std::optional<std::string> body) {
    const auto now = steady_clock::now();
    const std::lock_guard lock(mutex_);
    std::erase_if(keys_, [&](const auto& entry) { return now > entry.second.until; });
    if (keys_.size() >= keys_limit && !keys_.contains(url)) return;
    const auto until = now + (body ? steady_clock::duration(key_kept) : steady_clock::duration(failure_kept));
    keys_.insert_or_assign(url, entry{std::move(body), until});
  }

 private:
  struct entry {
    std::optional<std::string> body;
    steady_clock::time_point until;
  };
  mutable std::mutex mutex_;
  std::unordered_map<std::string, entry> keys_;
};

class blocking_web final : public web {
 public:
  blocking_web() : thread_([this] { run(); }) {}
  ~blocking_web() override {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
  }

  const connectors::fetched_keys& keys() const override { return keys_; }

  void fetch_key(const std::string& url, done finished) override {
    if (keys_.failed_lately(url)) return finished(false);
    enqueue({url, true, std::move(finished)});
  }
  void confirm(const std::string& url, done finished) override { enqueue({url, false, std::move(finished)}); }

 private:
  struct job {
    std::string url;
    bool key;
    done finished;
  };

  void enqueue(job j) {
    {
      const std::lock_guard lock(mutex_);
      if (!stopping_ && jobs_.size() < waiting_limit) {
        jobs_.push_back(std::move(j));
        wake_.notify_one();
        return;
      }
    }
    j.finished(false);
  }

  void run() {
    std::unique_lock lock(mutex_);
    for (;;) {
      wake_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
      if (stopping_) {
        auto rest = std::exchange(jobs_, {});
        lock.unlock();
        for (auto& j : rest) j.finished(false);
        return;
      }
      auto j = std::move(jobs_.front());
      jobs_.pop_front();
      lock.unlock();
      j.finished(perform(j));
      lock.lock();
    }
  }

  bool perform(const job& j) {
    if (j.key && keys_.find(j.url)) return true;  // another request wanted it too
    auto body = get(j.url);
    const bool good = body.has_value();
    if (j.key) keys_.put(j.url, std::move(body));
    return good;
  }

  static std::optional<std::string> get(const std::string& url) {
    const auto parsed = parse_url(url);
    if (!parsed || !parsed->tls) return std::nullopt;
    http_call request;
    request.url = *parsed;
    request.limit = call_limit;
    request.largest_reply = key_bytes;
    request.public_addresses_only = true;
    auto reply = call(request);
    if (reply && reply->status >= 200 && reply->status < 300) return std::move(reply->body);
    observe::log(
        observe::level::warning, "not fetched",
        {{"host", parsed->host}, {"reason", reply ? "status " + std::to_string(reply->status) : reply.error()}});
    return std::nullopt;
  }

  key_cache keys_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<job> jobs_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace

std::unique_ptr<web> make_web() { return std::make_unique<blocking_web>(); }

}  // namespace switchboard::app
