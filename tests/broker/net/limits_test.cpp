// Deadlines, caps and overload: what a slow, greedy or numerous client meets.
#include <gmock/gmock.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <filesystem>

#include "broker/observe/log.hpp"
#include "tests/broker/net/support.hpp"

namespace switchboard::net {
namespace {

using namespace testing;

http_settings with(http_limits limits) {
  http_settings settings;
  settings.limits = limits;
  return settings;
}

// --- deadlines ---

TEST(deadlines, a_header_that_trickles_in_is_answered_408) {
  test_server s(with({.header = 1s}));
  client c(s.port());
  std::optional<response> answer;
  for (const char byte : std::string("GET / HTTP/1.1\r\nHost: a\r\nX-Slow: 1\r\n")) c.send({&byte, 1});
  answer = c.receive();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 408);
  EXPECT_EQ(answer->code(), "header_timeout");
  EXPECT_TRUE(c.closed_by_peer());
  EXPECT_EQ(s.hit(deadline::header), 1);
}

// The deadline is for the whole header: bytes that keep coming do not move it.
TEST(deadlines, a_header_that_never_ends_does_not_move_its_deadline) {
  test_server s(with({.header = 1s}));
  client c(s.port());
  c.send("GET / HTTP/1.1\r\nHost: a\r\nX: ");
  while (c.silent() && c.send("y")) std::this_thread::sleep_for(10ms);
  const auto answer = c.receive();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->code(), "header_timeout");
}

TEST(deadlines, the_header_of_a_later_request_has_its_own) {
  test_server s(with({.header = 1s}));
  client c(s.port());
  c.send(post_request("") + "GET / HT");
  ASSERT_TRUE(c.receive());
  const auto answer = c.receive();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->code(), "header_timeout");
}

TEST(deadlines, a_body_that_does_not_come_is_answered_408) {
  test_server s(with({.body = 1s}));
  for (const std::string framing : {"Content-Length: 5\r\n\r\nhel", "Transfer-Encoding: chunked\r\n\r\n5\r\nhel"}) {
    client c(s.port());
    c.send("POST / HTTP/1.1\r\nHost: a\r\n" + framing);
    const auto answer = c.receive();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 408);
    EXPECT_EQ(answer->code(), "body_timeout");
    EXPECT_TRUE(c.closed_by_peer());
  }
  EXPECT_EQ(s.hit(deadline::body), 2);
  EXPECT_EQ(s.handler.count(), 0u);
}

TEST(deadlines, a_body_that_trickles_in_does_not_move_its_deadline) {
  test_server s(with({.body = 1s}));
  client c(s.port());
  c.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n");
  while (c.silent() && c.send("y")) std::this_thread::sleep_for(10ms);
  const auto answer = c.receive();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->code(), "body_timeout");
}

TEST(deadlines, idle_connections_are_closed_without_a_word) {
  test_server s(with({.header = 1s, .idle = 1s}));
  client never_spoke(s.port()), spoke(s.port());
  spoke.send(post_request(""));
  ASSERT_TRUE(spoke.receive());
  EXPECT_EQ(never_spoke.receive_bytes(1), "");
  EXPECT_EQ(spoke.receive_bytes(1), "");
  EXPECT_EQ(s.hit(deadline::idle), 1);
  EXPECT_EQ(s.hit(deadline::header), 1);
  EXPECT_TRUE(eventually([&] { return s.probe.connections.Value() == 0; }));
}

TEST(deadlines, a_client_that_does_not_read_its_answer_is_dropped) {
  test_server s(with({.body = 1s}), [](test_handler& h) {
    h.on_handle = [](std::unique_ptr<responder> r) {
      r->send({200, "text/plain", std::string(32 << 20, 'x'), {}, false});
    };
  });
  client c(s.port());
  c.send(post_request(""));
  EXPECT_TRUE(eventually([&] { return s.hit(deadline::write) == 1 && s.probe.connections.Value() == 0; }));
}

// --- bytes in flight ---

