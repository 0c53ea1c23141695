#include "broker/app/admin.hpp"

#include <gtest/gtest.h>

#include "tests/broker/app/fakes.hpp"

namespace switchboard::app {
namespace {

class fixed_overview final : public overview {
 public:
  std::vector<finding> health() const override {
    return {{"journal", journal_turns, journal_turns ? "" : "the loop does not turn"}};
  }
  std::vector<finding> readiness() const override {
    return {{"serving", true, ""}, {"journal", writable, writable ? "" : "it is \"full\""}};
  }
  std::string metrics() const override { return "a_metric 1\n"; }
  std::string status() const override { return "{\"version\":\"1\"}\n"; }
  bool journal_turns = true, writable = true;
};

const std::string sha = std::string(64, 'a');
const std::string reference = "acme/20261122/" + sha;

class admin_test : public testing::Test {
 protected:
  admin_test() {
    admin_.set_tokens({{"acme", "token-of-acme"}, {"other", "token-of-other"}});
    store_.kept[reference] = "0123456789";
  }
  net::http_response get(std::string_view target, std::vector<connectors::header> headers = {},
                         std::string_view method = "GET") {
    net::request_head head{method, target, headers, "127.0.0.1", "http", {}, "localhost"};
    auto admitted = admin_.admit(head);
    if (!admitted) return admitted.error();
    test::answer a;
    admin_.handle(std::make_unique<test::fake_responder>(net::request{head, {}, nullptr}, "", a));
    auto response = a.sent.at(0);
    if (response.streamed) {
      response.body.resize(response.streamed->size());
      EXPECT_TRUE(response.streamed->read(0, response.body));
    }
    return response;
  }
  static std::string header(const net::http_response& r, std::string_view name) {
    for (const auto& [n, v] : r.headers)
      if (n == name) return v;
    return {};
  }
  net::http_response blob(std::string_view range = {}, std::string_view token = "Bearer token-of-acme") {
    std::vector<connectors::header> headers{{"authorization", token}};
    if (!range.empty()) headers.push_back({"Range", range});
    return get("/blobs/" + reference, headers);
  }

