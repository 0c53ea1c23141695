// How requests are served: order, framing of replies, expectations, admission.
#include <gmock/gmock.h>

#include <thread>

#include "tests/broker/net/support.hpp"

namespace switchboard::net {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;

TEST(serving, hands_the_whole_request_to_the_handler) {
  test_server s;
  const auto answer =
      ask(s.port(), post_request("hello", "X-One: 1\r\nx-two:  two words \r\nX-One: again\r\n", "/in/a?b=c%20d"));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->body, "hello");
  const auto seen = s.handler.seen().at(0);
  EXPECT_EQ(seen.method, "POST");
  EXPECT_EQ(seen.target, "/in/a?b=c%20d");
  EXPECT_EQ(seen.peer, "127.0.0.1");
  EXPECT_EQ(seen.scheme, "http");
  EXPECT_EQ(seen.host, "broker.example");
  EXPECT_EQ(seen.client_certificate, "");
  using field = std::pair<std::string, std::string>;
  EXPECT_THAT(seen.headers, ElementsAre(field{"Host", "broker.example"}, field{"Content-Length", "5"},
                                        field{"X-One", "1"}, field{"x-two", "two words"}, field{"X-One", "again"}));
}

TEST(serving, replies_with_what_a_client_needs_and_no_banner) {
  test_server s({}, [](test_handler& h) {
    h.on_handle = [](std::unique_ptr<responder> r) {
      r->send({201, "text/plain", "made", {{"Location", "/x"}}, false});
    };
  });
  const auto answer = ask(s.port(), post_request(""));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 201);
  EXPECT_EQ(answer->body, "made");
  EXPECT_THAT(answer->head,
              MatchesRegex("HTTP/1.1 201 Created\r\nDate: [A-Z][a-z][a-z], [0-9][0-9] [A-Z][a-z][a-z] 20[0-9][0-9] "
                           "[0-9][0-9]:[0-9][0-9]:[0-9][0-9] GMT\r\nX-Request-Id: [0-9a-f]+-1\r\n"
                           "Content-Type: text/plain\r\nContent-Length: 4\r\nLocation: /x\r\n"));
}

// As many bytes as asked for, none of which is ever held; fails from `readable` on.
class counted_bytes final : public body_source {
 public:
  explicit counted_bytes(std::uint64_t size, std::uint64_t readable = UINT64_MAX) : size_(size), readable_(readable) {}
  static char at(std::uint64_t offset) { return static_cast<char>('a' + offset % 23); }
  std::uint64_t size() const override { return size_; }
  bool read(std::uint64_t offset, std::span<char> out) const override {
    if (offset + out.size() > readable_) return false;
    largest = std::max(largest.load(), out.size());
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = at(offset + i);
    return true;
  }
  mutable std::atomic<std::size_t> largest = 0;

 private:
  const std::uint64_t size_, readable_;
};

TEST(serving, streams_a_body_in_pieces) {
  const auto body = std::make_shared<counted_bytes>(5'000'011);
  test_server s({}, [&](test_handler& h) {
    h.on_handle = [&](std::unique_ptr<responder> r) {
      http_response streamed{200, "application/octet-stream", ""};
      if (r->request().head.target == "/large")
        streamed.streamed = body;
      else
        streamed.streamed = std::make_shared<counted_bytes>(0);
      r->send(std::move(streamed));
    };
  });
  client c(s.port());
  c.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\nHEAD /large HTTP/1.1\r\nHost: a\r\n\r\n");
  const auto whole = c.receive();
  ASSERT_TRUE(whole);
  ASSERT_EQ(whole->body.size(), body->size());
  for (std::size_t i = 0; i < whole->body.size(); ++i) ASSERT_EQ(whole->body[i], counted_bytes::at(i)) << "at " << i;
  EXPECT_LE(body->largest, 64u << 10);
  const auto head = c.receive(true);
  ASSERT_TRUE(head);
  EXPECT_EQ(head->headers.at("content-length"), "5000011");
  c.send("GET /empty HTTP/1.1\r\nHost: a\r\n\r\n");
  const auto empty = c.receive();
  ASSERT_TRUE(empty);
  EXPECT_EQ(empty->body, "");
}

