#include "connectors/chat/meta_whatsapp/decode.hpp"

#include <algorithm>

#include "connectors/chat/meta_whatsapp/kinds.hpp"

namespace switchboard::connectors::meta_whatsapp {

namespace {

void messages_and_statuses(const change& c, std::vector<item>& out) {
  decode_messages(c, out);
  decode_statuses(c, out);
  decode_errors(c, out);
}

constexpr struct {
  std::string_view field;
  void (*decode)(const change&, std::vector<item>& out);
  bool of_a_number;  // says which with metadata.phone_number_id
} fields[] = {{"messages", messages_and_statuses, true},
              {"standby", messages_and_statuses, true},  // Meta's own agent answers; we only hear
              {"smb_message_echoes", decode_echoes, true},
              {"history", decode_history, true},
              {"calls", decode_calls, true},
              {"user_preferences", decode_preferences, true},
              {"group_lifecycle_update", decode_groups, true},
              {"group_participants_update", decode_groups, true},
              {"group_settings_update", decode_groups, true},
              {"group_status_update", decode_groups, true}};

void decode_change(const meta::update& u, const limits& limits, timestamp received_at, std::vector<item>& out) {
  json::object value;
  const auto known = std::ranges::find(fields, u.field, [](const auto& each) { return each.field; });
  const bool is_object = !u.value.get(value);
  if (known != std::end(fields) && !is_object) {
    out.emplace_back(item_rejected{reject_code::wrong_type, u.pointer, json::minified(u.whole)});
    return;
  }
  if (!is_object) static_cast<void>(u.whole.get(value));
  const change c(u, value, limits, received_at);
  if (known != std::end(fields)) {
    if (known->of_a_number && !c.names_number()) {
      out.emplace_back(
          item_rejected{reject_code::missing_field, u.pointer + "/metadata/phone_number_id", json::minified(u.whole)});
      return;
    }
    const std::size_t before = out.size();
    known->decode(c, out);
    for (std::size_t i = before; i < out.size(); ++i)
      if (auto* refused = std::get_if<item_rejected>(&out[i]))
        refused->account = {std::string(c.account_id), c.account_uri, {}};
    if (out.size() > before) return;
  }
  decode_account(c, out);
}

}  // namespace

decoded decode(const inbound& request, const prepared&, const authentic&, const limits& limits) {
  if (auto answer = meta::answer_challenge(request)) {
    decoded out;
    out.handshake = std::move(answer);
    return out;
  }
  static constexpr std::string_view objects[] = {"whatsapp_business_account"};
  return meta::walk(request, limits, objects, [&](const meta::update& u, std::vector<item>& out) {
    decode_change(u, limits, request.received_at, out);
  });
}

response reply(const inbound&, const prepared&, const decoded&, std::span<const item_outcome>) {
  return {200, "text/plain", "EVENT_RECEIVED", {}};
}

}  // namespace switchboard::connectors::meta_whatsapp