  fixed_overview overview_;
  test::fake_store store_;
  admin admin_{overview_, store_};
};

TEST_F(admin_test, tells_health_and_readiness_with_reasons) {
  EXPECT_EQ(get("/healthz").status, 200);
  EXPECT_EQ(
      get("/readyz").body,
      "{\"status\":\"ready\",\"checks\":[{\"name\":\"serving\",\"ok\":true},{\"name\":\"journal\",\"ok\":true}]}\n");
  overview_.writable = false;
  const auto r = get("/readyz?verbose");
  EXPECT_EQ(r.status, 503);
  EXPECT_EQ(r.body,
            "{\"status\":\"failing\",\"checks\":[{\"name\":\"serving\",\"ok\":true},{\"name\":\"journal\",\"ok\":false,"
            "\"reason\":\"it is \\\"full\\\"\"}]}\n");
  EXPECT_EQ(get("/healthz").status, 200) << "a full journal is no reason to restart";
  overview_.journal_turns = false;
  EXPECT_EQ(get("/healthz").status, 503);
}

TEST_F(admin_test, shows_metrics_status_and_schemas) {
  EXPECT_EQ(get("/metrics").body, "a_metric 1\n");
  EXPECT_TRUE(get("/metrics").content_type.starts_with("text/plain; version=0.0.4"));
  EXPECT_EQ(get("/status").body, "{\"version\":\"1\"}\n");
  const auto schema = get("/schemas/contact.message.received.v1.json");
  EXPECT_EQ(schema.status, 200);
  EXPECT_EQ(schema.content_type, "application/schema+json");
  EXPECT_NE(schema.body.find("$schema"), std::string::npos);
  for (const auto* name : {"/schemas/", "/schemas/nothing.json", "/schemas/../../etc/passwd"})
    EXPECT_EQ(get(name).status, 404) << name;
  EXPECT_EQ(header(schema, "X-Content-Type-Options"), "nosniff");
}

TEST_F(admin_test, is_for_reading) {
  const auto r = get("/metrics", {}, "POST");
  EXPECT_EQ(r.status, 405);
  EXPECT_EQ(header(r, "Allow"), "GET, HEAD");
  EXPECT_EQ(get("/").status, 404);
}

TEST_F(admin_test, gives_attachments_in_ranges) {
  const auto part = blob("bytes=2-4");
  EXPECT_EQ(part.status, 206);
  EXPECT_EQ(part.body, "234");
  EXPECT_EQ(header(part, "Content-Range"), "bytes 2-4/10");
  EXPECT_EQ(header(part, "Content-Disposition"), "attachment; filename=\"" + sha + "\"");
  EXPECT_EQ(header(part, "X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(part.content_type, "application/octet-stream");
  EXPECT_EQ(blob("bytes=-3").body, "789");
  EXPECT_EQ(blob("bytes=8-100").body, "89");
  const auto past = blob("bytes=10-");
  EXPECT_EQ(past.status, 416);
  EXPECT_EQ(header(past, "Content-Range"), "bytes */10");
  EXPECT_EQ(blob().status, 200);
  EXPECT_EQ(blob().body, "0123456789");
  EXPECT_EQ(blob("bytes=0-1,3-4").status, 200) << "several ranges are ignored";
}

TEST_F(admin_test, gives_attachments_only_to_their_tenant) {
  for (const auto* token : {"", "Bearer", "Bearer ", "Bearer token-of-other", "Basic token-of-acme",
                            "Bearer token-of-acme2", "Bearer token-of-acm"}) {
    const auto r = blob({}, token);
    EXPECT_EQ(r.status, 401) << token;
    EXPECT_FALSE(header(r, "WWW-Authenticate").empty());
  }
  EXPECT_EQ(get("/blobs/" + reference).status, 401);
  EXPECT_EQ(get("/blobs/other/../" + reference, {{"Authorization", "Bearer token-of-other"}}).status, 404);
  EXPECT_EQ(get("/blobs/acme/20261122/" + std::string(64, 'b'), {{"Authorization", "Bearer token-of-acme"}}).status,
            404);
  admin_.set_tokens({{"acme", "rotated"}});
  EXPECT_EQ(blob().status, 401);
}

struct range_case {
  const char* header;
  std::uint64_t size;
  bool found, unsatisfiable;
  std::uint64_t first, last;
};
class ranges : public testing::TestWithParam<range_case> {};
TEST_P(ranges, are_read_as_the_standard_says) {
  const auto& c = GetParam();
  bool unsatisfiable = false;
  const auto r = parse_range(c.header, c.size, unsatisfiable);
  EXPECT_EQ(r.has_value(), c.found);
  EXPECT_EQ(unsatisfiable, c.unsatisfiable);
  if (r) {
    EXPECT_EQ(r->first, c.first);
    EXPECT_EQ(r->last, c.last);
  }
}
INSTANTIATE_TEST_SUITE_P(
    table, ranges,
    testing::Values(range_case{"bytes=0-0", 1, true, false, 0, 0}, range_case{"bytes=0-", 5, true, false, 0, 4},
                    range_case{"bytes=-9", 5, true, false, 0, 4}, range_case{"bytes=-0", 5, false, true, 0, 0},
                    range_case{"bytes=5-", 5, false, true, 0, 0}, range_case{"bytes=3-2", 5, false, false, 0, 0},
                    range_case{"bytes=x-", 5, false, false, 0, 0}, range_case{"items=0-1", 5, false, false, 0, 0},
                    range_case{"bytes=99999999999999999999-", 5, false, false, 0, 0},
                    range_case{"bytes=-1", 0, false, true, 0, 0}, range_case{"", 5, false, false, 0, 0},
                    range_case{"bytes=-", 5, false, false, 0, 0}));

}  // namespace
}  // namespace switchboard::app