TEST(serving, ends_the_connection_when_a_streamed_body_cannot_be_read) {
  test_server s({}, [](test_handler& h) {
    h.on_handle = [](std::unique_ptr<responder> r) {
      http_response streamed{200, "application/octet-stream", ""};
      streamed.streamed = std::make_shared<counted_bytes>(1'000'000, 500'000);
      r->send(std::move(streamed));
    };
  });
  client c(s.port());
  c.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  const auto bytes = c.receive_bytes(2'000'000);
  EXPECT_THAT(bytes, HasSubstr("Content-Length: 1000000\r\n"));
  EXPECT_LT(bytes.size(), 600'000u);
  EXPECT_TRUE(eventually([&] { return s.probe.aborted.Value() == 1; }));
}

TEST(serving, names_every_request) {
  std::mutex mutex;
  std::vector<std::string> handed;
  test_server s({}, [&](test_handler& h) {
    h.on_admit = [&](const request_head& head) -> admit_result {
      const std::lock_guard lock(mutex);
      handed.emplace_back(head.id);
      if (head.target == "/refused") return std::unexpected(error_response(404, "unknown_path", "nothing is here"));
      return admission{5, nullptr};
    };
  });
  std::vector<std::string> told;
  const auto note = [&](const std::optional<response>& answer, int status) {
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, status);
    told.push_back(answer->headers.at("x-request-id"));
  };
  client c(s.port());
  c.send(post_request("hello", "X-Request-Id: mine\r\n") + post_request("", "", "/refused") + post_request("too long"));
  note(c.receive(), 200);
  note(c.receive(), 404);
  note(c.receive(), 413);
  {
    const std::lock_guard lock(mutex);
    EXPECT_EQ(handed, told) << "what the client is told is what the application knows";
  }
  note(ask(s.port(), "nonsense\r\n\r\n"), 400);
  EXPECT_EQ(std::set(told.begin(), told.end()).size(), 4u);
  EXPECT_THAT(told, ::testing::Each(MatchesRegex("[0-9a-f]+-[0-9a-f]+")));
}

TEST(serving, answers_head_and_empty_statuses_without_a_body) {
  test_server s({}, [](test_handler& h) {
    h.on_handle = [](std::unique_ptr<responder> r) {
      const int status = r->request().head.target == "/204" ? 204 : 200;
      r->send({status, "text/plain", "body", {}, false});
    };
  });
  client c(s.port());
  c.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\nGET /204 HTTP/1.1\r\nHost: a\r\n\r\nOPTIONS / HTTP/1.1\r\nHost: a\r\n\r\n");
  const auto head = c.receive(true), empty = c.receive(), options = c.receive();
  ASSERT_TRUE(head && empty && options);
  EXPECT_EQ(head->headers.at("content-length"), "4");
  EXPECT_EQ(empty->status, 204);
  EXPECT_FALSE(empty->headers.contains("content-length"));
  EXPECT_EQ(options->body, "body");
  EXPECT_EQ(s.handler.seen().at(0).method, "HEAD");
  EXPECT_EQ(s.handler.seen().at(2).method, "OPTIONS");
}

TEST(serving, keeps_connections_as_the_version_says) {
  test_server s;
  struct {
    std::string_view version, field;
    bool kept;
  } const cases[] = {
      {"1.1", "", true},
      {"1.1", "Connection: close\r\n", false},
      {"1.1", "Connection: x, CLOSE\r\n", false},
      {"1.1", "Connection: keep-alive\r\n", true},
      {"1.0", "", false},
      {"1.0", "Connection: keep-alive\r\n", true},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(std::string(c.version) + " " + std::string(c.field));
    client raw(s.port());
    const std::string request =
        "GET / HTTP/" + std::string(c.version) + "\r\nHost: a\r\n" + std::string(c.field) + "\r\n";
    raw.send(request);
    const auto answer = raw.receive();
    ASSERT_TRUE(answer);
    if (c.kept) {
      EXPECT_EQ(answer->headers.contains("connection"), c.version == "1.0");
      raw.send(request);
      EXPECT_TRUE(raw.receive());
    } else {
      EXPECT_EQ(answer->headers.at("connection"), "close");
      EXPECT_TRUE(raw.closed_by_peer());
    }
  }
}

const std::string three_requests =
    "POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nfirst"
    "POST /2 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3;x=\"y\"\r\nsec\r\n3\r\nond\r\n0\r\n\r\n"
    "\r\nPOST /3 HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 5\r\n\r\nthird";

TEST(serving, does_not_care_where_the_bytes_are_split) {
  test_server s;
  for (std::size_t split = 1; split < three_requests.size(); ++split) {
    client c(s.port());
    ASSERT_TRUE(c.send(std::string_view(three_requests).substr(0, split)));
    ASSERT_TRUE(c.send(std::string_view(three_requests).substr(split)));
    for (const char* body : {"first", "second", "third"}) {
      const auto answer = c.receive();
      ASSERT_TRUE(answer) << "split at " << split;
      ASSERT_EQ(answer->body, body) << "split at " << split;
    }
    ASSERT_TRUE(c.closed_by_peer()) << "split at " << split;
  }
  EXPECT_EQ(s.handler.count(), 3 * (three_requests.size() - 1));
}

TEST(serving, takes_requests_byte_by_byte) {
  test_server s;
  client c(s.port());
  for (const char byte : three_requests) ASSERT_TRUE(c.send({&byte, 1}));
  for (const char* body : {"first", "second", "third"}) {
    const auto answer = c.receive();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->body, body);
  }
}

