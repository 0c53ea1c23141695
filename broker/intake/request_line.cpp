#include "broker/intake/request_line.hpp"

#include <simdjson.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "connectors/common/encoding.hpp"
#include "schemas/text.hpp"

namespace switchboard::intake {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

std::unexpected<request_line_error> wrong(std::string_view field, std::string_view message) {
  return std::unexpected(request_line_error{std::string(field), std::string(message)});
}

constexpr std::string_view known[] = {"source", "method",      "target",      "headers",
                                      "body",   "body_base64", "received_at", "peer"};
struct at {  // places in `known`
  enum : std::size_t { source, method, target, headers, body, body_base64, received_at, peer, count };
};

// Keeps a line's small texts in one block; views are made at the end, when the block no longer grows.
class text_block {
 public:
  struct place {
    std::size_t at = 0, length = 0;
  };
  place add(std::string_view text) {
    place out{bytes_.size(), text.size()};
    bytes_.insert(bytes_.end(), text.begin(), text.end());
    return out;
  }
  std::vector<char> take() { return std::move(bytes_); }

 private:
  std::vector<char> bytes_;
};
std::string_view view(const std::vector<char>& bytes, text_block::place p) { return {bytes.data() + p.at, p.length}; }

bool is_token(std::string_view text) noexcept {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("!#$%&'*+-.^_`|~").contains(c);
  });
}
bool has_control_characters(std::string_view text) noexcept {
  return std::ranges::any_of(text,
                             [](char c) { return (static_cast<unsigned char>(c) < ' ' && c != '\t') || c == 0x7F; });
}

bool valid_text(std::string_view bytes) noexcept {
  return simdjson::validate_utf8(bytes.data(), bytes.size()) && !bytes.contains('\0');
}

}  // namespace

std::string to_string(const request_line_error& error) {
  return error.field.empty() ? error.message : error.field + ": " + error.message;
}

void request_line::public_url(std::string url) {
  url_.assign(url.begin(), url.end());
  in_.public_url = {url_.data(), url_.size()};
}

