#include "broker/net/fetch.hpp"

#include <arpa/inet.h>
#include <curl/curl.h>

#include <array>
#include <cstring>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <unordered_map>

#include "broker/net/address.hpp"
#include "broker/net/allowed_hosts.hpp"
#include "broker/observe/log.hpp"

namespace switchboard::net {
namespace {

using std::chrono::steady_clock;

struct free_curl {
  void operator()(CURL* c) const noexcept { curl_easy_cleanup(c); }
  void operator()(CURLU* u) const noexcept { curl_url_cleanup(u); }
  void operator()(char* s) const noexcept { curl_free(s); }
};
struct free_curl_multi {
  void operator()(CURLM* m) const noexcept { curl_multi_cleanup(m); }
};
using easy_handle = std::unique_ptr<CURL, free_curl>;
using multi_handle = std::unique_ptr<CURLM, free_curl_multi>;
using url_handle = std::unique_ptr<CURLU, free_curl>;

constexpr std::size_t longest_url = 2048;

// The very object that is checked is handed to the transfer, so that no second parser can see another host in it.
struct checked_url {
  url_handle parts;
  std::string host;
};

std::string part(CURLU* url, CURLUPart what, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url, what, &text, flags) != CURLUE_OK) return {};
  return std::unique_ptr<char, free_curl>(text).get();
}

std::optional<checked_url> check(const std::string& text, const allowed_hosts& allowed) {
  if (text.size() > longest_url) return std::nullopt;
  checked_url url{url_handle(curl_url()), {}};
  if (!url.parts || curl_url_set(url.parts.get(), CURLUPART_URL, text.c_str(), CURLU_DISALLOW_USER) != CURLUE_OK)
    return std::nullopt;
  if (part(url.parts.get(), CURLUPART_SCHEME) != "https" || !part(url.parts.get(), CURLUPART_ZONEID).empty())
    return std::nullopt;
  url.host = part(url.parts.get(), CURLUPART_HOST);
  for (char& c : url.host)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  if (!allowed.holds(url.host, part(url.parts.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT))) return std::nullopt;
  return url;
}

std::optional<ip_address> address_of(const curl_sockaddr& to) {
  if (to.family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &to.addr, sizeof v4);
    std::uint8_t octets[4];
    std::memcpy(octets, &v4.sin_addr, sizeof octets);
    return ip_address::v4(octets);
  }
  if (to.family == AF_INET6) {
    ip_address address;
    sockaddr_in6 v6{};
    std::memcpy(&v6, &to.addr, std::min<std::size_t>(sizeof v6, to.addrlen));
    std::memcpy(address.bytes.data(), &v6.sin6_addr, address.bytes.size());
    return address;
  }
  return std::nullopt;
}

class key_cache final : public connectors::fetched_keys {
 public:
  using result = std::expected<std::string, fetch_error>;

  explicit key_cache(const fetch_settings& settings) : settings_(settings) {}

  std::optional<std::string> find(std::string_view url) const override {
    auto known = look_up(std::string(url));
    if (!known || !*known) return std::nullopt;
    return std::move(**known);
  }
  std::optional<result> look_up(const std::string& url) const {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(url);
    if (found == entries_.end() || steady_clock::now() >= found->second.until) return std::nullopt;
    return found->second.known;
  }
  // What expires first makes room.
  void put(const std::string& url, const result& known) {
    const auto now = steady_clock::now();
    const std::lock_guard lock(mutex_);
    if (!entries_.contains(url) && entries_.size() >= settings_.most_cached)
      entries_.erase(std::ranges::min_element(entries_, {}, [](const auto& e) { return e.second.until; }));
    entries_.insert_or_assign(url, entry{known, now + (known ? settings_.keep : settings_.keep_failure)});
  }

 private:
  struct entry {
    result known;
    steady_clock::time_point until;
  };
  const fetch_settings& settings_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, entry> entries_;
};

struct transfer {
  std::string url;
  checked_url checked;
  bool cached = false;
  std::vector<fetcher::callback> waiting;
  easy_handle easy;
  const fetch_settings* settings = nullptr;
  std::string body;
  bool internal = false, too_large = false;

