// Bytes in, status out: what the server takes and what it refuses, as a table over real sockets.
#include "broker/net/refusal.hpp"

#include <gmock/gmock.h>

#include "tests/broker/net/support.hpp"

namespace switchboard::net {
namespace {

using namespace testing;
using namespace std::string_literals;

struct raw_case {
  std::string name, bytes;
  int status = 0;
  std::string code;                 // of the error; empty: taken
  std::string body = "";            // what the handler saw, where it was taken
  std::string target = "/in/test";  // likewise
};

std::string get(std::string_view headers) { return "GET /in/test HTTP/1.1\r\n" + std::string(headers) + "\r\n"; }
std::string post(std::string_view headers, std::string_view body) {
  return "POST /in/test HTTP/1.1\r\nHost: a\r\n" + std::string(headers) + "\r\n" + std::string(body);
}
std::string repeated(std::string_view text, std::size_t times) {
  std::string result;
  for (std::size_t i = 0; i < times; ++i) result += text;
  return result;
}
const std::string chunked = "Transfer-Encoding: chunked\r\n";

std::vector<raw_case> taken() {
  return {
      {"get", get("Host: a\r\n"), 200, ""},
      {"post with length", post("Content-Length: 5\r\n", "hello"), 200, "", "hello"},
      {"length zero", post("Content-Length: 0\r\n", ""), 200, ""},
      {"length with leading zeros", post("Content-Length: 0005\r\n", "hello"), 200, "", "hello"},
      {"length with blanks around", post("Content-Length: \t 5 \t\r\n", "hello"), 200, "", "hello"},
      {"no blank after colon", post("Content-Length:5\r\n", "hello"), 200, "", "hello"},
      {"chunked", post(chunked, "5\r\nhello\r\n0\r\n\r\n"), 200, "", "hello"},
      {"chunked in capitals", post("TRANSFER-ENCODING: CHUNKED\r\n", "5\r\nhello\r\n0\r\n\r\n"), 200, "", "hello"},
      {"chunked, several", post(chunked, "1\r\nh\r\n003\r\nell\r\n1\r\no\r\n00\r\n\r\n"), 200, "", "hello"},
      {"chunked, hex in both cases", post(chunked, "A\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n"), 200, "",
       "01234567890123456789"},
      {"chunked, small extensions", post(chunked, "5;a=b;c=\"d e\"\r\nhello\r\n0;x\r\n\r\n"), 200, "", "hello"},
      {"chunked, empty", post(chunked, "0\r\n\r\n"), 200, ""},
      {"identity is no encoding", post("Content-Encoding: identity\r\nContent-Length: 1\r\n", "x"), 200, "", "x"},
      {"http 1.0 without host", "POST /in/test HTTP/1.0\r\nContent-Length: 2\r\n\r\nhi", 200, "", "hi"},
      {"empty line before the request", "\r\n" + get("Host: a\r\n"), 200, ""},
      {"host with port", get("Host: a.example:8443\r\n"), 200, ""},
      {"host v6", get("Host: [2001:db8::1]:8443\r\n"), 200, ""},
      {"latin-1 in a value", get("Host: a\r\nX-Name: caf\xe9\r\n"), 200, ""},
      {"empty value", get("Host: a\r\nX-Empty:\r\n"), 200, ""},
      {"a hundred fields", get("Host: a\r\n" + repeated("X: y\r\n", 99)), 200, ""},
      {"options star", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 200, "", "", "*"},
      {"odd but valid target", "GET /in/a%20b;c,d?e=f&[g]=%F0|^ HTTP/1.1\r\nHost: a\r\n\r\n", 200, "", "",
       "/in/a%20b;c,d?e=f&[g]=%F0|^"},
      {"longest target", "GET /" + std::string(8191, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n", 200, "", "",
       "/" + std::string(8191, 'a')},
      {"upgrade is ignored", get("Host: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n"), 200, ""},
      {"delete with body", "DELETE /in/test HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx", 200, "", "x"},
      {"get with body", "GET /in/test HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx", 200, "", "x"},
  };
}

std::vector<raw_case> refused() {
  const std::string nul(1, '\0');
  return {
      // lengths and codings on which two readers could disagree
      {"gzip coding with length", post("Transfer-Encoding: gzip\r\nContent-Length: 3\r\n", "abc"), 400,
       "ambiguous_length"},
      {"length, then gzip coding", post("Content-Length: 3\r\nTransfer-Encoding: gzip\r\n", "abc"), 400,
       "ambiguous_length"},
      {"chunked with length", post("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400,
       "ambiguous_length"},
      {"length after chunked", post("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n", "0\r\n\r\n"), 400,
       "ambiguous_length"},
      {"gzip coding", post("Transfer-Encoding: gzip\r\n", ""), 501, "unsupported_transfer_encoding"},
      {"xchunked", post("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"), 501, "unsupported_transfer_encoding"},
      {"chunked with a tail", post("Transfer-Encoding: chunked;q=1\r\n", "0\r\n\r\n"), 501,
       "unsupported_transfer_encoding"},
      {"quoted chunked", post("Transfer-Encoding: \"chunked\"\r\n", "0\r\n\r\n"), 501, "unsupported_transfer_encoding"},
      {"chunked, identity", post("Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\n"), 400,
       "bad_transfer_encoding"},
      {"gzip, chunked", post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"), 400, "bad_transfer_encoding"},
      {"chunked twice in one", post("Transfer-Encoding: chunked, chunked\r\n", "0\r\n\r\n"), 400,
       "bad_transfer_encoding"},
      {"chunked twice", post(chunked + chunked, "0\r\n\r\n"), 400, "bad_transfer_encoding"},
      {"identity, then chunked", post("Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
       400, "bad_transfer_encoding"},
      {"empty coding", post("Transfer-Encoding:\r\n", ""), 400, "bad_transfer_encoding"},
      {"http 1.0 chunked", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400,
       "bad_transfer_encoding"},
      {"coding with a blank before the colon", post("Transfer-Encoding : chunked\r\n", "0\r\n\r\n"), 400,
       "malformed_header"},
      {"coding with a tab before the colon", post("Transfer-Encoding\t: chunked\r\n", "0\r\n\r\n"), 400,
       "malformed_header"},
      {"coding behind a vertical tab", post("Transfer-Encoding:\vchunked\r\n", "0\r\n\r\n"), 400,
       "forbidden_character"},
      {"negative length", post("Content-Length: -1\r\n", ""), 400, "bad_content_length"},
      {"signed length", post("Content-Length: +5\r\n", "hello"), 400, "bad_content_length"},
      {"hex length", post("Content-Length: 0x5\r\n", "hello"), 400, "bad_content_length"},
      {"fractional length", post("Content-Length: 5.0\r\n", "hello"), 400, "bad_content_length"},
      {"empty length", post("Content-Length:\r\n", ""), 400, "bad_content_length"},
      {"length with inner blank", post("Content-Length: 1 5\r\n", "hello"), 400, "bad_content_length"},
      {"overflowing length", post("Content-Length: 18446744073709551621\r\n", "hello"), 400, "bad_content_length"},
      {"longest length", post("Content-Length: 18446744073709551615\r\n", "hello"), 400, "bad_content_length"},
      {"endless length", post("Content-Length: " + std::string(400, '9') + "\r\n", "hello"), 400, "bad_content_length"},
      {"length twice, different", post("Content-Length: 5\r\nContent-Length: 6\r\n", "hello"), 400,
       "bad_content_length"},
      {"length twice, equal", post("Content-Length: 5\r\nContent-Length: 5\r\n", "hello"), 400, "bad_content_length"},
      {"length as a list", post("Content-Length: 5, 5\r\n", "hello"), 400, "bad_content_length"},
      {"length as a list with a hole", post("Content-Length: 5,\r\n", "hello"), 400, "bad_content_length"},
      // the body's chunks
      {"trailer", post(chunked, "0\r\nAuthorization: Bearer x\r\n\r\n"), 400, "trailers"},
      {"trailer after data", post(chunked, "1\r\nx\r\n0\r\nX-Forwarded-For: 192.0.2.1\r\n\r\n"), 400, "trailers"},
      {"two megabytes of trailers", post(chunked, "0\r\n" + repeated("X: " + std::string(1000, 'y') + "\r\n", 2000)),
       400, "trailers"},
      {"four megabytes of extension", post(chunked, "1;" + std::string(4 << 20, 'x') + "\r\nx\r\n0\r\n\r\n"), 400,
       "chunk_extensions_too_large"},
      {"two kilobytes of extension", post(chunked, "1;" + std::string(2048, 'x') + "\r\nx\r\n0\r\n\r\n"), 400,
       "chunk_extensions_too_large"},
      {"extension in every chunk", post(chunked, repeated("1;xxxxxxxx\r\nx\r\n", 200) + "0\r\n\r\n"), 400,
       "chunk_extensions_too_large"},
      {"line feed in an extension", post(chunked, "1;a=\"\n\"\r\nx\r\n0\r\n\r\n"), 400, "malformed_chunk"},
      {"quote left open in an extension", post(chunked, "1;a=\"\r\nx\r\n0\r\n\r\n"), 400, "malformed_chunk"},
      {"endless chunk size", post(chunked, std::string(100'000, '0')), 400, "malformed_chunk"},
      {"bare line feed after the last chunk", post(chunked, "0\r\n\n"), 400, "trailers"},
      {"chunk size missing", post(chunked, "\r\nx\r\n0\r\n\r\n"), 400, "malformed_chunk"},
      {"chunk size no hex", post(chunked, "x\r\nx\r\n0\r\n\r\n"), 400, "malformed_chunk"},
      {"chunk size prefixed", post(chunked, "0x1\r\nx\r\n0\r\n\r\n"), 400, "malformed_chunk"},
      {"chunk size signed", post(chunked, "+1\r\nx\r\n0\r\n\r\n"), 400, "malformed_chunk"},
      {"chunk size negative", post(chunked, "-1\r\nx\r\n0\r\n\r\n"), 400, "malformed_chunk"},
      {"chunk size overflowing", post(chunked, "10000000000000001\r\nx\r\n0\r\n\r\n"), 400, "malformed_chunk"},
      {"chunk size beyond the limit", post(chunked, "fffffffffffffff\r\nx\r\n0\r\n\r\n"), 413, "body_too_large"},
      {"chunk ends with a bare line feed", post(chunked, "1\nx\r\n0\r\n\r\n"), 400, "malformed_chunk"},
      {"chunk longer than told", post(chunked, "1\r\nxy\r\n0\r\n\r\n"), 400, "malformed_chunk"},
      {"chunk ends with a bare carriage return", post(chunked, "1\rx\r\n0\r\n\r\n"), 400, "malformed_chunk"},
      {"chunks past the limit", post(chunked, repeated("400\r\n" + std::string(0x400, 'x') + "\r\n", 1025)), 413,
       "body_too_large"},
      {"body past the limit", post("Content-Length: 1048577\r\n", "x"), 413, "body_too_large"},
      // hosts and targets
      {"no host", get(""), 400, "missing_host"},
      {"two hosts", get("Host: a\r\nHost: b\r\n"), 400, "multiple_hosts"},
      {"two equal hosts", get("Host: a\r\nHost: a\r\n"), 400, "multiple_hosts"},
      {"two hosts in 1.0", "GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n", 400, "multiple_hosts"},
      {"empty host", get("Host:\r\n"), 400, "bad_host"},
      {"host with user", get("Host: a@b\r\n"), 400, "bad_host"},
      {"host with path", get("Host: a/b\r\n"), 400, "bad_host"},
      {"host list", get("Host: a, b\r\n"), 400, "bad_host"},
      {"host with odd port", get("Host: a:80x\r\n"), 400, "bad_host"},
      {"host with open bracket", get("Host: [::1\r\n"), 400, "bad_host"},
      {"absolute target", "GET http://a/in/test HTTP/1.1\r\nHost: a\r\n\r\n", 400, "bad_target"},
      {"authority target", "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", 400, "bad_target"},
      {"star target elsewhere", "GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400, "bad_target"},
      {"relative target", "GET in/test HTTP/1.1\r\nHost: a\r\n\r\n", 400, "bad_target"},
      {"fragment in the target", "GET /in#a HTTP/1.1\r\nHost: a\r\n\r\n", 400, "bad_target"},
      {"eight-bit target", "GET /\xc3\xa9 HTTP/1.1\r\nHost: a\r\n\r\n", 400, "bad_target"},
      {"tab in the target", "GET /a\tb HTTP/1.1\r\nHost: a\r\n\r\n", 400, "bad_target"},
      {"target too long", "GET /" + std::string(8192, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n", 414, "target_too_long"},
      {"endless target", "GET /" + std::string(100'000, 'a'), 414, "target_too_long"},
      // the request line
      {"blank in the target", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", 400, "malformed_request_line"},
      {"http 0.9", "GET /\r\n", 400, "malformed_request_line"},
      {"blank first", " GET / HTTP/1.1\r\nHost: a\r\n\r\n", 400, "malformed_request_line"},
      {"two blanks", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400, "malformed_request_line"},
      {"blank at the end", "GET / HTTP/1.1 \r\nHost: a\r\n\r\n", 400, "malformed_request_line"},
      {"tab between", "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", 400, "malformed_request_line"},
      {"method with brackets", "G(T / HTTP/1.1\r\nHost: a\r\n\r\n", 400, "malformed_request_line"},
      {"long method", std::string(33, 'A') + " / HTTP/1.1\r\nHost: a\r\n\r\n", 400, "malformed_request_line"},
      {"version in small letters", "GET / http/1.1\r\nHost: a\r\n\r\n", 400, "malformed_request_line"},
      {"version with two digits", "GET / HTTP/1.10\r\nHost: a\r\n\r\n", 400, "malformed_request_line"},
      {"two empty lines first", "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400, "malformed_request_line"},
      {"a response", "HTTP/1.1 200 OK\r\n\r\n", 400, "malformed_request_line"},
      {"ssh", "SSH-2.0-OpenSSH_9.2\r\n", 400, "malformed_request_line"},
      {"http 2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, "unsupported_version"},
      {"http 1.2", "GET / HTTP/1.2\r\nHost: a\r\n\r\n", 505, "unsupported_version"},
      {"http 3.0", "GET / HTTP/3.0\r\nHost: a\r\n\r\n", 505, "unsupported_version"},
      // lines and characters
      {"bare line feeds", "GET / HTTP/1.1\nHost: a\n\n", 400, "bare_line_ending"},
      {"one bare line feed", "GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n", 400, "bare_line_ending"},
      {"bare carriage return in a value", get("Host: a\r\nX: a\rb\r\n"), 400, "bare_line_ending"},
      {"carriage return twice", "GET / HTTP/1.1\r\r\nHost: a\r\n\r\n", 400, "bare_line_ending"},
      {"end with a bare line feed", "GET / HTTP/1.1\r\nHost: a\r\n\n", 400, "bare_line_ending"},
      {"nul in a value", get("Host: a\r\nX: a" + nul + "b\r\n"), 400, "forbidden_character"},
      {"nul in a name", get("Host: a\r\nX" + nul + ": b\r\n"), 400, "forbidden_character"},
      {"nul in the target", "GET /a" + nul + " HTTP/1.1\r\nHost: a\r\n\r\n", 400, "forbidden_character"},
      {"escape in a value", get("Host: a\r\nX: \x1b[31m\r\n"), 400, "forbidden_character"},
      {"delete in a value", get("Host: a\r\nX: \x7f\r\n"), 400, "forbidden_character"},
      {"a TLS hello", std::string("\x16\x03\x01\x02\x00\x01", 6), 400, "forbidden_character"},
      {"garbage", "\x80\x81\x82\x83\x01\x02", 400, "forbidden_character"},
      {"folded", get("Host: a\r\nX: a\r\n b\r\n"), 400, "obsolete_folding"},
      {"folded with a tab", get("Host: a\r\nX: a\r\n\tb\r\n"), 400, "obsolete_folding"},
      {"folded first", "GET / HTTP/1.1\r\n X: a\r\nHost: a\r\n\r\n", 400, "obsolete_folding"},
      {"folded length", post("Content-Length:\r\n 5\r\n", "hello"), 400, "obsolete_folding"},
      {"no colon", get("Host: a\r\nnonsense\r\n"), 400, "malformed_header"},
      {"no name", get("Host: a\r\n: b\r\n"), 400, "malformed_header"},
      {"blank before the colon", get("Host : a\r\n"), 400, "malformed_header"},
      {"blank in the name", get("Host: a\r\nX Y: b\r\n"), 400, "malformed_header"},
      {"eight-bit name", get("Host: a\r\nX\xc3\xa9: b\r\n"), 400, "malformed_header"},
      {"bad connection list", get("Host: a\r\nConnection: a@b\r\n"), 400, "malformed_header"},
      {"a field too many", get("Host: a\r\n" + repeated("X: y\r\n", 100)), 431, "too_many_headers"},
      {"thousands of fields", get("Host: a\r\n" + repeated("X:\r\n", 5000)), 431, "too_many_headers"},
      {"one large field", get("Host: a\r\nX: " + std::string(8192, 'y') + "\r\n"), 431, "header_too_large"},
      {"an endless field", "GET / HTTP/1.1\r\nX: " + std::string(1 << 20, 'y'), 431, "header_too_large"},
      {"many middling fields", get("Host: a\r\n" + repeated("X: " + std::string(200, 'y') + "\r\n", 50)), 431,
       "header_too_large"},
      // what we do not do
      {"gzip body", post("Content-Encoding: gzip\r\nContent-Length: 3\r\n", "abc"), 415,
       "unsupported_content_encoding"},
      {"deflate, then identity", post("Content-Encoding: deflate, identity\r\nContent-Length: 3\r\n", "abc"), 415,
       "unsupported_content_encoding"},
      {"other expectation", post("Expect: 200-ok\r\nContent-Length: 3\r\n", "abc"), 417, "unsupported_expectation"},
  };
}

TEST(refusals, what_is_well_formed_is_taken) {
  test_server s;
  for (const auto& c : taken()) {
    SCOPED_TRACE(c.name);
    const std::size_t before = s.handler.count();
    const auto answer = ask(s.port(), c.bytes);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 200) << answer->body;
    ASSERT_EQ(s.handler.count(), before + 1);
    EXPECT_EQ(s.handler.seen().back().body, c.body);
    EXPECT_EQ(s.handler.seen().back().target, c.target);
  }
}

// Behind each stands a request that must never be seen: the connection ends with the refusal.
TEST(refusals, what_is_not_is_refused_and_the_connection_closed) {
  test_server s;
  const std::string smuggled = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";
  for (const auto& c : refused()) {
    SCOPED_TRACE(c.name);
    client raw(s.port());
    raw.send(c.bytes + smuggled);
    const auto answer = raw.receive();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, c.status);
    EXPECT_EQ(answer->code(), c.code) << answer->body;
    EXPECT_EQ(answer->headers.at("connection"), "close");
    EXPECT_EQ(answer->headers.at("content-type"), "application/json");
    EXPECT_EQ(std::ranges::count(answer->body, '\n'), 1);
    EXPECT_TRUE(raw.closed_by_peer());
  }
  EXPECT_EQ(s.handler.count(), 0u);
}

TEST(refusals, each_is_counted_by_its_code) {
  test_server s;
  ask(s.port(), get(""));
  ask(s.port(), get(""));
  EXPECT_EQ(s.refused(refusal::missing_host), 2);
  EXPECT_EQ(s.refused(refusal::bad_host), 0);
  EXPECT_EQ(s.probe.requests[2]->Value(), 2);
}

TEST(refusals, codes_are_unique_and_statuses_allowed) {
  std::vector<std::string_view> codes;
  for (std::size_t i = 0; i < refusal_count; ++i) {
    const auto& f = facts(static_cast<refusal>(i));
    EXPECT_NE(f.status, 429);
    EXPECT_NE(f.status, 410);
    EXPECT_GE(f.status, 400);
    EXPECT_FALSE(f.message.empty());
    codes.push_back(f.code);
  }
  std::ranges::sort(codes);
  EXPECT_EQ(std::ranges::adjacent_find(codes), codes.end());
}

// The refusals that need no whole head come without one: a client that stops there is not left waiting.
TEST(refusals, come_as_soon_as_they_are_certain) {
  test_server s;
  const raw_case cases[] = {
      {"request line", "GET /\r\n", 400, "malformed_request_line"},
      {"version", "PRI * HTTP/2.0\r\n", 505, "unsupported_version"},
      {"line feed", "GET / HTTP/1.1\n", 400, "bare_line_ending"},
      {"nul", "GET /"s + '\0', 400, "forbidden_character"},
      {"field", "GET / HTTP/1.1\r\nnonsense\r\n", 400, "malformed_header"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const auto answer = ask(s.port(), c.bytes);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, c.status);
    EXPECT_EQ(answer->code(), c.code);
  }
}

TEST(refusals, do_not_depend_on_how_the_bytes_arrive) {
  test_server s;
  for (const auto& list : {taken(), refused()})
    for (const auto& c : list) {
      if (c.bytes.size() > 400) continue;
      SCOPED_TRACE(c.name);
      for (std::size_t split = 1; split < c.bytes.size(); split += 1 + c.bytes.size() / 40) {
        client raw(s.port());
        raw.send(std::string_view(c.bytes).substr(0, split));
        raw.send(std::string_view(c.bytes).substr(split));
        const auto answer = raw.receive();
        ASSERT_TRUE(answer) << "split at " << split;
        ASSERT_EQ(answer->status, c.status) << "split at " << split;
        ASSERT_EQ(answer->code(), c.code) << "split at " << split;
      }
    }
}

}  // namespace
}  // namespace switchboard::net