TEST(serving, answers_pipelined_requests_one_at_a_time_and_in_order) {
  std::atomic<int> inside = 0, most = 0;
  std::mutex mutex;
  std::vector<std::jthread> threads;
  {
    test_server s({}, [&](test_handler& h) {
      h.on_handle = [&](std::unique_ptr<responder> r) {
        most = std::max(most.load(), ++inside);
        const std::lock_guard lock(mutex);
        threads.emplace_back([&inside, r = std::move(r)]() mutable {
          --inside;
          r->send({200, "text/plain", std::string(r->request().body), {}, false});
        });
      };
    });
    client c(s.port());
    std::string requests;
    constexpr int count = 200;
    for (int i = 0; i < count; ++i) requests += post_request("number " + std::to_string(i));
    c.send(requests);
    for (int i = 0; i < count; ++i) {
      const auto answer = c.receive();
      ASSERT_TRUE(answer);
      EXPECT_EQ(answer->body, "number " + std::to_string(i));
    }
  }
  EXPECT_EQ(most, 1);
}

// Answered inside handle(), thousands of requests in one buffer must not nest their calls.
TEST(serving, pipelining_does_not_grow_the_stack) {
  test_server s;
  client c(s.port());
  constexpr int count = 20'000;
  std::jthread sender([&] {
    std::string requests;
    for (int i = 0; i < count; ++i) requests += "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    c.send(requests);
  });
  for (int i = 0; i < count; ++i) ASSERT_TRUE(c.receive());
}

TEST(serving, takes_large_bodies_in_both_framings) {
  test_server s({}, [](test_handler& h) { h.body_limit = 8 << 20; });
  std::string body;
  for (int i = 0; body.size() < (5u << 20); ++i) body += "line " + std::to_string(i) + "\n";
  std::string chunks;
  for (std::size_t at = 0, size = 1; at < body.size(); at += size, size = size * 7 % 60'013 + 1) {
    size = std::min(size, body.size() - at);
    char head[20];
    std::snprintf(head, sizeof head, "%zx\r\n", size);
    ((chunks += head) += body.substr(at, size)) += "\r\n";
  }
  client c(s.port());
  std::jthread sender([&] {
    c.send(post_request(body));
    c.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks + "0\r\n\r\n");
  });
  for (int i = 0; i < 2; ++i) {
    const auto answer = c.receive();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 200) << answer->body.substr(0, 200);
    EXPECT_TRUE(answer->body == body);
  }
}

