// What the head scanner lets pass, Beast reads as exactly the fields that stand there; and nothing depends on how the
// bytes arrive.
//
// The first byte of an input says how the rest is cut into pieces.
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/net/chunked_body.hpp"
#include "broker/net/head_scanner.hpp"
#include "broker/net/message_head.hpp"

namespace {

using namespace switchboard;
using namespace switchboard::net;

constexpr std::size_t body_limit = 4096;

void require(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "broken: %s\n", what);
  std::abort();
}

struct scan_result {
  std::expected<bool, refusal> outcome = false;
  std::size_t begin = 0, end = 0;
  bool operator==(const scan_result&) const = default;
};

scan_result scan(std::string_view bytes, std::size_t step) {
  static const http_limits limits;
  head_scanner scanner(limits);
  scan_result result;
  for (std::size_t seen = 0; seen < bytes.size();) {
    seen = std::min(bytes.size(), seen + step);
    result.outcome = scanner.scan(bytes.substr(0, seen));
    if (!result.outcome || *result.outcome) break;
  }
  if (result.outcome && *result.outcome) result.begin = scanner.begin(), result.end = scanner.end();
  return result;
}

std::string_view trim(std::string_view s) {
  while (!s.empty() && (s.front() == ' ' || s.front() == '\t')) s.remove_prefix(1);
  while (!s.empty() && (s.back() == ' ' || s.back() == '\t')) s.remove_suffix(1);
  return s;
}

// The plainest reading of a head that holds no surprises.
void compare_with_plain_reading(std::string_view head, const message_head& read,
                                const std::vector<connectors::header>& fields) {
  std::size_t line = head.find("\r\n") + 2;
  const std::string_view request_line = head.substr(0, line - 2);
  require(request_line ==
              std::string(read.method) + ' ' + std::string(read.target) + (read.http_1_0 ? " HTTP/1.0" : " HTTP/1.1"),
          "request line");
  std::size_t at = 0;
  for (std::size_t end = 0; (end = head.find("\r\n", line)) != line; line = end + 2) {
    const std::string_view text = head.substr(line, end - line);
    const std::size_t colon = text.find(':');
    require(at < fields.size() && fields[at].name == text.substr(0, colon) &&
                fields[at].value == trim(text.substr(colon + 1)),
            "field");
    ++at;
  }
  require(line + 2 == head.size() && at == fields.size(), "number of fields");
}

struct decode_result {
  std::optional<refusal> refused;
  bool complete = false;
  std::size_t consumed = 0;
  std::string body;
  bool operator==(const decode_result&) const = default;
};

decode_result decode(std::string_view bytes, std::size_t step) {
  decode_result result;
  chunked_body chunks(body_limit);
  byte_buffer body;
  while (!bytes.empty() && !result.complete && !result.refused) {
    const std::string_view piece = bytes.substr(0, step);
    bytes.remove_prefix(piece.size());
    if (const auto progress = chunks.decode(piece, body)) {
      require(progress->consumed == piece.size() || progress->complete, "all is consumed until the end");
      result.consumed += progress->consumed;
      result.complete = progress->complete;
    } else {
      result = {.refused = progress.error()};
    }
  }
  require(body.size() <= body_limit, "body within its limit");
  if (!result.refused) result.body = body.view();
  return result;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::size_t step = data[0] % 61 + 1u;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);

  const scan_result whole = scan(bytes, bytes.size() + 1), pieces = scan(bytes, step);
  require(whole.outcome == pieces.outcome || (!whole.outcome && !pieces.outcome), "scan does not depend on the pieces");
  if (!whole.outcome || !*whole.outcome) return 0;
  require(whole == pieces, "scan finds the same head in pieces");

  const std::string_view head = bytes.substr(whole.begin, whole.end - whole.begin);
  std::vector<connectors::header> fields;
  const auto read = read_head(head, fields);
  if (!read) return 0;
  compare_with_plain_reading(head, *read, fields);
  if (read->framing != framing::chunked) return 0;

  const std::string_view rest = bytes.substr(whole.end);
  const decode_result at_once = decode(rest, rest.size() + 1), piecewise = decode(rest, step);
  require(at_once == piecewise, "chunks do not depend on the pieces");
  return 0;
}
