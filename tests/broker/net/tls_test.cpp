// TLS: what is spoken, whose certificates are believed, and how a new certificate is put in.
#include <gmock/gmock.h>

#include <thread>

#include "tests/broker/net/certificates.hpp"

namespace switchboard::net {
namespace {

using namespace testing;
using ::testing::HasSubstr;

struct world {
  scratch_directory files;
  certificate authority = make_certificate({.common_name = "Test CA", .authority = true});
  certificate server = make_certificate(
      {.common_name = "first", .usage = "serverAuth", .alternative_names = "IP:127.0.0.1"}, &authority);

  world() { install(server); }
  void install(const certificate& c) {
    files.write("server.pem", c.x509.get());
    files.write("server.key", c.key.get());
  }
  http_settings settings() {
    http_settings s;
    s.tls_files = http_settings::tls{files.path("server.pem"), files.path("server.key"), "", "", false};
    s.limits.tls_handshake = 1s;
    return s;
  }
};

// Clients of kiosks: their own authority, and everything that can be wrong with a certificate.
struct kiosks : world {
  certificate ca = make_certificate({.common_name = "Kiosk CA", .authority = true});
  certificate good = make_certificate({.common_name = "kiosk 1, Hà Nội", .usage = "clientAuth"}, &ca);
  certificate revoked = make_certificate({.common_name = "stolen", .usage = "clientAuth"}, &ca);
  certificate expired = make_certificate({.common_name = "old", .usage = "clientAuth", .from = -2h, .until = -1h}, &ca);
  certificate future = make_certificate({.common_name = "new", .usage = "clientAuth", .from = 1h, .until = 2h}, &ca);
  certificate wrong_usage = make_certificate({.common_name = "server", .usage = "serverAuth"}, &ca);
  certificate stranger = make_certificate({.common_name = "stranger", .usage = "clientAuth"}, &authority);
  certificate self_signed = make_certificate({.common_name = "self", .usage = "clientAuth"});
  certificate by_a_leaf = make_certificate({.common_name = "leaf of a leaf", .usage = "clientAuth"}, &good);