// simdjson parses in place and reads past the end.
TEST(serving, leaves_readable_padding_behind_every_body) {
  std::atomic<std::size_t> sum = 0;
  test_server s({}, [&](test_handler& h) {
    h.on_handle = [&](std::unique_ptr<responder> r) {
      const std::string_view body = r->request().body;
      std::string beyond(connectors::inbound::body_padding, '\0');
      std::memcpy(beyond.data(), body.data() + body.size(), beyond.size());
      sum += beyond.size();
      r->send({200, "text/plain", "", {}, false});
    };
  });
  client c(s.port());
  std::size_t requests = 0;
  for (const std::size_t size : {0uz, 1uz, 3900uz, 3960uz, 4000uz, 4096uz, 5000uz, 65536uz, 1000000uz}) {
    c.send(post_request(std::string(size, 'x')));
    ASSERT_TRUE(c.receive());
    char head[20];
    std::snprintf(head, sizeof head, "%zx\r\n", size);
    c.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" +
           (size ? head + std::string(size, 'x') + "\r\n" : "") + "0\r\n\r\n");
    ASSERT_TRUE(c.receive());
    requests += 2;
  }
  EXPECT_EQ(sum, requests * connectors::inbound::body_padding);
}

TEST(serving, sends_large_replies_to_a_client_that_reads_late) {
  std::string large(6 << 20, 'r');
  test_server s({}, [&](test_handler& h) {
    h.on_handle = [&](std::unique_ptr<responder> r) { r->send({200, "text/plain", large, {}, false}); };
  });
  client c(s.port());
  c.send(post_request("") + post_request(""));
  ASSERT_TRUE(eventually([&] { return s.handler.count() == 1; }));
  for (int i = 0; i < 2; ++i) {
    const auto answer = c.receive();
    ASSERT_TRUE(answer);
    EXPECT_TRUE(answer->body == large);
  }
}

// --- Expect: 100-continue ---

TEST(expectation, is_met_after_admission) {
  test_server s;
  for (const std::string framing : {"Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n"}) {
    client c(s.port());
    c.send("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\n" + framing + "\r\n");
    EXPECT_EQ(c.receive_bytes(25), "HTTP/1.1 100 Continue\r\n\r\n");
    c.send(framing.starts_with("Content") ? "hello" : "5\r\nhello\r\n0\r\n\r\n");
    const auto answer = c.receive();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->body, "hello");
  }
}

