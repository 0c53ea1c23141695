#include "connectors/chat/telegram/updates.hpp"

#include <algorithm>

namespace switchboard::connectors::telegram {

namespace {

using schemas::event_type;

// A fact that a user told the bot: the user, the object, and a conversation with the bot unless a chat is known.
contact told_by(const update& u, event_type type, std::string_view user, std::string external_id) {
  contact out = start(u, type);
  out.event.object.external_id = std::move(external_id);
  out.key = out.event.object.external_id;
  from_customer(out, u.body[user]);
  converse_with(u, out, u.body[user]);
  return out;
}

void interact(contact& fact, schemas::interaction_kind kind, std::string_view payload, std::string_view title) {
  schemas::message& message = fact.event.message.emplace();
  message.kind = schemas::message_kind::interaction;
  message.interaction = {kind, std::string(payload), std::string(title), {}};
}

// What the pressed button says.
std::string_view title_of(const node& message, std::string_view data) {
  const auto rows = message["reply_markup"].list("inline_keyboard");
  if (!rows) return {};
  for (const json::element row : *rows) {
    json::array buttons;
    if (row.get(buttons)) continue;
    for (const json::element each : buttons)
      if (const node button(each); button.text("callback_data") == data && !data.empty()) return button.text("text");
  }
  return {};
}

// "👍", the id of a custom emoji, "paid".
struct sign {
  std::string emoji, name;
  const std::string& text() const { return emoji.empty() ? name : emoji; }
  friend bool operator==(const sign&, const sign&) = default;
};
sign sign_of(const node& reaction) {
  const std::string_view type = reaction.text("type");
  if (type == "emoji") return {std::string(reaction.text("emoji")), {}};
  if (type == "custom_emoji") return {{}, std::string(reaction.text("custom_emoji_id"))};
  return {{}, std::string(type)};
}
std::vector<sign> signs_of(const node& from, std::string_view name) {
  std::vector<sign> out;
  from.each(name, most_parts, [&](const node& reaction) {
    if (sign s = sign_of(reaction); !s.text().empty()) out.push_back(std::move(s));
  });
  return out;
}
// The first that stands in `here` and not in `there`.
const sign* first_new(const std::vector<sign>& here, const std::vector<sign>& there) {
  const auto found =
      std::ranges::find_if(here, [&](const sign& s) { return std::ranges::find(there, s) == there.end(); });
  return found == here.end() ? nullptr : &*found;
}

std::string without_number(const update& u, const std::string& object) {
  return object + '/' + std::string(u.kind) + '/' + u.body.digits("date") + '/' + std::to_string(u.id);
}

}  // namespace

std::vector<item> decode_callback(const update& u) {
  const std::string_view id = u.body.text("id"), data = u.body.text("data"), game = u.body.text("game_short_name");
  if (id.empty()) return {missing(u, "/id")};
  const node message = u.body["message"];
  contact fact = told_by(u, event_type::message_received, "from", own_ref(u, "callback", id));
  schemas::event& event = fact.event;
  const std::string customer = event.customer_uri;
  if (message["chat"]) converse(u, fact, message["chat"], message);
  if (!customer.empty()) event.customer_uri = customer;
  to_us(fact);
  interact(fact, schemas::interaction_kind::button, data.empty() ? game : data, title_of(message, data));
  event.text = event.message->interaction->title;
  std::string about = message_ref(u, message);
  if (const std::string_view inline_id = u.body.text("inline_message_id"); about.empty() && !inline_id.empty())
    about = own_ref(u, "inline", inline_id);
  if (!about.empty()) {
    event.message->context = {schemas::context_rel::replies_to, schemas::context_kind::message, about, {}};
    event.related.push_back({schemas::rel::in_reply_to, {}, std::move(about), {}});
  }
  return {std::move(fact)};
}

std::vector<item> decode_inline_query(const update& u) {
  const std::string_view id = u.body.text("id");
  if (id.empty()) return {missing(u, "/id")};
  contact fact = told_by(u, event_type::message_received, "from", own_ref(u, "inline_query", id));
  interact(fact, schemas::interaction_kind::keyword, {}, {});
  fact.event.text = u.body.text("query");
  to_us(fact);
  return {std::move(fact)};
}

std::vector<item> decode_chosen_result(const update& u) {
  contact fact =
      told_by(u, event_type::message_received, "from", own_ref(u, "chosen_inline_result", std::to_string(u.id)));
  schemas::event& event = fact.event;
  interact(fact, schemas::interaction_kind::list, u.body.text("result_id"), {});
  event.text = u.body.text("query");
  to_us(fact);
  if (const std::string_view id = u.body.text("inline_message_id"); !id.empty())
    event.related.push_back({schemas::rel::about, {}, own_ref(u, "inline", id), {}});
  return {std::move(fact)};
}

std::vector<item> decode_reaction(const update& u) {
  const std::string object = message_ref(u, u.body);
  if (object.empty()) return {missing(u, "/message_id")};
  contact fact = start(u, event_type::reaction);
  schemas::event& event = fact.event;
  event.object.external_id = object;
  fact.key = without_number(u, object);
  at(event, u.body.integer("date"));
  converse(u, fact, u.body["chat"], u.body);
  from_customer(fact, u.body.has("user") ? u.body["user"] : u.body["actor_chat"]);
  to_us(fact);

  const auto before = signs_of(u.body, "old_reaction"), now = signs_of(u.body, "new_reaction");
  const sign* added = first_new(now, before);
  const sign* removed = first_new(before, now);
  schemas::reaction& reaction = event.reaction.emplace();
  using action = schemas::reaction_action;
  reaction.action = added && removed ? action::replaced : removed ? action::removed : action::added;
  if (const sign* told = added ? added : removed) reaction.emoji = told->emoji, reaction.name = told->name;
  for (const sign& s : now) reaction.current.push_back(s.text());
  return {std::move(fact)};
}

std::vector<item> decode_reaction_count(const update& u) {
  const std::string object = message_ref(u, u.body);
  if (object.empty()) return {missing(u, "/message_id")};
  contact fact = start(u, event_type::reaction);
  schemas::event& event = fact.event;
  event.direction = schemas::direction::system;
  event.object.external_id = object;
  fact.key = without_number(u, object);
  at(event, u.body.integer("date"));
  converse(u, fact, u.body["chat"], u.body);

  std::vector<item> out;
  u.body.each("reactions", most_parts, [&](const node& counted) {
    contact one = fact;
    const sign s = sign_of(counted["type"]);
    one.event.reaction =
        schemas::reaction{.action = schemas::reaction_action::counted,
                          .emoji = s.emoji,
                          .name = s.name,
                          .count = std::max<std::int64_t>(0, counted.integer("total_count").value_or(0))};
    one.ordinal = static_cast<std::uint32_t>(out.size());
    out.emplace_back(std::move(one));
  });
  if (!out.empty()) return out;
  event.reaction = schemas::reaction{.action = schemas::reaction_action::counted, .count = 0};
  return {std::move(fact)};
}

std::vector<item> decode_poll(const update& u) {
  const std::string_view id = u.body.text("id");
  if (id.empty()) return {missing(u, "/id")};
  contact fact = start(u, event_type::form_submitted);
  schemas::event& event = fact.event;
  event.direction = schemas::direction::system;
  event.object.external_id = own_ref(u, "poll", id);
  fact.key = event.object.external_id + '/' + u.body.digits("total_voter_count") + '/' + event.delivery_id;
  schemas::form& form = event.form.emplace();
  form.id = id;
  form.name = "telegram.poll";
  for (const std::string_view name : {"question", "type", "total_voter_count", "is_closed"})
    if (const auto value = u.body.find(name))
      if (auto text = json::scalar(*value))
        form.fields.push_back({.name = std::string(name), .value = *std::move(text)});
  std::size_t place = 0;
  u.body.each("options", most_parts, [&](const node& option) {
    std::string name(option.text("persistent_id"));
    if (name.empty()) name = std::to_string(place);
    ++place;
    form.fields.push_back({.name = "option." + name,
                           .label = std::string(option.text("text")),
                           .type = "votes",
                           .value = option.digits("voter_count")});
  });
  if (!form.fields.empty()) return {std::move(fact)};
  event.form.reset();
  return {unknown(u, std::move(fact), u.kind)};
}

std::vector<item> decode_poll_answer(const update& u) {
  const std::string_view poll = u.body.text("poll_id");
  const node voter = u.body.has("user") ? u.body["user"] : u.body["voter_chat"];
  if (poll.empty()) return {missing(u, "/poll_id")};
  contact fact = start(u, event_type::feedback_submitted);
  schemas::event& event = fact.event;
  event.object.external_id = own_ref(u, "poll", poll) + "/answer/" + voter.digits("id");
  fact.key = event.object.external_id + '/' + event.delivery_id;
  from_customer(fact, voter);
  event.related.push_back({schemas::rel::about, {}, own_ref(u, "poll", poll), {}});
  schemas::feedback& feedback = event.feedback.emplace();
  feedback.kind = schemas::feedback_kind::poll;
  feedback.survey = {std::string(poll), {}, {}};
  schemas::answer answer{.question_id = std::string(poll), .kind = "choice"};
  // Options can be added and taken away: their places move, their persistent ids stay.
  for (const std::string_view name : {"option_persistent_ids", "option_ids"}) {
    if (!answer.choices.empty()) break;
    if (const auto chosen = u.body.list(name))
      for (const json::element each : *chosen)
        if (auto option = json::scalar(each); option && answer.choices.size() < most_parts)
          answer.choices.push_back({*std::move(option), {}});
  }
  if (answer.choices.empty())
    event.type = event_type::feedback_deleted, event.deletion = schemas::deletion{schemas::deletion_reason::removed};
  else
    feedback.answers.push_back(std::move(answer));
  return {std::move(fact)};
}

std::vector<item> decode_purchased_media(const update& u) {
  const std::string_view payload = u.body.text("paid_media_payload");
  if (payload.empty()) return {missing(u, "/paid_media_payload")};
  contact fact =
      told_by(u, event_type::message_received, "from", own_ref(u, "purchased_paid_media", std::to_string(u.id)));
  schemas::message& message = fact.event.message.emplace();
  message.kind = schemas::message_kind::order;
  message.order.emplace().items.push_back({.sku = std::string(payload), .quantity = 1});
  to_us(fact);
  return {std::move(fact)};
}

std::vector<item> decode_stopped_generation(const update& u) {
  const node chat = u.body["chat"];
  const std::string draft = u.body.digits("draft_id");
  if (!chat.integer("id") || draft.empty()) return {missing(u, "/draft_id")};
  contact fact = start(u, event_type::message_received);
  schemas::event& event = fact.event;
  event.object.external_id = own_ref(u, "stopped_message_generation", std::to_string(u.id));
  fact.key = event.object.external_id + '/' + draft;
  converse(u, fact, chat, u.body);
  if (chat.text("type") == "private") from_customer(fact, chat);
  to_us(fact);
  interact(fact, schemas::interaction_kind::button, u.kind, {});
  event.related.push_back({schemas::rel::about, {}, own_ref(u, chat.digits("id") + "/draft", draft), {}});
  return {std::move(fact)};
}

std::vector<item> decode_deleted_messages(const update& u) {
  const node chat = u.body["chat"];
  const auto id = chat.integer("id");
  const auto messages = u.body.list("message_ids");
  if (!id) return {missing(u, "/chat/id")};
  if (!messages || messages->size() == 0) return {missing(u, "/message_ids")};
  if (messages->size() > u.limits.items)
    return {item_rejected{reject_code::too_many_items, "/deleted_business_messages/message_ids", u.raw}};
  contact fact = start(u, event_type::message_deleted);
  converse(u, fact, chat, u.body);
  // Either side may have done it, and Telegram does not say which.
  fact.event.direction = schemas::direction::system;
  fact.event.deletion = schemas::deletion{schemas::deletion_reason::removed};
  std::vector<item> out;
  for (const json::element each : *messages) {
    const auto message = json::integer(each);
    if (!message) {
      out.emplace_back(item_rejected{reject_code::wrong_type,
                                     "/deleted_business_messages/message_ids/" + std::to_string(out.size()),
                                     json::minified(each)});
      continue;
    }
    contact one = fact;
    one.event.object.external_id = message_ref(u, u.body.text("business_connection_id"), *id, *message);
    one.key = one.event.object.external_id + "/deleted";
    out.emplace_back(std::move(one));
  }
  return out;
}

std::vector<item> decode_form(const update& u) {
  const node chat = u.body["chat"], boost = u.body["boost"] ? u.body["boost"] : u.body;
  node who = u.body.has("from") ? u.body["from"] : u.body["user"];
  if (!who) who = boost["source"]["user"];
  contact fact = start(u, event_type::form_submitted);
  schemas::event& event = fact.event;
  std::string id(u.body.text("id"));
  if (id.empty()) id = boost.text("boost_id");
  if (id.empty()) id = event.delivery_id;
  event.object.external_id = own_ref(u, u.kind.ends_with("chat_boost") ? "boost" : u.kind, id);
  fact.key = event.object.external_id + '/' + event.delivery_id;
  for (const std::string_view date : {"date", "add_date", "remove_date"}) at(event, boost.integer(date));
  if (chat)
    converse(u, fact, chat, {});
  else
    converse_with(u, fact, who);
  from_customer(fact, who);
  to_us(fact);
  schemas::form& form = event.form.emplace();
  form.id = u.body.text("invoice_payload");
  form.name = "telegram." + std::string(u.kind);
  form.fields = fields_of(u.body, {"from", "user", "chat"});
  if (!form.fields.empty()) return {std::move(fact)};
  event.form.reset();
  return {unknown(u, std::move(fact), u.kind)};
}

}  // namespace switchboard::connectors::telegram
