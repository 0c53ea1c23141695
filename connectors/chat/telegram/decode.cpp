#include "connectors/chat/telegram/decode.hpp"

#include <algorithm>

#include "connectors/chat/telegram/membership.hpp"
#include "connectors/chat/telegram/message.hpp"
#include "connectors/chat/telegram/updates.hpp"
#include "connectors/common/fingerprint.hpp"

namespace switchboard::connectors::telegram {

namespace {

struct kind_of_update {
  std::string_view name;
  std::vector<item> (*decode)(const update&);
};
constexpr kind_of_update kinds[] = {
    {"message", decode_message},
    {"edited_message", decode_message},
    {"channel_post", decode_message},
    {"edited_channel_post", decode_message},
    {"business_message", decode_message},
    {"edited_business_message", decode_message},
    {"guest_message", decode_message},
    {"deleted_business_messages", decode_deleted_messages},
    {"business_connection", decode_business_connection},
    {"message_reaction", decode_reaction},
    {"message_reaction_count", decode_reaction_count},
    {"callback_query", decode_callback},
    {"inline_query", decode_inline_query},
    {"chosen_inline_result", decode_chosen_result},
    {"my_chat_member", decode_member},
    {"chat_member", decode_member},
    {"poll", decode_poll},
    {"poll_answer", decode_poll_answer},
    {"purchased_paid_media", decode_purchased_media},
    {"stopped_message_generation", decode_stopped_generation},
    {"shipping_query", decode_form},
    {"pre_checkout_query", decode_form},
    {"subscription", decode_form},
    {"managed_bot", decode_form},
    {"chat_join_request", decode_form},
    {"chat_boost", decode_form},
    {"removed_chat_boost", decode_form},
};

std::vector<item> decode_kind(update& u, json::element value) {
  u.raw = json::minified(value);
  u.fingerprint = fingerprint().add(u.kind).add(u.raw).value();
  const auto found = std::ranges::find(kinds, u.kind, &kind_of_update::name);
  if (found != std::end(kinds)) {
    u.body = node(value);
    if (u.body) return found->decode(u);
    return {item_rejected{reject_code::wrong_type, "/" + std::string(u.kind), u.raw}};
  }
  contact fact = start(u, schemas::event_type::unsupported);
  fact.key = "update/" + std::to_string(u.id) + '/' + std::string(u.kind);
  return {unknown(u, std::move(fact), u.kind)};
}

}  // namespace

decoded decode(const inbound& request, const prepared& settings, const authentic&, const limits& limits) {
  const auto& configured = static_cast<const configuration&>(settings);
  decoded out;
  const auto refuse = [&](reject_code code, std::string pointer) {
    out.whole = {code, std::move(pointer), std::string(request.body)};
    return std::move(out);
  };
  const auto root = json::parse(request.body, limits.depth);
  if (!root) return refuse(root.error(), "");
  json::object object;
  if (root->get(object)) return refuse(reject_code::wrong_type, "");
  const auto id = node(*root).integer("update_id");
  if (!id) return refuse(reject_code::missing_field, "/update_id");

  if (object.size() > limits.items) return refuse(reject_code::too_many_items, "");

  // One member beside update_id, says the Bot API; each is a fact of its own should there be more.
  for (const auto member : object) {
    if (member.key == "update_id" || member.value.is_null()) continue;
    const std::size_t before = out.items.size();
    update u{configured, limits, request.received_at, *id, member.key, {}, {}, 0};
    for (item& each : decode_kind(u, member.value)) {
      if (auto* fact = std::get_if<contact>(&each); fact && fact->derived_from) *fact->derived_from += before;
      if (auto* refused = std::get_if<item_rejected>(&each))
        refused->account = {configured.bot, uri_of(configured.bot_id), {}};
      out.items.push_back(std::move(each));
    }
  }
  if (!out.items.empty()) return out;
  update u{configured, limits, request.received_at, *id, "update", {}, {}, 0};
  out.items = decode_kind(u, *root);
  return out;
}

// Telegram executes a method that stands in the reply: it gets none.
response reply(const inbound&, const prepared&, const decoded&, std::span<const item_outcome>) {
  return {200, {}, {}, {}};
}

}  // namespace switchboard::connectors::telegram
