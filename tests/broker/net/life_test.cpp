// Who may answer when, and how a server ends.
#include <gmock/gmock.h>

#include <condition_variable>
#include <thread>

#include "tests/broker/net/support.hpp"

namespace switchboard::net {
namespace {

using namespace testing;

// Holds requests until the test lets them go.
class shelf {
 public:
  void put(std::unique_ptr<responder> r) {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(std::move(r));
    changed_.notify_all();
  }
  std::unique_ptr<responder> take() {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, patience, [&] { return !waiting_.empty() || closed_; }) || waiting_.empty())
      return nullptr;
    auto r = std::move(waiting_.front());
    waiting_.erase(waiting_.begin());
    return r;
  }
  // Whoever waits gets nothing.
  void close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool closed_ = false;
  std::vector<std::unique_ptr<responder>> waiting_;
};

http_response fine(std::string body = "fine") { return {200, "text/plain", std::move(body), {}, false}; }

struct shelving_server : test_server {
  shelf waiting;
  explicit shelving_server(http_settings settings = {})
      : test_server(std::move(settings), [this](test_handler& h) {
          h.on_handle = [this](std::unique_ptr<responder> r) { waiting.put(std::move(r)); };
        }) {}
};

TEST(responders, answer_from_any_thread) {
  shelving_server s({.threads = 2});
  constexpr int clients = 8, requests = 50;
  std::vector<std::jthread> workers;
  for (int i = 0; i < 3; ++i)
    workers.emplace_back([&] {
      while (auto r = s.waiting.take()) r->send(fine(std::string(r->request().body)));
    });
  std::vector<std::jthread> callers;
  std::atomic<int> good = 0;
  for (int c = 0; c < clients; ++c)
    callers.emplace_back([&, c] {
      client connection(s.port());
      for (int i = 0; i < requests; ++i) {
        const std::string body = std::to_string(c) + "/" + std::to_string(i);
        connection.send(post_request(body));
        const auto answer = connection.receive();
        if (answer && answer->body == body) ++good;
      }
    });
  callers.clear();
  s.waiting.close();
  EXPECT_EQ(good, clients * requests);
}

TEST(responders, dropped_unanswered_close_the_connection) {
  shelving_server s;
  client elsewhere(s.port());
  elsewhere.send(post_request("x"));
  s.waiting.take().reset();
  EXPECT_TRUE(elsewhere.closed_by_peer());
  s.handler.on_handle = [](std::unique_ptr<responder>) {};
  client inside(s.port());
  inside.send(post_request("x") + post_request("y"));
  EXPECT_TRUE(inside.closed_by_peer());
  EXPECT_EQ(s.probe.unanswered.Value(), 2);
  EXPECT_EQ(s.handler.count(), 2u);
}

TEST(responders, may_answer_after_the_client_has_gone) {
  shelving_server s;
  std::vector<std::unique_ptr<responder>> late;
  for (int i = 0; i < 2; ++i) {
    client c(s.port());
    c.send(post_request("still readable"));
    late.push_back(s.waiting.take());
    i == 0 ? c.reset() : c.finish_sending();
  }
  for (auto& r : late) {
    EXPECT_EQ(r->request().body, "still readable");
    r->send(fine(std::string(1 << 20, 'x')));
  }
  late.clear();
  EXPECT_TRUE(eventually([&] { return s.probe.connections.Value() == 0; }));
}

