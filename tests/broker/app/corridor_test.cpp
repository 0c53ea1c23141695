#include "broker/app/corridor.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "tests/broker/app/fakes.hpp"
#include "tests/broker/intake/tiny_connector.hpp"

namespace switchboard::app {
namespace {

using namespace std::chrono_literals;
using journal::message_outcome;
using journal::submit_error;

connectors::connector with_retries(std::chrono::seconds retries_for) {
  auto c = intake::test::tiny;
  c.retry.retries_for = retries_for;
  return c;
}
const connectors::connector patient = with_retries(72h), hasty = with_retries(60s), once = with_retries(0s);

class corridor_test : public testing::Test {
 protected:
  corridor_test() {
    add("patient", patient);
    add("hasty", hasty);
    add("once", once);
    corridor_.swap(std::make_shared<source_table>(sources_, probe_));
    corridor_.serve(server_);
  }

  void add(const std::string& id, const connectors::connector& c) {
    auto s = std::make_shared<intake::source>(intake::test::tiny_source());
    s->id = id;
    s->path = "/in/" + id;
    s->connector = &c;
    sources_.push_back(std::move(s));
  }

  net::request_head head(std::string_view target, std::string_view method = "POST") {
    return {method, target, headers_, "192.0.2.7", "https", {}, "hooks.example.com"};
  }

  // The status of the refusal, or 0 when the head was admitted and the request handled.
  int request(std::string_view target, std::string body, test::answer& a, std::string_view method = "POST") {
    const auto h = head(target, method);
    auto admitted = corridor_.admit(h);
    if (!admitted) {
      a.sent.push_back(admitted.error());
      return admitted.error().status;
    }
    corridor_.handle(
        std::make_unique<test::fake_responder>(net::request{h, {}, admitted->context}, std::move(body), a));
    return 0;
  }

  // Waits until something was posted, and runs it.
  void turn_when_posted() {
    const auto deadline = std::chrono::steady_clock::now() + 10s;
    while (server_.turn() == 0) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline) << "nothing was posted";
      std::this_thread::yield();
    }
  }

  intake::request_counts counts(std::string_view source) const {
    for (auto& c : probe_.request_counts())
      if (c.source == source) return c;
    return {};
  }

