#include "connectors/chat/telegram/content.hpp"

#include <algorithm>
#include <cmath>

#include "connectors/common/text.hpp"

namespace switchboard::connectors::telegram {

namespace {

using schemas::message_kind;

struct file_kind {
  std::string_view name;
  schemas::attachment_kind kind;
  std::string_view content_type;  // where Telegram names none
};
// An animation stands as a document as well: what comes first is what it is.
constexpr file_kind file_kinds[] = {
    {"animation", schemas::attachment_kind::video, "video/mp4"},
    {"audio", schemas::attachment_kind::audio, "audio/mpeg"},
    {"document", schemas::attachment_kind::document, ""},
    {"live_photo", schemas::attachment_kind::video, "video/mp4"},
    {"sticker", schemas::attachment_kind::sticker, "image/webp"},
    {"video", schemas::attachment_kind::video, "video/mp4"},
    {"video_note", schemas::attachment_kind::video, "video/mp4"},
    {"voice", schemas::attachment_kind::voice, "audio/ogg"},
    {"voice_note", schemas::attachment_kind::voice, "audio/ogg"},
};

void add_file(const node& file, schemas::attachment_kind kind, std::string_view content_type, schemas::event& event) {
  if (event.attachments.size() == most_parts) return event.add(schemas::flag::truncated);
  schemas::attachment a;
  a.kind = kind;
  a.content_type = file.text("mime_type").empty() ? std::string(content_type) : media_type(file.text("mime_type"));
  if (kind == schemas::attachment_kind::sticker && file.truth("is_animated"))
    a.content_type = "application/x-tgsticker";
  if (kind == schemas::attachment_kind::sticker && file.truth("is_video")) a.content_type = "video/webm";
  if (kind == schemas::attachment_kind::document && !a.content_type.empty())
    a.kind = attachment_kind_of(a.content_type);
  a.name = cut(file.text("file_name"), 1024);
  if (a.name.empty() && !file.text("title").empty()) {
    if (!file.text("performer").empty()) a.name = std::string(file.text("performer")) + " - ";
    a.name += file.text("title");
  }
  if (const auto size = file.integer("file_size"); size && *size >= 0) a.size = *size;
  constexpr std::int64_t longest = 1 << 30;  // seconds
  if (const auto seconds = file.integer("duration"); seconds && *seconds >= 0 && *seconds < longest)
    a.duration = std::chrono::seconds(*seconds);
  a.provider_ref = file.text("file_id");
  a.id = std::to_string(event.attachments.size());
  event.attachments.push_back(std::move(a));
}

// One picture in several sizes: the largest is the last.
void add_photo(const node& from, schemas::event& event) {
  node largest;
  from.each("photo", most_parts, [&](const node& size) { largest = size; });
  if (largest) add_file(largest, schemas::attachment_kind::image, "image/jpeg", event);
}

void fill_location(const node& message, schemas::message& out) {
  const node venue = message["venue"], at = venue ? venue["location"] : message["location"];
  const auto latitude = at.number("latitude"), longitude = at.number("longitude");
  if (!latitude || !longitude || std::abs(*latitude) > 90 || std::abs(*longitude) > 180) return;
  out.kind = message_kind::location;
  out.location = {*latitude, *longitude, std::string(venue.text("title")), std::string(venue.text("address"))};
}

// The parts of an address, which stand between semicolons.
std::string joined(std::string_view parts) {
  std::string out;
  while (!parts.empty()) {
    const std::string_view part = trimmed(parts.substr(0, parts.find(';')));
    parts.remove_prefix(
        std::min(parts.size(), parts.find(';') == std::string_view::npos ? parts.size() : parts.find(';') + 1));
    if (part.empty()) continue;
    if (!out.empty()) out += ", ";
    out += part;
  }
  return out;
}

// What a vCard says in lines of their own; what Telegram says outside it is not read again.
void fill_from_vcard(std::string_view vcard, schemas::contact_card& out) {
  std::size_t most = most_parts;
  while (!vcard.empty() && most-- > 0) {
    const std::string_view line = vcard.substr(0, vcard.find('\n'));
    vcard.remove_prefix(std::min(vcard.size(), line.size() + 1));
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    std::string property = lower(line.substr(0, std::min(colon, line.find(';'))));
    if (const auto dot = property.rfind('.'); dot != std::string::npos) property.erase(0, dot + 1);  // "item1.EMAIL"
    std::string_view value = line.substr(colon + 1);
    if (value.ends_with('\r')) value.remove_suffix(1);
    value = trimmed(value);
    if (value.empty()) continue;
    if (property == "email") out.emails.emplace_back(value);
    if (property == "url") out.urls.emplace_back(value);
    if (property == "org") out.organization = value.substr(0, value.find(';'));
    if (property == "adr") out.addresses.push_back(joined(value));
  }
}

void fill_card(const node& card, contact& fact) {
  schemas::message& message = *fact.event.message;
  message.kind = message_kind::contact_card;
  const std::string_view phone = card.text("phone_number"), vcard = card.text("vcard");
  schemas::contact_card out{.name = name_of(card)};
  if (!phone.empty()) out.phones.emplace_back(phone);
  if (const auto user = card.integer("user_id")) out.identities.push_back(uri_of(*user));
  fill_from_vcard(vcard, out);
  if (!out.name.empty() || !out.phones.empty() || !out.identities.empty() || !out.emails.empty() || !out.urls.empty())
    message.contact_cards.push_back(std::move(out));
  if (vcard.empty()) return;
  fact.blobs.push_back({fact.event.attachments.size(), std::string(vcard)});
  fact.event.attachments.push_back({.id = std::to_string(fact.event.attachments.size()),
                                    .kind = schemas::attachment_kind::contact,
                                    .content_type = "text/vcard"});
}

using fields = std::vector<schemas::field>;

void interact(schemas::message& message, schemas::interaction_kind kind, std::string payload, std::string_view title,
              fields with = {}) {
  message.kind = message_kind::interaction;
  message.interaction = {kind, std::move(payload), std::string(title), std::move(with)};
}

void add_field(fields& out, std::string name, std::string_view label, std::string_view value) {
  if (!name.empty()) out.push_back({.name = std::move(name), .label = std::string(label), .value = std::string(value)});
}

void fill_poll(const node& poll, schemas::event& event) {
  event.message->kind = message_kind::poll;
  schemas::poll& out = event.message->poll.emplace();
  out.id = poll.text("id");
  out.multiple = poll.truth("allows_multiple_answers");
  poll.each("options", most_parts, [&](const node& option) {
    std::string id(option.text("persistent_id"));
    if (id.empty()) id = std::to_string(out.choices.size());
    out.choices.push_back({std::move(id), std::string(option.text("text"))});
  });
  event.text = poll.text("question");
}

void fill_checklist(const node& checklist, schemas::event& event) {
  fields tasks;
  checklist.each("tasks", most_parts, [&](const node& task) {
    const bool done = task.has("completed_by_user") || task.has("completed_by_chat");
    add_field(tasks, task.digits("id"), task.text("text"), done ? "done" : "");
  });
  interact(*event.message, schemas::interaction_kind::list, {}, checklist.text("title"), std::move(tasks));
  event.text = checklist.text("title");
}

// Tasks of a checklist that somebody ticked, unticked or added.
void fill_tasks(const update& u, const node& change, schemas::event& event) {
  fields tasks;
  for (const auto& [name, state] : {std::pair<std::string_view, std::string_view>{"marked_as_done_task_ids", "done"},
                                    {"marked_as_not_done_task_ids", "open"}})
    if (const auto ids = change.list(name))
      for (const json::element id : *ids)
        if (auto task = json::scalar(id); task && tasks.size() < most_parts)
          add_field(tasks, *std::move(task), {}, state);
  change.each("tasks", most_parts,
              [&](const node& task) { add_field(tasks, task.digits("id"), task.text("text"), "added"); });
  interact(*event.message, schemas::interaction_kind::list, {}, {}, std::move(tasks));
  if (std::string list = message_ref(u, change["checklist_message"]); !list.empty())
    event.related.push_back({schemas::rel::about, {}, std::move(list), {}});
}

// What the customer picked when the bot's keyboard asked for users or a chat.
void fill_shared(const node& message, schemas::event& event) {
  fields shared;
  const node users = message["users_shared"], chat = message["chat_shared"];
  if (chat) add_field(shared, "chat_id", name_of(chat), chat.digits("chat_id"));
  interact(*event.message, schemas::interaction_kind::list, (users ? users : chat).digits("request_id"), {},
           std::move(shared));
  if (!users) return;
  event.message->kind = message_kind::contact_card;
  users.each("users", most_parts, [&](const node& user) {
    schemas::contact_card card{.name = name_of(user)};
    if (const auto id = user.integer("user_id")) card.identities.push_back(uri_of(*id));
    if (!card.name.empty() || !card.identities.empty()) event.message->contact_cards.push_back(std::move(card));
  });
}

// The data of a Mini App: its members as fields where it is JSON.
void fill_web_app(const node& app, schemas::event& event) {
  const std::string_view data = app.text("data");
  fields with;
  if (const auto parsed = json::parse_copy(data, 32)) with = fields_of(node(*parsed));
  interact(*event.message, schemas::interaction_kind::flow, std::string(data), app.text("button_text"),
           std::move(with));
}

void fill_order(const node& payment, std::string_view sku, fields with, schemas::message& message) {
  message.kind = message_kind::order;
  schemas::order_item item{.sku = std::string(sku), .quantity = 1};
  if (const auto total = payment.integer("total_amount")) item.unit_price = money_of(*total, payment.text("currency"));
  if (!item.sku.empty()) message.order.emplace().items.push_back(std::move(item));
  if (!with.empty()) message.interaction = {schemas::interaction_kind::flow, {}, {}, std::move(with)};
}

void fill_game(const node& game, schemas::event& event) {
  event.message->kind = message_kind::media;
  event.message->subject = game.text("title");
  fill_files(game, event);
}

// Shown whole, a story of another's; Telegram gives no file.
void fill_story(const node& story, schemas::event& event) {
  event.message->kind = message_kind::media;
  event.message->forwarded = schemas::forwarding{.from = name_of(story["chat"]), .from_uri = uri_of(story["chat"])};
  event.related.push_back(
      {schemas::rel::forwarded_from, {}, story["chat"].digits("id") + "/story/" + story.digits("id"), {}});
}

}  // namespace

bool fill_files(const node& from, schemas::event& event) {
  const std::size_t before = event.attachments.size();
  add_photo(from, event);
  for (const file_kind& each : file_kinds) {
    if (each.name == "document" && from.has("animation")) continue;
    if (const node file = from[each.name]) add_file(file, each.kind, each.content_type, event);
  }
  return event.attachments.size() > before;
}

bool fill_content(const update& u, const node& message, contact& fact) {
  schemas::event& event = fact.event;
  schemas::message& out = *event.message;
  event.text = message.has("text") ? message.text("text") : message.text("caption");
  if (fill_files(message, event)) {
    out.kind = message.has("sticker") ? message_kind::sticker : message_kind::media;
    if (event.text.empty()) event.text = message["sticker"].text("emoji");
  } else if (const node paid = message["paid_media"]) {
    out.kind = message_kind::media;
    paid.each("paid_media", most_parts, [&](const node& each) { fill_files(each, event); });
  } else if (message.has("text")) {
    out.kind = message_kind::text;
  } else if (const node rich = message["rich_message"]) {
    fill_rich(rich, fact);
    out.kind = event.attachments.empty() ? message_kind::text : message_kind::media;
  } else if (message.has("venue") || message.has("location")) {
    fill_location(message, out);
    return out.location.has_value();
  } else if (const node card = message["contact"]) {
    fill_card(card, fact);
  } else if (const node poll = message["poll"]) {
    fill_poll(poll, event);
  } else if (const node dice = message["dice"]) {
    event.text = dice.text("emoji");
    interact(out, schemas::interaction_kind::keyword, dice.digits("value"), dice.text("emoji"));
  } else if (const node game = message["game"]) {
    fill_game(game, event);
  } else if (const node story = message["story"]) {
    fill_story(story, event);
  } else if (const node checklist = message["checklist"]) {
    fill_checklist(checklist, event);
  } else if (const node change =
                 message[message.has("checklist_tasks_done") ? "checklist_tasks_done" : "checklist_tasks_added"]) {
    fill_tasks(u, change, event);
  } else if (const node invoice = message["invoice"]) {
    out.subject = invoice.text("title");
    fill_order(invoice, invoice.text("title"), {}, out);
  } else if (const node payment = message["successful_payment"]) {
    fill_order(payment, payment.text("invoice_payload"), fields_of(payment, {"currency", "total_amount"}), out);
    if (const std::string_view charge = payment.text("telegram_payment_charge_id"); !charge.empty())
      event.related.push_back({schemas::rel::about, {}, std::string(charge), {}});
  } else if (const node app = message["web_app_data"]) {
    fill_web_app(app, event);
  } else if (message.has("users_shared") || message.has("chat_shared")) {
    fill_shared(message, event);
  } else {
    return false;
  }
  return true;
}

std::string_view content_name(const node& message) {
  // What goes with any content, in aiogram's order of the Bot API's members.
  static constexpr std::string_view around[] = {"message_id",
                                                "date",
                                                "chat",
                                                "message_thread_id",
                                                "direct_messages_topic",
                                                "from",
                                                "sender_chat",
                                                "sender_boost_count",
                                                "sender_business_bot",
                                                "sender_tag",
                                                "guest_query_id",
                                                "business_connection_id",
                                                "forward_origin",
                                                "is_topic_message",
                                                "is_automatic_forward",
                                                "reply_to_message",
                                                "external_reply",
                                                "quote",
                                                "reply_to_story",
                                                "reply_to_checklist_task_id",
                                                "reply_to_poll_option_id",
                                                "via_bot",
                                                "guest_bot_caller_user",
                                                "guest_bot_caller_chat",
                                                "edit_date",
                                                "has_protected_content",
                                                "is_from_offline",
                                                "is_paid_post",
                                                "media_group_id",
                                                "author_signature",
                                                "paid_star_count",
                                                "entities",
                                                "link_preview_options",
                                                "suggested_post_info",
                                                "effect_id",
                                                "caption",
                                                "caption_entities",
                                                "show_caption_above_media",
                                                "has_media_spoiler",
                                                "reply_markup",
                                                "receiver_user",
                                                "ephemeral_message_id",
                                                "forward_date",
                                                "forward_from",
                                                "forward_from_chat",
                                                "forward_from_message_id",
                                                "forward_sender_name",
                                                "forward_signature"};
  for (const auto member : *message.object())
    if (!member.key.empty() && std::ranges::find(around, member.key) == std::end(around)) return member.key;
  return "message";
}

}  // namespace switchboard::connectors::telegram