TEST(responders, find_their_request_intact_after_the_reply_deadline) {
  shelving_server s({.limits = {.reply = 1s}});
  client c(s.port());
  c.send(post_request(std::string(20'000, 'b')));
  auto late = s.waiting.take();
  const auto answer = c.receive();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 503);
  EXPECT_EQ(answer->code(), "reply_timeout");
  EXPECT_EQ(answer->headers.at("retry-after"), "5");
  EXPECT_TRUE(c.closed_by_peer());
  EXPECT_EQ(s.hit(deadline::reply), 1);
  EXPECT_EQ(late->request().body, std::string(20'000, 'b'));
  EXPECT_EQ(late->request().head.target, "/in/test");
  late->send(fine());
  EXPECT_EQ(s.probe.requests[0]->Value(), 0);
}

TEST(responders, outlive_the_server) {
  std::unique_ptr<responder> answered_late, dropped_late;
  std::optional<client> c1, c2;
  {
    shelving_server s;
    c1.emplace(s.port());
    c1->send(post_request("one"));
    answered_late = s.waiting.take();
    c2.emplace(s.port());
    c2->send(post_request("two"));
    dropped_late = s.waiting.take();
  }
  EXPECT_TRUE(c1->closed_by_peer());
  EXPECT_EQ(answered_late->request().body, "one");
  answered_late->send(fine());
  dropped_late.reset();
}

TEST(posting, runs_work_on_the_thread_asked_for_and_in_order) {
  test_server s({.threads = 2});
  std::mutex mutex;
  std::condition_variable changed;
  std::array<std::vector<int>, 2> ran;
  std::array<std::set<std::thread::id>, 2> threads;
  constexpr int count = 1000;
  for (int i = 0; i < count; ++i)
    for (int t = 0; t < 2; ++t)
      s.server->post(t, [&, i, t] {
        const std::lock_guard lock(mutex);
        ran[static_cast<std::size_t>(t)].push_back(i);
        threads[static_cast<std::size_t>(t)].insert(std::this_thread::get_id());
        changed.notify_all();
      });
  std::unique_lock lock(mutex);
  ASSERT_TRUE(changed.wait_for(lock, patience, [&] { return ran[0].size() == count && ran[1].size() == count; }));
  for (const auto& order : ran) EXPECT_TRUE(std::ranges::is_sorted(order));
  EXPECT_EQ(threads[0].size(), 1u);
  EXPECT_EQ(threads[1].size(), 1u);
  EXPECT_NE(threads[0], threads[1]);
}

TEST(posting, after_the_stop_drops_the_work_unrun) {
  test_server s;
  s.server->stop();
  const auto held = std::make_shared<int>(1);
  bool ran = false;
  s.server->post(0, [&ran, held] { ran = true; });
  EXPECT_FALSE(ran);
  EXPECT_EQ(held.use_count(), 1);
}

TEST(server, spreads_connections_over_its_threads) {
  std::mutex mutex;
  std::set<int> threads;
  test_server s({.threads = 2}, [&](test_handler& h) {
    h.on_handle = [&](std::unique_ptr<responder> r) {
      {
        const std::lock_guard lock(mutex);
        threads.insert(r->thread_index());
      }
      r->send(fine());
    };
  });
  for (int i = 0; i < 200; ++i) {
    ASSERT_TRUE(ask(s.port(), post_request("")));
    const std::lock_guard lock(mutex);
    if (threads.size() == 2) break;
  }
  EXPECT_EQ(threads, (std::set{0, 1}));
}

TEST(server, says_what_is_wrong_with_its_settings) {
  prometheus::Registry registry;
  probe metrics(registry);
  test_handler handler;
  const auto error = [&](http_settings settings) {
    const auto started = http_server::start(std::move(settings), handler, metrics);
    return started ? std::string() : started.error();
  };
  EXPECT_THAT(error({.address = "localhost"}), ::testing::HasSubstr("'localhost' is not an IP address"));
  EXPECT_THAT(error({.threads = 0}), ::testing::HasSubstr("threads must be at least 1"));
  EXPECT_THAT(error({.trusted_proxies = {"10.0.0.0/33"}}),
              ::testing::HasSubstr("'10.0.0.0/33' is not an address range"));
  test_server first;
  EXPECT_THAT(error({.port = first.port()}), ::testing::HasSubstr("Address already in use"));
  EXPECT_THAT(error({.port = first.port(), .threads = 2}), ::testing::HasSubstr("Address already in use"));
  test_server shared({.threads = 2});
  EXPECT_THAT(error({.port = shared.port(), .threads = 2}), ::testing::HasSubstr("Address already in use"));
}

TEST(server, listens_on_ipv6) {
  test_server s({.address = "::1"});
  client c(s.port(), "::1");
  c.send(post_request(""));
  ASSERT_TRUE(c.receive());
  EXPECT_EQ(s.handler.seen().at(0).peer, "::1");
}

TEST(server, is_healthy_while_its_loops_turn) {
  std::mutex blocked;
  test_server s({}, [&](test_handler& h) {
    h.on_handle = [&](std::unique_ptr<responder> r) {
      const std::lock_guard lock(blocked);
      r->send(fine());
    };
  });
  EXPECT_TRUE(s.server->healthy());
  client c(s.port());
  {
    const std::lock_guard lock(blocked);
    c.send(post_request(""));
    EXPECT_TRUE(eventually([&] { return !s.server->healthy(); }));
  }
  EXPECT_TRUE(c.receive());
  EXPECT_TRUE(eventually([&] { return s.server->healthy(); }));
}

TEST(drain, closes_idle_connections_and_lets_busy_ones_finish) {
  shelving_server s({.threads = 2});
  client idle(s.port()), silent(s.port()), busy(s.port()), sending(s.port());
  idle.send(post_request("warm"));
  s.waiting.take()->send(fine());
  ASSERT_TRUE(idle.receive());
  busy.send(post_request("busy"));
  auto held = s.waiting.take();
  sending.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nha");
  ASSERT_TRUE(eventually([&] { return s.probe.connections.Value() == 4; }));

  std::atomic<bool> drained = false;
  std::jthread drainer([&] { drained = s.server->drain(std::chrono::steady_clock::now() + patience); });
  EXPECT_TRUE(idle.closed_by_peer());
  EXPECT_TRUE(silent.closed_by_peer());
  EXPECT_FALSE(drained);
  EXPECT_TRUE(busy.silent());

  sending.send("lf");
  auto late = s.waiting.take();
  ASSERT_TRUE(late);
  late->send(fine("half"));
  held->send(fine("busy"));
  for (auto* c : {&busy, &sending}) {
    const auto answer = c->receive();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->headers.at("connection"), "close");
    EXPECT_TRUE(c->closed_by_peer());
    c->finish_sending();
  }
  drainer.join();
  EXPECT_TRUE(drained);
}

TEST(drain, gives_up_at_its_deadline) {
  shelving_server s;
  client busy(s.port());
  busy.send(post_request("x"));
  auto held = s.waiting.take();
  EXPECT_FALSE(s.server->drain(std::chrono::steady_clock::now() + 100ms));
  held->send(fine());
  EXPECT_TRUE(busy.receive());
}

TEST(drain, refuses_new_connections) {
  test_server s;
  const auto port = s.port();
  EXPECT_TRUE(s.server->drain(std::chrono::steady_clock::now() + patience));
  prometheus::Registry registry;
  probe metrics(registry);
  test_handler handler;
  // The port is free again, so nothing listens there.
  EXPECT_TRUE(eventually([&] { return http_server::start({.port = port}, handler, metrics).has_value(); }));
}

TEST(stop, ends_connections_in_every_phase_and_twice_does_nothing) {
  shelving_server s({.threads = 2});
  client idle(s.port()), head(s.port()), body(s.port()), busy(s.port());
  head.send("POST / HT");
  body.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nha");
  busy.send(post_request("x"));
  auto held = s.waiting.take();
  ASSERT_TRUE(eventually([&] { return s.probe.connections.Value() == 4; }));
  s.server->stop();
  for (auto* c : {&idle, &head, &body, &busy}) EXPECT_TRUE(c->closed_by_peer());
  EXPECT_EQ(s.probe.connections.Value(), 0);
  s.server->stop();
  s.server->stop_accepting();
  EXPECT_TRUE(s.server->drain(std::chrono::steady_clock::now() + 1s));
  held->send(fine());
}

}  // namespace
}  // namespace switchboard::net
