// Fetches against a TLS server of the test's own: what goes out, what does not, and who waits for whom.
#include "broker/net/fetch.hpp"

#include <gmock/gmock.h>

#include <condition_variable>
#include <thread>

#include "broker/net/allowed_hosts.hpp"
#include "tests/broker/net/certificates.hpp"

namespace switchboard::net {
namespace {

using namespace testing;
using result = std::expected<std::string, fetch_error>;

http_response reply(int status, std::string body) { return {status, "text/plain", std::move(body), {}, false}; }

struct key_server {
  scratch_directory files;
  certificate authority = make_certificate({.common_name = "Test CA", .authority = true});
  certificate own = make_certificate(
      {.common_name = "keys", .usage = "serverAuth", .alternative_names = "DNS:localhost"}, &authority);
  std::mutex mutex;
  std::condition_variable opened;
  bool open = true;
  std::optional<test_server> server;

  key_server() {
    http_settings settings;
    settings.tls_files = http_settings::tls{files.write("server.pem", own.x509.get()),
                                            files.write("server.key", own.key.get()), "", "", false};
    files.write("ca.pem", authority.x509.get());
    server.emplace(settings, [this](test_handler& h) {
      h.on_handle = [this](std::unique_ptr<responder> r) {
        {
          std::unique_lock lock(mutex);
          opened.wait_for(lock, patience, [this] { return open; });
        }
        const std::string_view target = r->request().head.target;
        if (target == "/redirect") return r->send({302, "", "", {{"Location", "/key"}}, false});
        if (target == "/missing") return r->send(reply(404, "none"));
        if (target == "/large") return r->send(reply(200, std::string(100'000, 'x')));
        if (target == "/cut") return;
        r->send(reply(200, "key of " + std::string(target)));
      };
    });
  }
  void hold() {
    const std::lock_guard lock(mutex);
    open = false;
  }
  void release() {
    const std::lock_guard lock(mutex);
    open = true;
    opened.notify_all();
  }
  fetch_settings settings() {
    fetch_settings s;
    s.hosts = {"localhost:" + std::to_string(server->port())};
    s.internal_addresses = true;
    s.authorities_file = files.path("ca.pem");
    return s;
  }
  std::string url(const std::string& path) { return "https://localhost:" + std::to_string(server->port()) + path; }
  std::size_t requests() { return server->handler.count(); }
};

// Collects answers from the fetcher's thread.
struct answers {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<result> got;

  fetcher::callback one() {
    return [this](result r) {
      const std::lock_guard lock(mutex);
      got.push_back(std::move(r));
      changed.notify_all();
    };
  }
  std::vector<result> wait_for(std::size_t count) {
    std::unique_lock lock(mutex);
    EXPECT_TRUE(changed.wait_for(lock, patience, [&] { return got.size() >= count; }));
    return got;
  }
};

struct fetching : ::testing::Test {
  key_server keys;
  prometheus::Registry registry;
  fetch_probe probe{registry};

  result get(fetcher& f, const std::string& url) {
    answers a;
    f.fetch(url, a.one());
    return a.wait_for(1).at(0);
  }
  result confirm(fetcher& f, const std::string& url) {
    answers a;
    f.confirm(url, a.one());
    return a.wait_for(1).at(0);
  }
};

TEST_F(fetching, brings_a_key_once_and_keeps_it) {
  const auto f = fetcher::create(keys.settings(), probe);
  EXPECT_FALSE(f->keys().find(keys.url("/key")));
  EXPECT_EQ(get(*f, keys.url("/key")), "key of /key");
  EXPECT_EQ(f->keys().find(keys.url("/key")), "key of /key");
  EXPECT_EQ(get(*f, keys.url("/key")), "key of /key");
  EXPECT_EQ(keys.requests(), 1u);
  EXPECT_EQ(probe.fetched.Value(), 1);
  EXPECT_EQ(probe.from_cache.Value(), 1);
  EXPECT_EQ(keys.server->handler.seen().at(0).method, "GET");
}

TEST_F(fetching, asks_again_when_a_key_has_grown_old) {
  auto settings = keys.settings();
  settings.keep = 50ms;
  const auto f = fetcher::create(settings, probe);
  EXPECT_TRUE(get(*f, keys.url("/key")));
  EXPECT_TRUE(eventually([&] { return !f->keys().find(keys.url("/key")); }));
  EXPECT_TRUE(get(*f, keys.url("/key")));
  EXPECT_EQ(keys.requests(), 2u);
}

TEST_F(fetching, lets_all_who_ask_wait_for_one_transfer) {
  const auto f = fetcher::create(keys.settings(), probe);
  keys.hold();
  answers a;
  for (int i = 0; i < 20; ++i) f->fetch(keys.url("/key"), a.one());
  ASSERT_TRUE(eventually([&] { return keys.requests() == 1; }));
  for (int i = 0; i < 20; ++i) f->fetch(keys.url("/key"), a.one());
  keys.release();
  for (const auto& r : a.wait_for(40)) EXPECT_EQ(r, "key of /key");
  EXPECT_EQ(keys.requests(), 1u);
}

TEST_F(fetching, remembers_failures_for_a_while) {
  auto settings = keys.settings();
  settings.keep_failure = 300ms;
  const auto f = fetcher::create(settings, probe);
  EXPECT_EQ(get(*f, keys.url("/missing")), std::unexpected(fetch_error::bad_status));
  for (int i = 0; i < 5 && keys.requests() == 1; ++i)
    EXPECT_EQ(get(*f, keys.url("/missing")).error(), fetch_error::bad_status);
  EXPECT_FALSE(f->keys().find(keys.url("/missing")));
  EXPECT_TRUE(eventually([&] {
    get(*f, keys.url("/missing"));
    return keys.requests() == 2;
  }));
}

TEST_F(fetching, confirms_every_time_and_caches_nothing) {
  const auto f = fetcher::create(keys.settings(), probe);
  EXPECT_EQ(confirm(*f, keys.url("/confirm?token=1")), "key of /confirm?token=1");
  EXPECT_TRUE(confirm(*f, keys.url("/confirm?token=1")));
  EXPECT_EQ(keys.requests(), 2u);
  EXPECT_FALSE(f->keys().find(keys.url("/confirm?token=1")));
  EXPECT_EQ(confirm(*f, keys.url("/missing")).error(), fetch_error::bad_status);
}

TEST_F(fetching, tells_failures_apart) {
  const auto f = fetcher::create(keys.settings(), probe);
  EXPECT_EQ(get(*f, keys.url("/redirect")).error(), fetch_error::bad_status);
  EXPECT_EQ(get(*f, keys.url("/large")).error(), fetch_error::too_large);
  EXPECT_EQ(get(*f, keys.url("/cut")).error(), fetch_error::unreachable);
  for (const auto& seen : keys.server->handler.seen()) EXPECT_NE(seen.target, "/key");

  auto stranger = keys.settings();
  stranger.authorities_file.clear();
  EXPECT_EQ(get(*fetcher::create(stranger, probe), keys.url("/key")).error(), fetch_error::bad_certificate);

  const std::string port = std::to_string(keys.server->port());
  auto other_name = keys.settings();
  other_name.hosts = {"127.0.0.1:" + port};
  EXPECT_EQ(get(*fetcher::create(other_name, probe), "https://127.0.0.1:" + port + "/key").error(),
            fetch_error::bad_certificate);

  keys.server->server->stop();
  EXPECT_EQ(get(*f, keys.url("/key")).error(), fetch_error::unreachable);
}

TEST_F(fetching, has_one_deadline_over_all) {
  auto settings = keys.settings();
  settings.deadline = 300ms;
  const auto f = fetcher::create(settings, probe);
  keys.hold();
  EXPECT_EQ(get(*f, keys.url("/key")).error(), fetch_error::timeout);
  keys.release();
}

TEST_F(fetching, goes_to_no_address_of_our_own) {
  auto settings = keys.settings();
  settings.internal_addresses = false;
  settings.hosts.push_back("127.0.0.1:" + std::to_string(keys.server->port()));
  const auto f = fetcher::create(settings, probe);
  EXPECT_EQ(get(*f, keys.url("/key")).error(), fetch_error::internal_address);
  EXPECT_EQ(get(*f, "https://127.0.0.1:" + std::to_string(keys.server->port()) + "/key").error(),
            fetch_error::internal_address);
  EXPECT_EQ(keys.server->probe.accepted.Value(), 0);
}

TEST_F(fetching, goes_only_where_it_is_allowed) {
  const auto f = fetcher::create(keys.settings(), probe);
  const std::string port = std::to_string(keys.server->port());
  const std::string refused[] = {
      "",
      "key",
      "/key",
      "http://localhost:" + port + "/key",
      "ftp://localhost:" + port + "/key",
      "file:///etc/passwd",
      "https://localhost/key",
      "https://localhost:1/key",
      "https://127.0.0.1:" + port + "/key",
      "https://[::1]:" + port + "/key",
      "https://localhost.:" + port + "/key",
      "https://user@localhost:" + port + "/key",
      "https://user:word@localhost:" + port + "/key",
      "https://localhost:" + port + "@evil.example/key",
      "https://evil.example#@localhost:" + port + "/key",
      "https://evil.example\\@localhost:" + port + "/key",
      "https://evil.localhost:" + port + "/key",
      "https://localhost:" + port + "/" + std::string(3000, 'a'),
  };
  for (const auto& url : refused) EXPECT_EQ(get(*f, url), std::unexpected(fetch_error::not_allowed)) << url;
  EXPECT_EQ(keys.server->probe.accepted.Value(), 0);
  EXPECT_TRUE(get(*f, "HTTPS://LOCALHOST:" + port + "/key"));
}

TEST_F(fetching, is_bounded) {
  auto settings = keys.settings();
  settings.most_waiting = 3;
  settings.most_cached = 4;
  const auto f = fetcher::create(settings, probe);
  keys.hold();
  answers waiting, refused;
  for (int i = 0; i < 3; ++i) f->fetch(keys.url("/" + std::to_string(i)), waiting.one());
  f->fetch(keys.url("/3"), refused.one());
  EXPECT_EQ(refused.wait_for(1).at(0).error(), fetch_error::busy);
  keys.release();
  for (const auto& r : waiting.wait_for(3)) EXPECT_TRUE(r);
  int kept = 0;
  for (int i = 3; i < 10; ++i) EXPECT_TRUE(get(*f, keys.url("/" + std::to_string(i))));
  for (int i = 0; i < 10; ++i) kept += f->keys().find(keys.url("/" + std::to_string(i))).has_value();
  EXPECT_EQ(kept, 4);
}

TEST_F(fetching, tells_all_who_wait_when_it_stops) {
  const auto f = fetcher::create(keys.settings(), probe);
  keys.hold();
  answers a;
  f->fetch(keys.url("/key"), a.one());
  f->fetch(keys.url("/key"), a.one());
  ASSERT_TRUE(eventually([&] { return keys.requests() == 1; }));
  f->stop();
  for (const auto& r : a.wait_for(2)) EXPECT_EQ(r.error(), fetch_error::stopping);
  EXPECT_EQ(get(*f, keys.url("/other")).error(), fetch_error::stopping);
  f->stop();
  keys.release();
}

TEST_F(fetching, serves_many_threads) {
  const auto f = fetcher::create(keys.settings(), probe);
  answers a;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&] {
        for (int i = 0; i < 10; ++i) f->fetch(keys.url("/" + std::to_string(i)), a.one());
      });
  }
  for (const auto& r : a.wait_for(40)) EXPECT_TRUE(r) << to_string(r.error());
  EXPECT_EQ(keys.requests(), 10u);
}

TEST(allowed_hosts, match_whole_names_or_what_lies_below) {
  const allowed_hosts allowed({"keys.example.com", "*.amazonaws.com", "Upper.example:8443", "*.", "", "[::1]:9"});
  EXPECT_TRUE(allowed.holds("keys.example.com", "443"));
  EXPECT_TRUE(allowed.holds("sns.eu-west-1.amazonaws.com", "443"));
  EXPECT_TRUE(allowed.holds("upper.example", "8443"));
  EXPECT_TRUE(allowed.holds("[::1]", "9"));
  for (const auto& [host, port] :
       std::vector<std::pair<std::string_view, std::string_view>>{{"keys.example.com", "8443"},
                                                                  {"x.keys.example.com", "443"},
                                                                  {"keys.example.com.evil", "443"},
                                                                  {"amazonaws.com", "443"},
                                                                  {".amazonaws.com", "443"},
                                                                  {"evilamazonaws.com", "443"},
                                                                  {"upper.example", "443"},
                                                                  {"", "443"},
                                                                  {".", "443"}})
    EXPECT_FALSE(allowed.holds(host, port)) << host;
}

}  // namespace
}  // namespace switchboard::net