  static std::size_t on_body(char* bytes, std::size_t, std::size_t size, void* self) {
    auto& t = *static_cast<transfer*>(self);
    if (size > t.settings->largest_body - t.body.size()) {
      t.too_large = true;
      return CURL_WRITEFUNC_ERROR;
    }
    t.body.append(bytes, size);
    return size;
  }
  static curl_socket_t open_socket(void* self, curlsocktype, curl_sockaddr* to) {
    auto& t = *static_cast<transfer*>(self);
    const auto address = address_of(*to);
    if (!address || (is_internal(*address) && !t.settings->internal_addresses)) {
      t.internal = true;
      return CURL_SOCKET_BAD;
    }
    return ::socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
  }

  bool prepare() {
    easy.reset(curl_easy_init());
    if (!easy) return false;
    CURL* c = easy.get();
    curl_easy_setopt(c, CURLOPT_CURLU, checked.parts.get());
    curl_easy_setopt(c, CURLOPT_PRIVATE, this);
    curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "https");
    curl_easy_setopt(c, CURLOPT_PROXY, "");
    curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(c, CURLOPT_HTTP_VERSION, long{CURL_HTTP_VERSION_1_1});
    curl_easy_setopt(c, CURLOPT_SSLVERSION, long{CURL_SSLVERSION_TLSv1_2});
    curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, static_cast<long>(settings->deadline.count()));
    curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, &transfer::on_body);
    curl_easy_setopt(c, CURLOPT_WRITEDATA, this);
    curl_easy_setopt(c, CURLOPT_OPENSOCKETFUNCTION, &transfer::open_socket);
    curl_easy_setopt(c, CURLOPT_OPENSOCKETDATA, this);
    if (!settings->authorities_file.empty()) curl_easy_setopt(c, CURLOPT_CAINFO, settings->authorities_file.c_str());
    return true;
  }

  std::expected<std::string, fetch_error> outcome(CURLcode code) {
    if (too_large) return std::unexpected(fetch_error::too_large);
    switch (code) {
      case CURLE_OK:
        break;
      case CURLE_OPERATION_TIMEDOUT:
        return std::unexpected(fetch_error::timeout);
      case CURLE_PEER_FAILED_VERIFICATION:
      case CURLE_SSL_CACERT_BADFILE:
        return std::unexpected(fetch_error::bad_certificate);
      default:
        return std::unexpected(internal ? fetch_error::internal_address : fetch_error::unreachable);
    }
    long status = 0;
    curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
    if (status < 200 || status > 299) return std::unexpected(fetch_error::bad_status);
    return std::move(body);
  }
};

class curl_fetcher final : public fetcher {
 public:
  curl_fetcher(fetch_settings settings, fetch_probe& probe)
      : settings_(std::move(settings)),
        probe_(probe),
        allowed_(settings_.hosts),
        cache_(settings_),
        multi_(curl_multi_init()) {
    thread_ = std::thread([this] { run(); });
    ::pthread_setname_np(thread_.native_handle(), "fetch");
  }
  ~curl_fetcher() override { stop(); }

  const connectors::fetched_keys& keys() const override { return cache_; }

  void fetch(const std::string& url, callback done) override {
    if (auto known = cache_.look_up(url)) {
      probe_.from_cache.Increment();
      return done(std::move(*known));
    }
    ask(url, true, std::move(done));
  }
  void confirm(const std::string& url, callback done) override { ask(url, false, std::move(done)); }

  void stop() override {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    curl_multi_wakeup(multi_.get());
    if (thread_.joinable()) thread_.join();
  }

 private:
  void fail(fetch_error error, callback& done) {
    probe_.failed.Add({{"error", std::string(to_string(error))}}).Increment();
    done(std::unexpected(error));
  }

  void ask(const std::string& url, bool cached, callback done) {
    auto checked = check(url, allowed_);
    if (!checked) {
      observe::log(observe::level::warning, "not fetched", {{"reason", to_string(fetch_error::not_allowed)}});
      return fail(fetch_error::not_allowed, done);
    }
    std::optional<fetch_error> refused;
    {
      const std::lock_guard lock(mutex_);
      if (stopping_)
        refused = fetch_error::stopping;
      else if (waiting_ >= settings_.most_waiting)
        refused = fetch_error::busy;
      else
        ++waiting_, admit(url, std::move(*checked), cached, done);
    }
    if (refused) return fail(*refused, done);
    curl_multi_wakeup(multi_.get());
  }

