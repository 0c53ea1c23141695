#include "tests/connectors/support/request.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "connectors/common/encoding.hpp"
#include "connectors/common/text.hpp"
#include "connectors/registry.hpp"
#include "schemas/codec.hpp"

namespace switchboard::tests {

namespace bj = boost::json;

namespace {
std::string text(const bj::object& o, std::string_view name) {
  const auto* v = o.if_contains(name);
  return v ? std::string(v->as_string()) : std::string();
}
}  // namespace

request request::from_line(std::string_view line, std::string_view public_base) {
  const bj::value parsed = bj::parse(bj::string_view(line.data(), line.size()));
  const bj::object& o = parsed.as_object();
  request out;
  out.source = text(o, "source");
  out.method = text(o, "method");
  out.target = text(o, "target");
  out.public_url = std::string(public_base) + out.target;
  out.peer = text(o, "peer");
  for (const bj::value& pair : o.at("headers").as_array())
    out.headers.emplace_back(std::string(pair.at(0).as_string()), std::string(pair.at(1).as_string()));
  if (o.contains("body_base64")) {
    auto bytes = connectors::from_base64(text(o, "body_base64"));
    if (!bytes) throw std::runtime_error("body_base64 is no base64");
    out.body = std::move(*bytes);
  } else {
    out.body = text(o, "body");
  }
  const auto at = schemas::timestamp_from_rfc3339(text(o, "received_at"));
  if (!at) throw std::runtime_error("received_at is no RFC 3339 time");
  out.received_at = *at;
  return out;
}

request request::from_outbound(const connectors::outbound& o, std::string_view public_base, connectors::timestamp at) {
  request out;
  out.method = o.method;
  out.target = o.target;
  out.public_url = std::string(public_base) + o.target;
  out.headers = o.headers;
  out.body = o.body;
  out.received_at = at;
  return out;
}

std::string request::to_line() const {
  bj::array pairs;
  for (const auto& [name, value] : headers) pairs.push_back(bj::array{bj::string(name), bj::string(value)});
  bj::object o{{"source", source}, {"method", method}, {"target", target}, {"headers", std::move(pairs)}};
  if (connectors::valid_utf8(body))
    o["body"] = body;
  else
    o["body_base64"] = connectors::to_base64(body);
  o["received_at"] = schemas::to_string(received_at);
  o["peer"] = peer;
  return bj::serialize(o);
}

connectors::inbound request::view() {
  padded_ = body + std::string(connectors::inbound::body_padding, '\0');
  views_.clear();
  for (const auto& [name, value] : headers) views_.push_back({name, value});
  return {method, target, public_url, views_, std::string_view(padded_).substr(0, body.size()), peer, received_at};
}

void request::set(std::string_view name, std::string value) {
  std::erase_if(headers, [&](const auto& h) { return connectors::equal_without_case(h.first, name); });
  headers.emplace_back(name, std::move(value));
}

configured configure(std::string_view json) {
  const bj::value parsed = bj::parse(bj::string_view(json.data(), json.size()));
  const bj::object& o = parsed.as_object();
  configured out;
  out.connector = connectors::find(text(o, "connector"));
  if (!out.connector) throw std::runtime_error("no such connector: " + text(o, "connector"));
  out.public_url = text(o, "public_url");
  std::vector<connectors::credential> credentials;
  if (const auto* list = o.if_contains("credentials"))
    for (const bj::value& each : list->as_array()) credentials.push_back(each.as_object());
  const auto* settings = o.if_contains("settings");
  auto made = out.connector->prepare(settings ? settings->as_object() : bj::object{}, credentials);
  if (!made) {
    std::string all;
    for (const auto& e : made.error()) all += e.pointer + ": " + e.message + "; " + e.hint + "\n";
    throw std::runtime_error(all);
  }
  out.prepared = std::move(*made);
  return out;
}

configured configure_file(const std::string& path) { return configure(read_file(path)); }

outcome run(const configured& source, request& r) {
  outcome out{.verdict = connectors::rejected{}, .decoded = {}, .reply = {}};
  const connectors::inbound in = r.view();
  out.verdict = source.connector->verify(in, *source.prepared, no_keys{});
  if (const auto* who = std::get_if<connectors::authentic>(&out.verdict)) {
    out.decoded = source.connector->decode(in, *source.prepared, *who, source.connector->limits);
    std::vector<connectors::item_outcome> outcomes;
    for (const auto& each : out.decoded.items)
      outcomes.push_back(std::holds_alternative<connectors::item_rejected>(each) ? connectors::item_outcome::quarantined
                         : std::holds_alternative<connectors::unsupported>(each) ? connectors::item_outcome::unsupported
                                                                                 : connectors::item_outcome::accepted);
    out.reply = source.connector->reply(in, *source.prepared, out.decoded, outcomes);
  }
  return out;
}

std::string folder_of(const connectors::connector& c) {
  std::string name(c.name);
  std::ranges::replace(name, '-', '_');
  return name;
}

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error("cannot read " + path);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

}  // namespace switchboard::tests
