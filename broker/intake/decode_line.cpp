#include "broker/intake/decode_line.hpp"

#include <utility>

namespace switchboard::intake {
namespace {

void append_member(std::string& out, std::string_view name, std::string_view text) {
  out += ",\"";
  out += name;
  out += "\":";
  schemas::append_json_string(out, text);
}

void append_head(std::string& out, std::string_view source, std::string_view outcome, int status) {
  out += "{\"source\":";
  schemas::append_json_string(out, source);
  append_member(out, "outcome", outcome);
  out += ",\"status\":";
  out += std::to_string(status);
}

void append_reply(std::string& out, std::string_view content_type, std::string_view body) {
  out += ",\"reply\":{\"content_type\":";
  schemas::append_json_string(out, content_type);
  append_member(out, "body", body);
  out += '}';
}

void append_events(std::string& out, const processed& request, schemas::timestamp received_at) {
  out += ",\"events\":[";
  bool first = true;
  for (const auto& message : request.unit.messages) {
    const auto topic = message.event.topic;
    if (topic == schemas::topic_class::quarantine || topic == schemas::topic_class::raw) continue;
    if (!std::exchange(first, false)) out += ',';
    out += schemas::structured(message.event, received_at, std::nullopt);
  }
  out += ']';
}

void append_quarantined(std::string& out, const processed& request) {
  bool any = false;
  for (const auto& entry : request.quarantined) {
    out += std::exchange(any, true) ? ",{" : ",\"quarantined\":[{";
    if (entry.item) {
      out += "\"item\":";
      out += std::to_string(*entry.item);
      out += ',';
    }
    out += "\"code\":";
    schemas::append_json_string(out, connectors::to_string(entry.code));
    if (!entry.pointer.empty()) append_member(out, "pointer", entry.pointer);
    out += '}';
  }
  if (any) out += ']';
}

}  // namespace

void append_decoded(std::string& out, const source& from, const connectors::inbound& in, const processed& request,
                    const environment& env) {
  const auto answer = reply(from, in, request, {});
  const bool needs_key = request.outcome == outcome::needs_key;
  append_head(out, from.id, needs_key ? to_string(outcome::rejected) : to_string(request.outcome), answer.status);
  if (needs_key)
    append_member(out, "code", "key_unavailable");
  else if (request.code)
    append_member(out, "code", connectors::to_string(*request.code));
  else
    out += ",\"code\":null";
  append_reply(out, answer.content_type, answer.body);
  append_events(out, request, in.received_at);
  append_quarantined(out, request);
  if (env.skip_verify) out += R"(,"verification":"skipped")";
  out += "}\n";
}

void append_undecoded(std::string& out, std::string_view source, int status, std::string_view code,
                      std::string_view message) {
  append_head(out, source, to_string(outcome::rejected), status);
  append_member(out, "code", code);
  append_member(out, "message", message);
  append_reply(out, {}, {});
  out += ",\"events\":[]}\n";
}

}  // namespace switchboard::intake