  // Under the lock: joins the transfer of that URL, if one is waiting or under way.
  void admit(const std::string& url, checked_url checked, bool cached, callback& done) {
    if (cached)
      if (const auto found = shared_.find(url); found != shared_.end())
        return found->second->waiting.push_back(std::move(done));
    auto t = std::make_unique<transfer>();
    t->url = url;
    t->checked = std::move(checked);
    t->cached = cached;
    t->settings = &settings_;
    t->waiting.push_back(std::move(done));
    if (cached) shared_[url] = t.get();
    fresh_.push_back(std::move(t));
  }

  void run() {
    while (take_fresh()) {
      int running = 0;
      curl_multi_perform(multi_.get(), &running);
      int left = 0;
      while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
        if (message->msg != CURLMSG_DONE) continue;
        transfer* t = nullptr;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &t);
        const CURLcode code = message->data.result;
        curl_multi_remove_handle(multi_.get(), t->easy.get());
        finish(*t, t->outcome(code));
        running_.erase(t);
      }
      curl_multi_poll(multi_.get(), nullptr, 0, 1000, nullptr);
    }
    for (auto& [t, owned] : running_) {
      curl_multi_remove_handle(multi_.get(), t->easy.get());
      finish(*t, std::unexpected(fetch_error::stopping));
    }
    running_.clear();
  }

  bool take_fresh() {
    std::deque<std::unique_ptr<transfer>> fresh;
    bool stopping = false;
    {
      const std::lock_guard lock(mutex_);
      fresh.swap(fresh_);
      stopping = stopping_;
    }
    for (auto& t : fresh) {
      if (stopping || !t->prepare() || curl_multi_add_handle(multi_.get(), t->easy.get()) != CURLM_OK) {
        finish(*t, std::unexpected(stopping ? fetch_error::stopping : fetch_error::unreachable));
        continue;
      }
      transfer* const key = t.get();
      running_.emplace(key, std::move(t));
    }
    return !stopping;
  }

  // The cache is filled first, so that whoever does not find the transfer any more finds its result.
  void finish(transfer& t, std::expected<std::string, fetch_error> result) {
    const bool lasting = result || result.error() != fetch_error::stopping;
    if (t.cached && lasting) cache_.put(t.url, result);
    std::vector<callback> waiting;
    {
      const std::lock_guard lock(mutex_);
      if (t.cached) shared_.erase(t.url);
      waiting.swap(t.waiting);
      waiting_ -= waiting.size();
    }
    if (result) {
      probe_.fetched.Increment();
    } else {
      probe_.failed.Add({{"error", std::string(to_string(result.error()))}}).Increment();
      observe::log(observe::level::warning, "not fetched",
                   {{"host", t.checked.host}, {"reason", to_string(result.error())}});
    }
    for (auto& done : waiting) done(result);
  }

  const fetch_settings settings_;
  fetch_probe& probe_;
  const allowed_hosts allowed_;
  key_cache cache_;
  const multi_handle multi_;
  std::unordered_map<transfer*, std::unique_ptr<transfer>> running_;  // the thread's

  std::mutex mutex_;  // guards the four below, and `waiting` of every transfer
  std::deque<std::unique_ptr<transfer>> fresh_;
  std::unordered_map<std::string, transfer*> shared_;
  std::size_t waiting_ = 0;
  bool stopping_ = false;

  std::thread thread_;
};

}  // namespace

std::string_view to_string(fetch_error error) noexcept {
  static constexpr std::array<std::string_view, fetch_error_count> names{
      "not_allowed", "internal_address", "unreachable", "bad_certificate", "timeout",
      "bad_status",  "too_large",        "busy",        "stopping"};
  return names[static_cast<std::size_t>(error)];
}

std::unique_ptr<fetcher> fetcher::create(fetch_settings settings, fetch_probe& probe) {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  return std::make_unique<curl_fetcher>(std::move(settings), probe);
}

}  // namespace switchboard::net