  kiosks() {
    files.write("ca.pem", ca.x509.get());
    files.write("crl.pem", make_revocation_list(ca, {&revoked}).get());
  }
  http_settings settings(bool required, bool with_list = true) {
    auto s = world::settings();
    s.tls_files->client_ca_file = files.path("ca.pem");
    if (with_list) s.tls_files->client_crl_file = files.path("crl.pem");
    s.tls_files->require_client = required;
    return s;
  }
};

// What a reload of the configuration does.
std::expected<void, tls_problem> reload(test_server& s, const http_settings& settings) {
  auto loaded = load_tls(*settings.tls_files);
  if (!loaded) return std::unexpected(loaded.error());
  s.server->use_tls(std::move(*loaded));
  return {};
}

double failures(const test_server& s, handshake_failure f) {
  return s.probe.handshake_failures[static_cast<std::size_t>(f)]->Value();
}

TEST(tls, serves_over_both_versions) {
  world w;
  test_server s(w.settings());
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    tls_client c(s.port(), {.trusted = &w.authority, .max_version = version, .protocols = {"h2", "http/1.1"}});
    ASSERT_TRUE(c.connected());
    EXPECT_EQ(c.version(), version);
    EXPECT_EQ(c.protocol(), "http/1.1");
    for (const std::size_t size : {5u, 50'000u}) {
      const auto answer = c.ask(post_request(std::string(size, 'x')));
      ASSERT_TRUE(answer);
      EXPECT_EQ(answer->body, std::string(size, 'x'));
    }
    EXPECT_EQ(s.handler.seen().back().scheme, "https");
  }
}

TEST(tls, refuses_old_versions_and_other_protocols) {
  world w;
  test_server s(w.settings());
  EXPECT_FALSE(tls_client(s.port(), {.max_version = TLS1_1_VERSION}).connected());
  EXPECT_FALSE(tls_client(s.port(), {.protocols = {"h2"}}).connected());
  client plain(s.port());
  plain.send(post_request("x"));
  EXPECT_TRUE(plain.closed_by_peer());
  EXPECT_TRUE(eventually([&] { return failures(s, handshake_failure::protocol) == 3; }));
  EXPECT_EQ(s.handler.count(), 0u);
}

TEST(tls, says_goodbye_before_it_closes) {
  world w;
  test_server s(w.settings());
  tls_client c(s.port());
  ASSERT_TRUE(c.ask("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
  EXPECT_TRUE(c.closed_by_peer(true));
  tls_client refused(s.port());
  const auto answer = refused.ask("GET / HTTP/1.1\r\n\r\n" + std::string(100'000, 'x'));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->code(), "missing_host");
  EXPECT_TRUE(refused.closed_by_peer(true));
}

TEST(tls, a_handshake_has_a_deadline) {
  world w;
  test_server s(w.settings());
  client silent(s.port()), slow(s.port());
  slow.send(std::string_view("\x16\x03\x01\x02\x00", 5));
  EXPECT_TRUE(silent.closed_by_peer());
  EXPECT_TRUE(slow.closed_by_peer());
  EXPECT_EQ(s.hit(deadline::tls_handshake), 2);
}

TEST(tls, deadlines_hold_after_the_handshake_too) {
  world w;
  auto settings = w.settings();
  settings.limits.header = settings.limits.body = settings.limits.idle = 1s;
  test_server s(settings);
  tls_client header(s.port()), idle(s.port());
  ASSERT_TRUE(idle.ask(post_request("")));
  const auto late_header = header.ask("GET / HT");
  ASSERT_TRUE(late_header);
  EXPECT_EQ(late_header->code(), "header_timeout");
  tls_client body(s.port());
  const auto late_body = body.ask("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhel");
  ASSERT_TRUE(late_body);
  EXPECT_EQ(late_body->code(), "body_timeout");
  EXPECT_TRUE(idle.closed_by_peer(true));
}

TEST(tls, resumes_sessions) {
  world w;
  test_server s(w.settings());
  tls_client first(s.port());
  ASSERT_TRUE(first.ask(post_request("")));
  const auto session = first.session();
  tls_client second(s.port(), {.resume = session.get()});
  EXPECT_TRUE(second.resumed());
  EXPECT_TRUE(second.ask(post_request("")));
}

TEST(tls, a_reload_serves_the_new_certificate_and_keeps_old_connections) {
  world w;
  test_server s(w.settings());
  tls_client before(s.port());
  EXPECT_EQ(before.server_name(), "first");
  ASSERT_TRUE(before.ask(post_request("one")));

  const auto second = make_certificate({.common_name = "second", .usage = "serverAuth"}, &w.authority);
  w.install(second);
  ASSERT_TRUE(reload(s, w.settings()));
  tls_client after(s.port());
  EXPECT_EQ(after.server_name(), "second");
  for (tls_client* c : {&before, &after}) {
    const auto answer = c->ask(post_request("two"));
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->body, "two");
  }
}

TEST(tls, a_reload_that_fails_keeps_what_was) {
  world w;
  test_server s(w.settings());
  w.files.write("server.key", w.authority.key.get());
  auto result = reload(s, w.settings());
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().file, tls_file::key);
  EXPECT_THAT(result.error().message, HasSubstr("server.key"));
  w.files.write("server.pem", "nonsense");
  result = reload(s, w.settings());
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().file, tls_file::certificate);
  EXPECT_THAT(result.error().message, HasSubstr("cannot read the certificate from"));
  tls_client c(s.port());
  EXPECT_EQ(c.server_name(), "first");
  EXPECT_TRUE(c.ask(post_request("")));
}

TEST(tls, reloads_under_load_drop_nothing) {
  world w;
  auto settings = w.settings();
  settings.threads = 2;
  settings.limits.tls_handshake = 10s;
  test_server s(settings);
  std::atomic<bool> done = false;
  std::atomic<int> good = 0, bad = 0;
  std::vector<std::jthread> callers;
  for (int i = 0; i < 3; ++i)
    callers.emplace_back([&] {
      while (!done) {
        tls_client c(s.port());
        for (int n = 0; n < 5; ++n) c.ask(post_request("x")) ? ++good : ++bad;
      }
    });
  for (int i = 0; i < 20; ++i) {
    w.install(make_certificate({.common_name = std::to_string(i), .usage = "serverAuth"}, &w.authority));
    EXPECT_TRUE(reload(s, w.settings()));
    const int reached = good;
    EXPECT_TRUE(eventually([&] { return good > reached + 5; }));
  }
  done = true;
  callers.clear();
  EXPECT_EQ(bad, 0);
}

TEST(tls, start_says_which_file_is_wrong) {
  kiosks w;
  prometheus::Registry registry;
  probe metrics(registry);
  test_handler handler;
  const auto error = [&](auto change) {
    auto settings = w.settings(true);
    change(*settings.tls_files);
    const auto started = http_server::start(settings, handler, metrics);
    return started ? std::string() : started.error();
  };
  EXPECT_EQ(error([](auto&) {}), "");
  EXPECT_THAT(error([](auto& t) { t.certificate_file = "/nowhere.pem"; }), HasSubstr("certificate from /nowhere.pem"));
  EXPECT_THAT(error([](auto& t) { t.key_file = "/nowhere.key"; }), HasSubstr("private key from /nowhere.key"));
  EXPECT_THAT(error([](auto& t) { t.client_ca_file = "/nowhere.ca"; }), HasSubstr("authorities from /nowhere.ca"));
  EXPECT_THAT(error([](auto& t) { t.client_crl_file = "/nowhere.crl"; }),
              HasSubstr("revocation lists from /nowhere.crl"));
  EXPECT_THAT(error([](auto& t) { t.client_ca_file.clear(); }), HasSubstr("set client_ca_file"));
}

TEST(client_certificates, name_the_client) {
  kiosks w;
  test_server s(w.settings(true));
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    tls_client c(s.port(), {.own = &w.good, .max_version = version});
    ASSERT_TRUE(c.ask(post_request("")));
    EXPECT_EQ(s.handler.seen().back().client_certificate, "CN=kiosk 1\\, Hà Nội,O=Test");
  }
}

TEST(client_certificates, that_are_not_in_order_are_refused) {
  kiosks w;
  for (const bool required : {true, false}) {
    test_server s(w.settings(required));
    double refused = 0;
    for (const auto* own :
         {&w.revoked, &w.expired, &w.future, &w.wrong_usage, &w.stranger, &w.self_signed, &w.by_a_leaf})
      for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        tls_client c(s.port(), {.own = own, .max_version = version});
        EXPECT_FALSE(c.ask(post_request("")));
        ++refused;
      }
    EXPECT_TRUE(eventually([&] { return failures(s, handshake_failure::client_certificate) == refused; }));
    EXPECT_EQ(s.handler.count(), 0u);
    EXPECT_TRUE(tls_client(s.port(), {.own = &w.good}).ask(post_request("")));
  }
}

TEST(client_certificates, may_be_required_or_not) {
  kiosks w;
  test_server required(w.settings(true)), optional(w.settings(false));
  EXPECT_FALSE(tls_client(required.port()).ask(post_request("")));
  EXPECT_TRUE(eventually([&] { return failures(required, handshake_failure::client_certificate) == 1; }));
  EXPECT_TRUE(tls_client(optional.port()).ask(post_request("")));
  EXPECT_EQ(optional.handler.seen().at(0).client_certificate, "");
}

TEST(client_certificates, revoked_since_are_refused_after_a_reload) {
  kiosks w;
  test_server s(w.settings(true));
  tls_client before(s.port(), {.own = &w.good});
  ASSERT_TRUE(before.ask(post_request("")));
  const auto session = before.session();
  w.files.write("crl.pem", make_revocation_list(w.ca, {&w.revoked, &w.good}).get());
  ASSERT_TRUE(reload(s, w.settings(true)));
  EXPECT_FALSE(tls_client(s.port(), {.own = &w.good}).ask(post_request("")));
  EXPECT_FALSE(tls_client(s.port(), {.own = &w.good, .resume = session.get()}).ask(post_request("")));
}

TEST(client_certificates, are_verified_at_every_handshake) {
  kiosks w;
  test_server s(w.settings(true));
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    tls_client first(s.port(), {.own = &w.good, .max_version = version});
    ASSERT_TRUE(first.ask(post_request("")));
    const auto session = first.session();
    tls_client second(s.port(), {.own = &w.good, .max_version = version, .resume = session.get()});
    EXPECT_TRUE(second.ask(post_request("")));
    EXPECT_FALSE(second.resumed());
  }
}

TEST(client_certificates, are_refused_when_the_revocation_list_is_out_of_date) {
  kiosks w;
  w.files.write("crl.pem", make_revocation_list(w.ca, {}, -1h).get());
  test_server s(w.settings(true));
  EXPECT_FALSE(tls_client(s.port(), {.own = &w.good}).ask(post_request("")));
}

TEST(client_certificates, need_no_revocation_list) {
  kiosks w;
  test_server s(w.settings(true, false));
  EXPECT_TRUE(tls_client(s.port(), {.own = &w.good}).ask(post_request("")));
  EXPECT_FALSE(tls_client(s.port(), {.own = &w.expired}).ask(post_request("")));
}

}  // namespace
}  // namespace switchboard::net
