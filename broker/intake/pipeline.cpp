#include "broker/intake/pipeline.hpp"

#include <algorithm>

#include "broker/intake/assembly.hpp"
#include "schemas/text.hpp"

namespace switchboard::intake {
namespace {

using connectors::reject_code;

int status_of(reject_code code) noexcept {
  switch (code) {
    case reject_code::method_not_allowed:
      return 405;
    case reject_code::unsupported_media_type:
      return 415;
    case reject_code::too_large:
      return 413;
    default:
      return 401;
  }
}

connectors::response error(int status, std::string_view code, std::string_view message) {
  connectors::response out;
  out.status = status;
  out.content_type = "application/json";
  out.body = R"({"error":{"code":)";
  schemas::append_json_string(out.body, code);
  out.body += R"(,"message":)";
  schemas::append_json_string(out.body, message);
  out.body += "}}";
  return out;
}

connectors::response refusal(const source& from, const processed& request) {
  const auto code = request.code.value_or(reject_code::bad_signature);
  auto out =
      error(status_of(code), connectors::to_string(code), request.hint.empty() ? explanation(code) : request.hint);
  if (code == reject_code::method_not_allowed) {
    std::string allowed;
    for (auto method : from.connector->methods) allowed.append(allowed.empty() ? "" : ", ").append(method);
    out.headers.emplace_back("Allow", std::move(allowed));
  }
  if (!request.challenge.empty()) out.headers.emplace_back("WWW-Authenticate", std::string(request.challenge));
  return out;
}

}  // namespace

std::string_view to_string(outcome o) noexcept {
  switch (o) {
    case outcome::accepted:
      return "accepted";
    case outcome::control:
      return "control";
    case outcome::rejected:
      return "rejected";
    case outcome::quarantined:
      return "quarantined";
    case outcome::needs_key:
      return "needs_key";
  }
  return "unknown";
}

processed process(const source& from, const connectors::inbound& in, const environment& env) {
  return assemble(from, in, env, receive(from, in, env));
}

connectors::response reply(const source& from, const connectors::inbound& in, const processed& request,
                           std::span<const journal::message_outcome> outcomes) {
  switch (request.outcome) {
    case outcome::rejected:
      return refusal(from, request);
    case outcome::needs_key: {
      auto out = error(503, "key_unavailable", "the provider's key could not be fetched in time; send again");
      out.headers.emplace_back("Retry-After", "5");
      return out;
    }
    case outcome::control:
    case outcome::accepted:
    case outcome::quarantined:
      break;
  }
  if (const auto& shake = request.decoded.handshake)
    return {shake->status, shake->content_type, shake->body, shake->headers};
  auto items = request.items;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const auto message = request.message_of_item[i];
    if (message < outcomes.size() && outcomes[message] == journal::message_outcome::duplicate)
      items[i] = connectors::item_outcome::duplicate;
  }
  return from.connector->reply(in, *from.prepared, request.decoded, items);
}

std::string called_url(const source& from, std::string_view target, std::string_view scheme, std::string_view host) {
  std::string out;
  if (!from.public_url.empty()) return out.append(from.public_url).append(target);
  return out.append(scheme).append("://").append(host).append(target);
}

}  // namespace switchboard::intake