TEST(expectation, is_not_met_where_the_body_is_refused) {
  test_server s({}, [](test_handler& h) {
    h.on_admit = [](const request_head& head) -> admit_result {
      if (head.target == "/unknown")
        return std::unexpected(error_response(404, "unknown_path", "There is nothing here."));
      return admission{3, nullptr};
    };
  });
  client large(s.port());
  large.send("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
  const auto too_large = large.receive();
  ASSERT_TRUE(too_large);
  EXPECT_EQ(too_large->status, 413);
  client unknown(s.port());
  unknown.send("POST /unknown HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
  const auto refused = unknown.receive();
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 404);
  EXPECT_TRUE(unknown.closed_by_peer());
}

TEST(expectation, needs_no_word_when_the_body_is_there_or_the_client_is_old) {
  test_server s;
  const auto with_body =
      ask(s.port(), "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhello");
  ASSERT_TRUE(with_body);
  EXPECT_EQ(with_body->status, 200);
  client old(s.port());
  old.send("POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
  old.send("hello");
  const auto answer = old.receive();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
}

// --- admission ---

TEST(admission, hands_its_context_back_with_the_request) {
  std::atomic<int> seen = 0;
  auto pinned = std::make_shared<const int>(42);
  test_server s({}, [&](test_handler& h) {
    h.on_admit = [&](const request_head&) -> admit_result { return admission{100, pinned}; };
    h.on_handle = [&](std::unique_ptr<responder> r) {
      seen = *static_cast<const int*>(r->request().context.get());
      r->send({200, "", "", {}, false});
    };
  });
  ASSERT_TRUE(ask(s.port(), post_request("x")));
  EXPECT_EQ(seen, 42);
  EXPECT_TRUE(eventually([&] { return pinned.use_count() == 1; }));
}

TEST(admission, a_refusal_keeps_the_connection_when_the_body_is_there_already) {
  test_server s({}, [](test_handler& h) {
    h.on_admit = [](const request_head& head) -> admit_result {
      if (head.target == "/full") return std::unexpected(error_response(503, "overloaded", "Later."));
      return admission{100, nullptr};
    };
  });
  client c(s.port());
  c.send(post_request("body", "", "/full") + post_request("next"));
  const auto refused = c.receive(), next = c.receive();
  ASSERT_TRUE(refused && next);
  EXPECT_EQ(refused->status, 503);
  EXPECT_EQ(refused->code(), "overloaded");
  EXPECT_EQ(refused->headers.at("retry-after"), "5");
  EXPECT_EQ(next->body, "next");
  c.send("POST /full HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n");
  const auto unread = c.receive();
  ASSERT_TRUE(unread);
  EXPECT_EQ(unread->headers.at("connection"), "close");
  EXPECT_TRUE(c.closed_by_peer());
}

// A client that sends its whole body before it reads must still get to see why it was refused.
TEST(admission, a_refused_client_that_goes_on_sending_sees_the_answer) {
  test_server s;
  client c(s.port());
  c.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6000000\r\n\r\n");
  c.send(std::string(6'000'000, 'x'));
  const auto answer = c.receive();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 413);
  EXPECT_EQ(answer->code(), "body_too_large");
  EXPECT_TRUE(c.closed_by_peer());
}

// --- what a handler must not say ---

TEST(replies, that_cannot_be_written_become_a_500) {
  const http_response bad[] = {
      {429, "", "", {}, false},
      {410, "", "", {}, false},
      {100, "", "", {}, false},
      {600, "", "", {}, false},
      {200, "text/plain\r\nX: y", "", {}, false},
      {200, "", "", {{"X", "a\r\nSet-Cookie: b"}}, false},
      {200, "", "", {{"X", std::string("a\0b", 3)}}, false},
      {200, "", "", {{"X Y", "a"}}, false},
      {200, "", "", {{"", "a"}}, false},
      {200, "", "", {{"Content-Length", "7"}}, false},
      {200, "", "", {{"transfer-encoding", "chunked"}}, false},
  };
  std::atomic<std::size_t> at = 0;
  test_server s({}, [&](test_handler& h) { h.on_handle = [&](std::unique_ptr<responder> r) { r->send(bad[at]); }; });
  for (; at < std::size(bad); ++at) {
    const auto answer = ask(s.port(), post_request(""));
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 500);
    EXPECT_EQ(answer->code(), "unusable_response");
    EXPECT_THAT(answer->head, Not(HasSubstr("Set-Cookie")));
  }
  EXPECT_EQ(s.refused(refusal::unusable_response), std::size(bad));
}

TEST(replies, a_503_always_says_when_to_come_back) {
  std::atomic<bool> own = false;
  test_server s({}, [&](test_handler& h) {
    h.on_handle = [&](std::unique_ptr<responder> r) {
      auto answer = error_response(503, "journal_full", "The journal is full.");
      if (own) answer.headers.emplace_back("retry-after", "120");
      r->send(std::move(answer));
    };
  });
  EXPECT_EQ(ask(s.port(), post_request(""))->headers.at("retry-after"), "5");
  own = true;
  EXPECT_EQ(ask(s.port(), post_request(""))->headers.at("retry-after"), "120");
}

TEST(replies, errors_are_one_line_of_json) {
  const auto error = error_response(400, "bad \"code\"", "line\nbreak \\ and \x01");
  EXPECT_EQ(error.body,
            "{\"error\":{\"code\":\"bad \\\"code\\\"\",\"message\":\"line\\u000abreak \\\\ and \\u0001\"}}\n");
  EXPECT_EQ(error.content_type, "application/json");
}

}  // namespace
}  // namespace switchboard::net