std::expected<request_line, request_line_error> request_line::parse(std::string_view line,
                                                                    const request_line_limits& limits) {
  if (line.size() > limits.line_bytes) return wrong({}, "the line is longer than a request may be");
  thread_local simdjson::dom::parser parser;
  element root;
  if (parser.parse(line.data(), line.size()).get(root) != simdjson::SUCCESS) return wrong({}, "is not a JSON object");
  object members;
  if (root.get(members) != simdjson::SUCCESS) return wrong({}, "is not a JSON object");

  element found[at::count];
  bool present[at::count] = {};
  for (auto [name, value] : members) {
    const auto which = static_cast<std::size_t>(std::ranges::find(known, name) - std::begin(known));
    if (which == at::count) continue;
    if (present[which]) return wrong(known[which], "stands twice");
    if (value.is_null()) continue;
    present[which] = true;
    found[which] = value;
  }

  request_line out;
  text_block texts;
  std::string_view value[at::count];
  for (std::size_t which :
       {std::size_t{at::source}, std::size_t{at::method}, std::size_t{at::target}, std::size_t{at::body},
        std::size_t{at::body_base64}, std::size_t{at::received_at}, std::size_t{at::peer}}) {
    if (!present[which]) continue;
    if (found[which].get(value[which]) != simdjson::SUCCESS) return wrong(known[which], "is not a string");
    if (which != at::body && which != at::body_base64 &&
        (value[which].size() > limits.text_bytes || has_control_characters(value[which])))
      return wrong(known[which], "is too long or has control characters");
  }
  if (value[at::source].empty()) return wrong("source", "is missing");
  if (!value[at::target].starts_with('/'))
    return wrong("target", present[at::target] ? "does not begin with /" : "is missing");
  if (!present[at::method]) value[at::method] = "POST";
  if (!is_token(value[at::method])) return wrong("method", "is no HTTP method");
  if (present[at::body] && present[at::body_base64]) return wrong("body_base64", "stands beside body");
  if (present[at::received_at]) {
    const auto time = schemas::timestamp_from_rfc3339(value[at::received_at]);
    if (!time) return wrong("received_at", "is not an RFC 3339 time");
    out.in_.received_at = *time;
    out.has_time_ = true;
  }

  std::string decoded;
  if (present[at::body_base64]) {
    auto bytes = connectors::from_base64(value[at::body_base64]);
    if (!bytes) return wrong("body_base64", "is not base64");
    decoded = std::move(*bytes);
    value[at::body] = decoded;
  }
  if (value[at::body].size() > limits.body_bytes)
    return wrong(present[at::body] ? "body" : "body_base64", "is larger than a body may be");
  out.body_.reserve(value[at::body].size() + connectors::inbound::body_padding);
  out.body_.assign(value[at::body].begin(), value[at::body].end());
  out.body_.resize(value[at::body].size() + connectors::inbound::body_padding, '\0');

  std::vector<std::pair<text_block::place, text_block::place>> pairs;
  if (present[at::headers]) {
    array list;
    if (found[at::headers].get(list) != simdjson::SUCCESS) return wrong("headers", "is not a list of [name, value]");
    for (element entry : list) {
      const auto place = "headers[" + std::to_string(pairs.size()) + "]";
      if (pairs.size() == limits.headers) return wrong(place, "there are more headers than a request may have");
      array pair;
      std::string_view name, text;
      if (entry.get(pair) != simdjson::SUCCESS || pair.size() != 2 || pair.at(0).get(name) != simdjson::SUCCESS ||
          pair.at(1).get(text) != simdjson::SUCCESS)
        return wrong(place, "is not [name, value]");
      if (!is_token(name) || name.size() > limits.text_bytes) return wrong(place, "has no name that a header may have");
      if (text.size() > limits.text_bytes || has_control_characters(text))
        return wrong(place, "is too long or has control characters");
      const auto name_place = texts.add(name);
      pairs.emplace_back(name_place, texts.add(text));
    }
  }
  const auto method_place = texts.add(value[at::method]), target_place = texts.add(value[at::target]),
             peer_place = texts.add(value[at::peer]);
  out.source_ = value[at::source];
  out.text_ = texts.take();
  out.headers_.reserve(pairs.size());
  for (const auto& [name, text] : pairs) out.headers_.push_back({view(out.text_, name), view(out.text_, text)});
  out.in_.method = view(out.text_, method_place);
  out.in_.target = view(out.text_, target_place);
  out.in_.peer = view(out.text_, peer_place);
  out.in_.headers = out.headers_;
  out.in_.body = {out.body_.data(), value[at::body].size()};
  return out;
}

bool is_secret_header(std::string_view name) noexcept {
  std::string lower(name.substr(0, 64));
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  for (std::string_view exact :
       {"authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key", "api-key", "apikey"})
    if (lower == exact) return true;
  for (std::string_view ending : {"-token", "-secret", "-api-key", "-password", "-auth-key"})
    if (lower.ends_with(ending)) return !lower.ends_with("idempotency-token");
  return false;
}

void append_request_line(std::string& out, std::string_view source, const connectors::inbound& in, redaction how) {
  const auto member = [&](std::string_view name, std::string_view value) {
    out += ",\"";
    out += name;
    out += "\":";
    schemas::append_json_string(out, value);
  };
  out.reserve(out.size() + in.body.size() + in.body.size() / 8 + 512);
  out += "{\"source\":";
  schemas::append_json_string(out, source);
  member("method", in.method);
  member("target", in.target);
  out += ",\"headers\":[";
  bool first = true;
  for (const auto& header : in.headers) {
    out += first ? "[" : ",[";
    first = false;
    schemas::append_json_string(out, header.name);
    out += ',';
    const bool hidden = how == redaction::without_secrets && is_secret_header(header.name);
    schemas::append_json_string(out, hidden ? std::string_view("redacted") : header.value);
    out += ']';
  }
  out += ']';
  if (valid_text(in.body)) {
    member("body", in.body);
  } else {
    out += ",\"body_base64\":\"";
    schemas::append_base64(out, in.body);
    out += '"';
  }
  out += ",\"received_at\":\"";
  schemas::append_timestamp(out, in.received_at);
  out += '"';
  if (!in.peer.empty()) member("peer", in.peer);
  out += '}';
}

}  // namespace switchboard::intake