struct holding_handler {
  std::mutex mutex;
  std::vector<std::unique_ptr<responder>> held;
  void operator()(std::unique_ptr<responder> r) {
    const std::lock_guard lock(mutex);
    held.push_back(std::move(r));
  }
  std::size_t count() {
    const std::lock_guard lock(mutex);
    return held.size();
  }
  void answer_all() {
    std::vector<std::unique_ptr<responder>> all;
    {
      const std::lock_guard lock(mutex);
      all.swap(held);
    }
    for (auto& r : all) r->send({200, "", "", {}, false});
  }
};

TEST(bytes_in_flight, past_the_bound_a_body_is_refused_before_it_is_read) {
  holding_handler holding;
  test_server s(with({.bytes_in_flight = 100'000}), [&](test_handler& h) { h.on_handle = std::ref(holding); });
  client first(s.port());
  first.send(post_request(std::string(60'000, 'x')));
  ASSERT_TRUE(eventually([&] { return holding.count() == 1; }));

  client second(s.port());
  second.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\n");
  const auto refused = second.receive();
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 503);
  EXPECT_EQ(refused->code(), "overloaded");
  EXPECT_EQ(refused->headers.at("retry-after"), "5");
  EXPECT_TRUE(second.closed_by_peer());

  client small(s.port());
  small.send(post_request(std::string(30'000, 'x')));
  ASSERT_TRUE(eventually([&] { return holding.count() == 2; }));
  EXPECT_TRUE(eventually([&] { return s.probe.bytes_in_flight.Value() == 90'000; }));

  holding.answer_all();
  ASSERT_TRUE(first.receive());
  client third(s.port());
  third.send(post_request(std::string(60'000, 'x')));
  ASSERT_TRUE(eventually([&] { return holding.count() == 1; }));
  holding.answer_all();
  ASSERT_TRUE(third.receive());
  EXPECT_TRUE(eventually([&] { return s.probe.bytes_in_flight.Value() == 0; }));
  EXPECT_EQ(s.refused(refusal::overloaded), 1);
}

// Announcing a body costs a client nothing, so it must not cost the others their share.
TEST(bytes_in_flight, announced_bodies_do_not_count) {
  test_server s(with({.bytes_in_flight = 100'000}));
  std::vector<client> announcing;
  for (int i = 0; i < 10; ++i) {
    announcing.emplace_back(s.port());
    announcing.back().send("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 60000\r\n\r\n");
    EXPECT_EQ(announcing.back().receive_bytes(25), "HTTP/1.1 100 Continue\r\n\r\n");
  }
  const auto answer = ask(s.port(), post_request(std::string(60'000, 'x')));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
}

TEST(bytes_in_flight, bodies_that_come_in_past_the_bound_together_are_refused_midway) {
  holding_handler holding;
  test_server s(with({.bytes_in_flight = 100'000}), [&](test_handler& h) { h.on_handle = std::ref(holding); });
  for (const std::string rest : {"Content-Length: 60000\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\nea60\r\n"}) {
    client slow(s.port());
    slow.send("POST / HTTP/1.1\r\nHost: a\r\n" + rest + std::string(30'000, 'x'));
    ASSERT_TRUE(eventually([&] { return s.probe.bytes_in_flight.Value() == 30'000; }));
    client quick(s.port());
    quick.send(post_request(std::string(60'000, 'x')));
    ASSERT_TRUE(eventually([&] { return holding.count() == 1; }));
    slow.send(std::string(30'000, 'x'));
    const auto refused = slow.receive();
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->code(), "overloaded");
    holding.answer_all();
    ASSERT_TRUE(quick.receive());
    slow.finish_sending();
    EXPECT_TRUE(slow.closed_by_peer());
    EXPECT_TRUE(eventually([&] { return s.probe.bytes_in_flight.Value() == 0; }));
  }
}

// --- connections ---

TEST(connections, past_the_cap_are_told_so) {
  test_server s(with({.connections = 2}));
  std::optional<client> first(std::in_place, s.port());
  client second(s.port());
  ASSERT_TRUE(eventually([&] { return s.probe.connections.Value() == 2; }));
  client third(s.port());
  third.send(post_request(std::string(100'000, 'x')));
  const auto refused = third.receive();
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 503);
  EXPECT_EQ(refused->code(), "too_many_connections");
  EXPECT_EQ(refused->headers.at("retry-after"), "5");
  EXPECT_TRUE(third.closed_by_peer());
  first.reset();
  ASSERT_TRUE(eventually([&] { return s.probe.connections.Value() == 1; }));
  EXPECT_EQ(ask(s.port(), post_request(""))->status, 200);
  EXPECT_EQ(s.handler.count(), 1u);
}

// A client on 127.0.0.2.
client connect_from_second_address(std::uint16_t port) { return client(port, "127.0.0.1", "127.0.0.2"); }

TEST(connections, of_one_address_are_capped_apart_from_the_others) {
  test_server s(with({.connections_per_address = 2}));
  client first(s.port()), second(s.port());
  ASSERT_TRUE(eventually([&] { return s.probe.connections.Value() == 2; }));
  const auto refused = ask(s.port(), post_request(""));
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->code(), "too_many_connections_of_address");
  client other = connect_from_second_address(s.port());
  other.send(post_request(""));
  const auto answer = other.receive();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(s.handler.seen().at(0).peer, "127.0.0.2");
}

TEST(connections, of_a_trusted_proxy_are_not_capped_by_address) {
  auto settings = with({.connections_per_address = 1});
  settings.trusted_proxies = {"127.0.0.1"};
  test_server s(settings);
  client first(s.port());
  ASSERT_TRUE(eventually([&] { return s.probe.connections.Value() == 1; }));
  EXPECT_EQ(ask(s.port(), post_request(""))->status, 200);
}

TEST(connections, beyond_any_number_do_not_stop_the_server) {
  test_server s(with({.connections = 1}));
  client first(s.port());
  ASSERT_TRUE(eventually([&] { return s.probe.connections.Value() == 1; }));
  {
    std::vector<client> flood;
    for (int i = 0; i < 400; ++i) flood.emplace_back(s.port());
    EXPECT_TRUE(eventually([&] { return s.refused(refusal::too_many_connections) == 400; }));
  }
  first.send(post_request("still served"));
  const auto answer = first.receive();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "still served");
}

// --- descriptors ---

class descriptor_limit {
 public:
  explicit descriptor_limit(rlim_t lower) {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const rlimit wanted{lower, before_.rlim_max};
    EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &wanted), 0);
  }
  ~descriptor_limit() { ::setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

TEST(connections, wait_while_there_are_no_descriptors_and_come_in_afterwards) {
  test_server s;
  // Everything runs once before: UndefinedBehaviorSanitizer opens a pipe to look at an object of a type that it has not
  // seen yet.
  ASSERT_TRUE(ask(s.port(), post_request("")));
  observe::log(observe::level::info, "running out of descriptors");
  ASSERT_TRUE(eventually([&] { return s.probe.connections.Value() == 0; }));
  std::vector<client> clients;
  clients.reserve(6);
  for (int i = 0; i < 6; ++i) clients.push_back(client::unconnected());
  {
    // The highest descriptor is a client's; the server may open two more.
    const descriptor_limit limit(static_cast<rlim_t>(clients.back().descriptor()) + 3);
    for (auto& c : clients) c.connect(s.port());
    ASSERT_TRUE(eventually([&] { return s.probe.connections.Value() == 2 && s.probe.accept_errors.Value() >= 2; }));
    for (auto& c : clients) c.send(post_request("x"));
    ASSERT_TRUE(clients[0].receive());
    ASSERT_TRUE(clients[1].receive());
    clients.erase(clients.begin(), clients.begin() + 2);
    ASSERT_TRUE(clients[0].receive());
    ASSERT_TRUE(clients[1].receive());
    EXPECT_TRUE(s.server->healthy());
  }
  ASSERT_TRUE(clients[2].receive());
  ASSERT_TRUE(clients[3].receive());
}

}  // namespace
}  // namespace switchboard::net
