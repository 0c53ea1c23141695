#include "tests/broker/intake/tiny_connector.hpp"

#include <charconv>

#include "connectors/common/fingerprint.hpp"
#include "connectors/common/identity.hpp"
#include "connectors/common/json.hpp"

namespace switchboard::intake::test {
namespace {

using namespace connectors;

struct nothing : prepared {};

prepare_result prepare(const boost::json::object&, std::span<const credential>) { return std::make_shared<nothing>(); }

verdict verify(const inbound& in, const prepared&, const fetched_keys& keys) {
  if (in.method == "OPTIONS") return authentic{"nobody", "none"};
  const auto sign = in.find("x-sign");
  if (!sign) return rejected{reject_code::missing_signature, "send X-Sign"};
  if (*sign == "fetch") {
    if (!keys.find("https://keys.example/1")) return needs_key{"https://keys.example/1"};
    return authentic{"fetched", "tiny"};
  }
  if (*sign != "good") return rejected{reject_code::bad_signature, "X-Sign has to be good"};
  return authentic{"device-1", "tiny"};
}

std::vector<std::string_view> split(std::string_view text, char by) {
  std::vector<std::string_view> out;
  while (true) {
    const auto end = text.find(by);
    out.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return out;
    text.remove_prefix(end + 1);
  }
}

contact fact_of(std::span<const std::string_view> parts) {
  contact fact;
  auto& e = fact.event;
  e.type = schemas::event_type::message_received;
  e.message.emplace();
  e.channel = schemas::channel::sms;
  e.time = *schemas::timestamp_from_rfc3339("2026-11-22T09:15:04.000Z");
  fact.key = parts[1];
  e.object.external_id = parts[1];
  e.account = {"account-1", "tel:+15550783881", {}};
  if (!parts[2].empty()) {
    e.customer_uri = parts[2];
    e.actor.emplace().identities.push_back({std::string(parts[2]), true, false});
    fact.conversation = {e.account.id, std::string(parts[2])};
  }
  e.text = parts[3];
  fact.fingerprint = connectors::fingerprint().add(parts[2]).add(parts[3]).value();
  return fact;
}

// kind[:argument]|key|conversation|text
decoded decode(const inbound& in, const prepared&, const authentic&, const connectors::limits& limits) {
  decoded out;
  if (in.method == "OPTIONS") {
    out.handshake = handshake{
        204, {}, {}, {{"WebHook-Allowed-Origin", std::string(in.find("webhook-request-origin").value_or("*"))}}, {}};
    return out;
  }
  if (in.body == "confirm") {
    out.handshake = handshake{200, {}, {}, {}, "https://confirm.example/1"};
    return out;
  }
  if (in.body == "hello") {
    out.handshake = handshake{200, "text/plain", "world", {}, {}};
    return out;
  }
  if (in.body.starts_with("broken")) {
    out.whole = item_rejected{reject_code::malformed_body, "/", std::string(in.body)};
    return out;
  }
  if (in.body.empty()) return out;
  for (auto line : split(in.body, '\n')) {
    auto parts = split(line, '|');
    parts.resize(4);
    const auto kind = parts[0].substr(0, parts[0].find(':'));
    const auto argument = parts[0].contains(':') ? parts[0].substr(kind.size() + 1) : std::string_view();
    if (kind == "bad") {
      out.items.emplace_back(
          item_rejected{reject_code::missing_field, "/text", std::string(line), {std::string(argument), {}, {}}});
      continue;
    }
    auto fact = fact_of(parts);
    auto& e = fact.event;
    if (kind == "unknown") {
      e.message.reset();
      out.items.emplace_back(connectors::unsupported{std::move(fact), std::string(argument), std::string(line)});
      continue;
    }
    if (kind == "account") e.account.id = argument;
    if (kind == "ahead") e.time = in.received_at + std::chrono::minutes(6);
    if (kind == "notime") e.time = {};
    if (kind == "complaint") e.handling = {schemas::category::complaint, {}, {}, {}};
    if (kind == "alias") fact.conversation_aliases = {{e.account.id, std::string(argument)}, fact.conversation};
    if (kind == "token") fact.conversation_id = argument;
    if (kind == "stop") {
      e.type = schemas::event_type::consent_changed;
      e.message.reset();
      e.consent.emplace();
      fact.derived_from = 0;
    }
    if (kind == "file") {
      e.attachments.resize(1);
      e.attachments[0].id = "1";
      std::size_t size = 0;
      std::from_chars(argument.data(), argument.data() + argument.size(), size);
      fact.blobs.push_back({0, std::string(size, 'x')});
    }
    if (kind == "typed") {  // the text is the file, the argument what it is called
      e.attachments.resize(1);
      e.attachments[0].id = "1";
      e.attachments[0].content_type = argument;
      fact.blobs.push_back({0, e.text});
    }
    if (kind == "digits") {
      e.type = schemas::event_type::call_input;
      e.message.reset();
      e.input.emplace().digits = argument;
      e.call.emplace().id = parts[3];
      e.text.clear();
      if (parts[2] == "zip") e.related.push_back({schemas::rel::about, {}, "zip", {}});
    }
    if (kind == "reply") e.related.push_back({schemas::rel::in_reply_to, {}, std::string(argument), {}});
    if (kind == "counted") fact.sequence = connectors::sequence_mark{std::string(argument), 7};
    if (kind == "long") {
      std::size_t size = 0;
      std::from_chars(argument.data(), argument.data() + argument.size(), size);
      while (e.text.size() < std::min(size, limits.text_bytes)) e.text += "ä";
    }
    if (kind == "wide") {  // past the limit by what cannot be cut
      e.form.emplace();
      for (int i = 0; i < 300; ++i) e.form->fields.push_back({"f", {}, "text", std::string(1000, 'y'), {}});
    }
    if (kind == "nothing") fact.fingerprint = 0;
    out.items.emplace_back(std::move(fact));
  }
  return out;
}

response reply(const inbound&, const prepared&, const decoded& request, std::span<const item_outcome> outcomes) {
  response out;
  out.content_type = "text/plain";
  if (request.whole) out.body = "whole;";
  for (auto outcome : outcomes) out.body += "adqu"[static_cast<int>(outcome)];
  return out;
}

outbound sign(const sample&, const prepared&, std::string_view, const freshness&) { return {}; }

constexpr std::string_view methods[] = {"POST", "GET", "OPTIONS"};
constexpr connectors::emission emits[] = {{"anything", schemas::event_type::message_received, ""}};

}  // namespace

const connectors::connector tiny = {
    .name = "tiny",
    .channel = "generic",
    .provider = "tiny-provider",
    .title = "Tiny",
    .version = "3",
    .methods = methods,
    .emits = emits,
    .prepare = prepare,
    .verify = verify,
    .decode = decode,
    .reply = reply,
    .sign = sign,
};

std::shared_ptr<const tenant> make_tenant(std::string_view id) {
  return std::make_shared<tenant>(derive_tenant(std::string(id), "a secret of the tests, long enough"));
}

source tiny_source() {
  source out;
  out.id = "tiny-main";
  out.connector = &tiny;
  out.prepared = std::make_shared<nothing>();
  out.name_space = *schemas::uuid_from_string("6c1f7a70-6d5e-4f0a-9b0e-2f6a0d9d3c11");
  out.tenant = make_tenant("acme");
  out.path = "/in/tiny";
  return out;
}

environment fixed_environment() {
  environment out;
  out.random = [](std::span<std::uint8_t> bytes) { std::ranges::fill(bytes, std::uint8_t{7}); };
  return out;
}

std::string at(const schemas::encoded_event& event, std::string_view pointer) {
  const auto root = connectors::json::parse_copy(event.body, 64);
  if (!root) return "not JSON: " + event.body;
  const auto found = connectors::json::at(*root, pointer);
  if (!found) return {};
  return connectors::json::scalar(*found).value_or(connectors::json::minified(*found));
}

std::string attribute(const schemas::encoded_event& event, std::string_view name) {
  for (const auto& attribute : event.attributes)
    if (attribute.name == name) return attribute.value;
  return {};
}

}  // namespace switchboard::intake::test