  std::vector<connectors::header> headers_{{"X-Sign", "good"}};
  prometheus::Registry registry_;
  probe probe_{registry_};
  test::fake_journal journal_;
  test::fake_store store_;
  test::fake_web web_;
  test::fake_server server_;
  blob_worker worker_{store_, 1u << 20};
  corridor corridor_{journal_, worker_, web_, base::real_clock(), probe_, {{}, 30, 100'000, false}};
  std::vector<std::shared_ptr<const intake::source>> sources_;
};

TEST_F(corridor_test, answers_only_what_the_journal_has) {
  test::answer a;
  EXPECT_EQ(request("/in/hasty?x=1", "msg|k1|tel:+1|hello", a), 0);
  EXPECT_TRUE(a.sent.empty());
  ASSERT_EQ(journal_.queue.size(), 1u);
  EXPECT_EQ(journal_.queue[0].unit.source, "hasty");
  EXPECT_FALSE(journal_.queue[0].reserved);
  EXPECT_GT(corridor_.in_flight_bytes(), 0u);
  EXPECT_EQ(counts("hasty").in_flight, 1u);

  journal_.commit();
  EXPECT_TRUE(a.sent.empty()) << "the reply is made on the connection's own thread";
  EXPECT_EQ(server_.threads, std::vector<int>{3});
  server_.turn();
  ASSERT_EQ(a.sent.size(), 1u);
  EXPECT_EQ(a.sent[0].status, 200);
  EXPECT_EQ(a.sent[0].body, "a");
  EXPECT_EQ(corridor_.in_flight_bytes(), 0u);
  EXPECT_EQ(counts("hasty").accepted, 1u);
  EXPECT_EQ(counts("hasty").in_flight, 0u);
}

TEST_F(corridor_test, tells_the_connector_what_was_a_duplicate) {
  test::answer a;
  request("/in/hasty", "msg|k1|tel:+1|a\nbad|k2|tel:+1|b\nmsg|k3|tel:+1|c", a);
  ASSERT_EQ(journal_.queue.at(0).unit.messages.size(), 3u);
  journal_.commit({message_outcome::duplicate, message_outcome::appended, message_outcome::appended});
  server_.turn();
  ASSERT_EQ(a.sent.size(), 1u);
  EXPECT_EQ(a.sent[0].body, "dqa");
}

TEST_F(corridor_test, keeps_what_cannot_be_read) {
  test::answer a;
  request("/in/hasty", "broken", a);
  ASSERT_EQ(journal_.queue.size(), 1u);
  journal_.commit();
  server_.turn();
  EXPECT_EQ(a.sent.at(0).status, 200);
  EXPECT_EQ(counts("hasty").quarantined, 1u);
}

TEST_F(corridor_test, refuses_what_does_not_verify_and_counts_why) {
  test::answer missing, bad;
  headers_.clear();
  request("/in/hasty", "msg|k|c|t", missing);
  headers_ = {{"X-Sign", "wrong"}};
  request("/in/hasty", "msg|k|c|t", bad);
  EXPECT_TRUE(missing.sent.at(0).status == 401 || missing.sent.at(0).status == 403);
  EXPECT_NE(missing.sent[0].body.find("\"missing_signature\""), std::string::npos);
  EXPECT_NE(bad.sent.at(0).body.find("\"bad_signature\""), std::string::npos);
  EXPECT_TRUE(journal_.queue.empty());
  EXPECT_EQ(counts("hasty").verified, 0u);
}

TEST_F(corridor_test, answers_a_handshake_without_the_journal) {
  test::answer a;
  request("/in/hasty", "hello", a);
  EXPECT_EQ(a.sent.at(0).body, "world");
  EXPECT_TRUE(journal_.queue.empty());
  EXPECT_EQ(counts("hasty").control, 1u);
}

TEST_F(corridor_test, answers_options_with_the_connectors_headers) {
  test::answer a;
  headers_ = {{"WebHook-Request-Origin", "events.example"}};
  EXPECT_EQ(request("/in/hasty", "", a, "OPTIONS"), 0);
  EXPECT_EQ(a.sent.at(0).status, 204);
  EXPECT_EQ(a.sent[0].headers.at(0), (std::pair<std::string, std::string>{"WebHook-Allowed-Origin", "events.example"}));
  EXPECT_TRUE(journal_.queue.empty());
  EXPECT_EQ(counts("hasty").control, 1u);
}

TEST_F(corridor_test, confirms_before_it_answers) {
  test::answer confirmed, refused;
  request("/in/hasty", "confirm", confirmed);
  request("/in/hasty", "confirm", refused);
  ASSERT_EQ(web_.confirms.size(), 2u);
  EXPECT_EQ(web_.confirms[0].first, "https://confirm.example/1");
  EXPECT_TRUE(confirmed.sent.empty()) << "not before the confirmation";
  web_.confirms[0].second(true);
  web_.confirms[1].second(false);
  server_.turn();
  EXPECT_EQ(confirmed.sent.at(0).status, 200);
  EXPECT_EQ(refused.sent.at(0).status, 503);
  EXPECT_TRUE(journal_.queue.empty());
  EXPECT_EQ(counts("hasty").control, 1u);
  EXPECT_EQ(counts("hasty").refused, 1u);
}

TEST_F(corridor_test, knows_no_other_path_and_no_other_method) {
  EXPECT_EQ(corridor_.admit(head("/in/nobody")).error().status, 404);
  const auto refused = corridor_.admit(head("/in/hasty", "DELETE")).error();
  EXPECT_EQ(refused.status, 405);
  EXPECT_EQ(refused.headers.at(0), (std::pair<std::string, std::string>{"Allow", "POST, GET, OPTIONS"}));
}

TEST_F(corridor_test, sheds_the_most_patient_first) {
  // Half, then three quarters, then all of the queue's 100,000 bytes.
  std::vector<test::answer> answers(200);
  std::size_t n = 0;
  const auto fill = [&](std::size_t bytes) {
    for (; corridor_.in_flight_bytes() < bytes; ++n)
      EXPECT_EQ(request("/in/once", "msg|k" + std::to_string(n) + "|c|" + std::string(4000, 'x'), answers.at(n)), 0);
  };
  const auto refusal = [&](std::string_view target) {
    const auto admitted = corridor_.admit(head(target));
    return admitted ? 0 : admitted.error().status;
  };
  EXPECT_EQ(refusal("/in/patient"), 0);
  fill(50'000);
  EXPECT_EQ(refusal("/in/patient"), 503);
  EXPECT_EQ(refusal("/in/hasty"), 0);
  fill(75'000);
  EXPECT_EQ(refusal("/in/hasty"), 503);
  EXPECT_EQ(refusal("/in/once"), 0);
  fill(100'000);
  EXPECT_EQ(refusal("/in/once"), 503);
  const auto response = corridor_.admit(head("/in/once")).error();
  EXPECT_EQ(response.headers.at(0).first, "Retry-After");
  while (!journal_.queue.empty()) journal_.commit();
  server_.turn();
  EXPECT_EQ(corridor_.in_flight_bytes(), 0u);
  EXPECT_EQ(refusal("/in/patient"), 0);
}

TEST_F(corridor_test, keeps_the_last_part_of_the_journal_for_those_who_never_retry) {
  journal_.writable_all = false;
  EXPECT_EQ(corridor_.admit(head("/in/patient")).error().status, 503);
  EXPECT_EQ(corridor_.admit(head("/in/hasty")).error().status, 503);
  test::answer a;
  EXPECT_EQ(request("/in/once", "msg|k|c|t", a), 0);
  EXPECT_TRUE(journal_.queue.at(0).reserved);
  journal_.writable_reserved = false;
  EXPECT_EQ(corridor_.admit(head("/in/once")).error().status, 503);
  journal_.stop();
}

TEST_F(corridor_test, answers_503_when_the_journal_refuses_the_unit) {
  for (const auto error :
       {submit_error::overloaded, submit_error::full, submit_error::clock_jumped, submit_error::stopping}) {
    journal_.refuse = error;
    test::answer a;
    request("/in/hasty", "msg|k|c|t", a);
    ASSERT_EQ(a.sent.size(), 1u);
    EXPECT_EQ(a.sent[0].status, 503);
    EXPECT_EQ(a.sent[0].headers.at(0).first, "Retry-After");
  }
  EXPECT_EQ(counts("hasty").refused, 4u);
  EXPECT_EQ(corridor_.in_flight_bytes(), 0u);
}

TEST_F(corridor_test, quarantines_a_request_that_no_segment_holds) {
  journal_.segment = 2000;
  test::answer a;
  request("/in/hasty",
          "msg|k1|tel:+1|" + std::string(1500, 'x') + "\nbad|k2|tel:+1|b\nmsg|k3|tel:+1|" + std::string(1500, 'y'), a);
  EXPECT_TRUE(journal_.queue.empty()) << "the original is stored first";
  turn_when_posted();
  ASSERT_EQ(journal_.queue.size(), 1u);
  const auto& unit = journal_.queue[0].unit;
  ASSERT_EQ(unit.messages.size(), 1u);
  EXPECT_EQ(unit.items_decoded, 1u);
  EXPECT_TRUE(unit.blobs.empty());
  EXPECT_EQ(unit.messages[0].topics, std::vector<std::string>{"quarantine"});
  EXPECT_NE(unit.messages[0].event.body.find("\"too_large\""), std::string::npos);
  {
    const std::lock_guard lock(store_.mutex);
    ASSERT_EQ(store_.kept.size(), 1u);
    EXPECT_NE(unit.messages[0].event.body.find(store_.kept.begin()->first), std::string::npos);
    EXPECT_GT(store_.kept.begin()->second.size(), 3000u);
  }
  journal_.commit();
  server_.turn();
  ASSERT_EQ(a.sent.size(), 1u);
  EXPECT_EQ(a.sent[0].status, 200);
  EXPECT_EQ(a.sent[0].body, "qqq");
  const auto c = counts("hasty");
  EXPECT_EQ(c.verified, 1u);
  EXPECT_EQ(c.quarantined, 1u);
  EXPECT_EQ(c.accepted, 0u);
  EXPECT_EQ(corridor_.in_flight_bytes(), 0u);
}

TEST_F(corridor_test, asks_again_later_when_not_even_the_quarantine_record_fits) {
  journal_.refuse = submit_error::too_large;
  test::answer a;
  request("/in/hasty", "msg|k|c|t", a);
  turn_when_posted();
  EXPECT_EQ(a.sent.at(0).status, 503);
  EXPECT_EQ(counts("hasty").refused, 1u);
}

TEST_F(corridor_test, balances_when_the_journal_drops_what_waits) {
  test::answer a;
  request("/in/hasty", "msg|k|c|t", a);
  journal_.stop();
  EXPECT_TRUE(a.dropped) << "unanswered: the sender retries";
  const auto c = counts("hasty");
  EXPECT_EQ(c.verified, c.accepted + c.control + c.quarantined + c.refused + c.in_flight);
  EXPECT_EQ(c.in_flight, 0u);
}

TEST_F(corridor_test, stores_large_blobs_before_the_append) {
  test::answer a;
  request("/in/hasty", "file:300000|k|c|t", a);
  EXPECT_TRUE(journal_.queue.empty());
  turn_when_posted();
  ASSERT_EQ(journal_.queue.size(), 1u);
  {
    const std::lock_guard lock(store_.mutex);
    ASSERT_EQ(store_.kept.size(), 1u);
    EXPECT_EQ(store_.kept.begin()->second, std::string(300000, 'x'));
  }
  journal_.commit();
  server_.turn();
  EXPECT_EQ(a.sent.at(0).status, 200);
}

TEST_F(corridor_test, appends_nothing_whose_blob_is_not_there) {
  store_.fail = true;
  test::answer a;
  request("/in/hasty", "file:300000|k|c|t", a);
  turn_when_posted();
  EXPECT_TRUE(journal_.queue.empty());
  EXPECT_EQ(a.sent.at(0).status, 503);
  EXPECT_EQ(counts("hasty").refused, 1u);
}

TEST_F(corridor_test, takes_nothing_once_the_blob_store_is_broken) {
  store_.fail = true;
  store_.sync_failed = true;
  const auto refused = corridor_.admit(head("/in/once")).error();
  EXPECT_EQ(refused.status, 503);
  EXPECT_NE(refused.body.find("\"blob_store_broken\""), std::string::npos);
  EXPECT_EQ(refused.headers.at(0).first, "Retry-After");

  store_.sync_failed = false;
  const auto h = head("/in/hasty");
  auto admitted = corridor_.admit(h);
  ASSERT_TRUE(admitted);
  store_.sync_failed = true;
  test::answer a;
  corridor_.handle(
      std::make_unique<test::fake_responder>(net::request{h, {}, admitted->context}, "file:300000|k|c|t", a));
  turn_when_posted();
  EXPECT_EQ(a.sent.at(0).status, 503);
  EXPECT_NE(a.sent[0].body.find("\"blob_store_broken\""), std::string::npos);
  EXPECT_TRUE(journal_.queue.empty());
}

TEST_F(corridor_test, fetches_a_key_once_and_verifies_again) {
  headers_ = {{"X-Sign", "fetch"}};
  test::answer a;
  request("/in/hasty", "msg|k|c|t", a);
  ASSERT_EQ(web_.fetches.size(), 1u);
  EXPECT_EQ(web_.fetches[0].first, "https://keys.example/1");
  web_.kept.map["https://keys.example/1"] = "key";
  web_.fetches[0].second(true);
  server_.turn();
  ASSERT_EQ(journal_.queue.size(), 1u);
  journal_.commit();
  server_.turn();
  EXPECT_EQ(a.sent.at(0).status, 200);
}

TEST_F(corridor_test, answers_503_when_the_key_does_not_come) {
  headers_ = {{"X-Sign", "fetch"}};
  test::answer failed, useless;
  request("/in/hasty", "msg|k|c|t", failed);
  web_.fetches.at(0).second(false);
  server_.turn();
  EXPECT_EQ(failed.sent.at(0).status, 503);
  request("/in/hasty", "msg|k|c|t", useless);
  web_.fetches.at(1).second(true);  // says so, and the key is not there
  server_.turn();
  EXPECT_EQ(useless.sent.at(0).status, 503);
  EXPECT_EQ(web_.fetches.size(), 2u);
}

TEST_F(corridor_test, serves_nobody_before_it_is_told_and_after_it_stops) {
  corridor fresh{journal_, worker_, web_, base::real_clock(), probe_, {}};
  EXPECT_EQ(fresh.admit(head("/in/hasty")).error().status, 503);
  corridor_.stop_serving();
  EXPECT_EQ(corridor_.admit(head("/in/hasty")).error().status, 503);
}

TEST_F(corridor_test, finishes_a_request_with_the_source_that_it_began_with) {
  const auto h = head("/in/hasty");
  auto admitted = corridor_.admit(h);
  ASSERT_TRUE(admitted);
  sources_.clear();
  corridor_.swap(std::make_shared<source_table>(sources_, probe_));
  EXPECT_EQ(corridor_.admit(head("/in/hasty")).error().status, 404);
  test::answer a;
  corridor_.handle(std::make_unique<test::fake_responder>(net::request{h, {}, admitted->context}, "msg|k|c|t", a));
  journal_.commit();
  server_.turn();
  EXPECT_EQ(a.sent.at(0).status, 200);
}

}  // namespace
}  // namespace switchboard::app
