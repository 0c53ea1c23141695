// Whom forwarding headers are believed from, and the addresses behind that.
#include "broker/net/proxies.hpp"

#include <gmock/gmock.h>

#include "broker/net/address.hpp"
#include "tests/broker/net/support.hpp"

namespace switchboard::net {
namespace {

using namespace testing;

struct proxy_case {
  std::string_view name, peer;
  std::vector<connectors::header> fields;
  std::string_view caller, scheme = "http", host = "own.example";
};

TEST(proxies, are_believed_only_when_they_are_ours) {
  const std::vector<std::string> ranges{"10.0.0.0/8", "192.0.2.7", "fd00::/8"};
  const auto proxies = *proxy_list::parse(ranges);
  const proxy_case cases[] = {
      {"direct", "198.51.100.1", {}, "198.51.100.1"},
      {"direct, forging",
       "198.51.100.1",
       {{"X-Forwarded-For", "203.0.113.9"}, {"X-Forwarded-Proto", "https"}, {"X-Forwarded-Host", "evil"}},
       "198.51.100.1"},
      {"next to a range", "11.0.0.1", {{"X-Forwarded-For", "203.0.113.9"}}, "11.0.0.1"},
      {"one proxy", "10.1.2.3", {{"X-Forwarded-For", "203.0.113.9"}}, "203.0.113.9"},
      {"a proxy by v6", "fd12::1", {{"X-Forwarded-For", "203.0.113.9"}}, "203.0.113.9"},
      {"a proxy by mapped v4", "::ffff:10.1.2.3", {{"X-Forwarded-For", "203.0.113.9"}}, "203.0.113.9"},
      {"a single trusted address", "192.0.2.7", {{"x-forwarded-for", "203.0.113.9"}}, "203.0.113.9"},
      {"the neighbour of a single trusted address", "192.0.2.8", {{"X-Forwarded-For", "203.0.113.9"}}, "192.0.2.8"},
      {"a chain of ours", "10.1.2.3", {{"X-Forwarded-For", "203.0.113.9, 10.9.9.9, 192.0.2.7"}}, "203.0.113.9"},
      {"what the caller wrote himself",
       "10.1.2.3",
       {{"X-Forwarded-For", "1.1.1.1, 10.0.0.1, 203.0.113.9"}},
       "203.0.113.9"},
      {"over several fields",
       "10.1.2.3",
       {{"X-Forwarded-For", "1.1.1.1"}, {"X-Forwarded-For", "203.0.113.9, 10.0.0.2"}},
       "203.0.113.9"},
      {"only ours", "10.1.2.3", {{"X-Forwarded-For", "10.0.0.4, 10.0.0.5"}}, "10.0.0.4"},
      {"unreadable", "10.1.2.3", {{"X-Forwarded-For", "203.0.113.9, unknown"}}, "10.1.2.3"},
      {"unreadable behind ours", "10.1.2.3", {{"X-Forwarded-For", "203.0.113.9, _hidden, 10.0.0.4"}}, "10.0.0.4"},
      {"a hole", "10.1.2.3", {{"X-Forwarded-For", "203.0.113.9,, 10.0.0.4"}}, "10.0.0.4"},
      {"empty", "10.1.2.3", {{"X-Forwarded-For", ""}}, "10.1.2.3"},
      {"with a port", "10.1.2.3", {{"X-Forwarded-For", "203.0.113.9:4711"}}, "203.0.113.9"},
      {"v6", "10.1.2.3", {{"X-Forwarded-For", "2a00:1450::1"}}, "2a00:1450::1"},
      {"v6 with a port", "10.1.2.3", {{"X-Forwarded-For", "[2a00:1450::1]:4711"}}, "2a00:1450::1"},
      {"scheme", "10.1.2.3", {{"X-Forwarded-Proto", "https"}}, "10.1.2.3", "https"},
      {"scheme of the last", "10.1.2.3", {{"X-Forwarded-Proto", "https, http"}}, "10.1.2.3", "http"},
      {"scheme of the last field",
       "10.1.2.3",
       {{"X-Forwarded-Proto", "http"}, {"X-Forwarded-Proto", "HTTPS"}},
       "10.1.2.3",
       "https"},
      {"scheme unknown", "10.1.2.3", {{"X-Forwarded-Proto", "gopher"}}, "10.1.2.3", "http"},
      {"host", "10.1.2.3", {{"X-Forwarded-Host", "public.example:8443"}}, "10.1.2.3", "http", "public.example:8443"},
      {"host of the last",
       "10.1.2.3",
       {{"X-Forwarded-Host", "evil.example, public.example"}},
       "10.1.2.3",
       "http",
       "public.example"},
      {"host malformed", "10.1.2.3", {{"X-Forwarded-Host", "a/b"}}, "10.1.2.3", "http", "own.example"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const auto found = proxies.find_caller(*ip_address::parse(c.peer), false, "own.example", c.fields);
    EXPECT_EQ(found.peer.to_string(), c.caller);
    EXPECT_EQ(found.scheme, c.scheme);
    EXPECT_EQ(found.host, c.host);
  }
}

TEST(proxies, are_asked_per_request) {
  http_settings settings;
  settings.trusted_proxies = {"127.0.0.0/8"};
  test_server s(settings);
  client c(s.port());
  c.send(post_request(
             "", "X-Forwarded-For: 203.0.113.9\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: public.example\r\n") +
         post_request(""));
  ASSERT_TRUE(c.receive() && c.receive());
  const auto seen = s.handler.seen();
  EXPECT_EQ(seen.at(0).peer, "203.0.113.9");
  EXPECT_EQ(seen.at(0).scheme, "https");
  EXPECT_EQ(seen.at(0).host, "public.example");
  EXPECT_EQ(seen.at(1).peer, "127.0.0.1");
  EXPECT_EQ(seen.at(1).scheme, "http");
  EXPECT_EQ(seen.at(1).host, "broker.example");
  EXPECT_EQ(seen.at(0).header("x-forwarded-for"), "203.0.113.9");
}

TEST(addresses, are_read_and_written) {
  EXPECT_EQ(ip_address::parse("192.0.2.1")->to_string(), "192.0.2.1");
  EXPECT_EQ(ip_address::parse("2001:DB8:0:0::1")->to_string(), "2001:db8::1");
  EXPECT_EQ(ip_address::parse("::ffff:192.0.2.1"), ip_address::parse("192.0.2.1"));
  for (const std::string_view bad :
       {"", "192.0.2", "192.0.2.256", "192.0.2.1.1", "0x7f.0.0.1", "127.1", "[::1]", "::1%eth0", ":::", "localhost",
        "1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb:cccc"})
    EXPECT_FALSE(ip_address::parse(bad)) << bad;
  EXPECT_FALSE(ip_address::parse(std::string_view("127.0.0.1\0", 10)));
}

TEST(addresses, of_one_v6_network_are_counted_together) {
  EXPECT_EQ(ip_address::parse("2a00:1:2:3::1")->counted(), ip_address::parse("2a00:1:2:3:ffff::9")->counted());
  EXPECT_NE(ip_address::parse("2a00:1:2:3::1")->counted(), ip_address::parse("2a00:1:2:4::1")->counted());
  EXPECT_NE(ip_address::parse("192.0.2.1")->counted(), ip_address::parse("192.0.2.2")->counted());
}

TEST(ranges, hold_what_lies_in_them) {
  struct {
    std::string_view range, address;
    bool inside;
  } const cases[] = {
      {"10.0.0.0/8", "10.255.255.255", true},
      {"10.0.0.0/8", "11.0.0.0", false},
      {"0.0.0.0/0", "255.1.2.3", true},
      {"0.0.0.0/0", "2a00::1", false},
      {"192.0.2.64/26", "192.0.2.127", true},
      {"192.0.2.64/26", "192.0.2.128", false},
      {"192.0.2.1", "192.0.2.1", true},
      {"192.0.2.1", "192.0.2.0", false},
      {"fd00::/8", "fdff::1", true},
      {"fd00::/8", "fe00::1", false},
      {"::/0", "10.0.0.1", true},
      {"::1", "::1", true},
      {"2001:db8::/33", "2001:db8:7fff::", true},
      {"2001:db8::/33", "2001:db8:8000::", false},
  };
  for (const auto& c : cases) {
    const auto range = ip_range::parse(c.range);
    ASSERT_TRUE(range) << c.range;
    EXPECT_EQ(range->contains(*ip_address::parse(c.address)), c.inside) << c.range << " " << c.address;
  }
  for (const std::string_view bad :
       {"", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8x", "::/129", "ten/8", "10.0.0.0/8/8"})
    EXPECT_FALSE(ip_range::parse(bad)) << bad;
}

TEST(internal_addresses, are_those_no_stranger_may_send_us_to) {
  for (const std::string_view a :
       {"0.0.0.0",       "127.0.0.1",       "127.255.0.1", "10.0.0.1",         "172.16.0.1",      "172.31.255.255",
        "192.168.1.1",   "169.254.169.254", "100.64.0.1",  "192.0.0.1",        "192.0.2.1",       "198.18.0.1",
        "198.51.100.1",  "203.0.113.1",     "224.0.0.1",   "240.0.0.1",        "255.255.255.255", "::",
        "::1",           "fe80::1",         "fc00::1",     "fd00:ec2::254",    "ff02::1",         "64:ff9b::a00:1",
        "2002:7f00:1::", "2001::1",         "2001:db8::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1"})
    EXPECT_TRUE(is_internal(*ip_address::parse(a))) << a;
  for (const std::string_view a :
       {"1.1.1.1", "172.15.255.255", "172.32.0.1", "100.63.255.255", "100.128.0.1", "9.255.255.255", "192.167.1.1",
        "223.255.255.255", "2a00:1450:4001::1", "2606:4700::1111", "::ffff:1.1.1.1"})
    EXPECT_FALSE(is_internal(*ip_address::parse(a))) << a;
}

}  // namespace
}  // namespace switchboard::net
