#include "connectors/chat/meta_messenger/feed.hpp"

#include <algorithm>

#include "connectors/common/fingerprint.hpp"
#include "connectors/common/text.hpp"

namespace switchboard::connectors::meta_messenger {

namespace {

using meta::doer, meta::entry_context;
using schemas::event_type;

// One change: what was done to what, by whom, and the fact that it begins.
struct change {
  const entry_context& context;
  json::reader from;
  std::string item, verb, post, comment, parent, author;
  std::string_view name;
  bool ours = false;
  std::optional<timestamp> at{};
  contact fact{};

  schemas::event& event() { return fact.event; }
  std::string key(std::string_view object) const {
    return std::string(object) + "/" + verb + (at ? "/" + std::to_string(at->time_since_epoch().count() / 1000) : "");
  }
};

// Facebook names whoever acted in three ways.
void read_author(change& c) {
  if (const auto person = c.from.sub("from")) {
    json::reader part(*person, c.from.path("from"));
    c.author = part.id("id");
    c.name = part.text("name");
    c.from.merge(part);
  }
  for (const auto& [id, name] : {std::pair("sender_id", "sender_name"), {"reviewer_id", "reviewer_name"}}) {
    if (!c.author.empty()) return;
    c.author = c.from.id(id);
    c.name = c.from.text(name);
  }
}

void set_doer(change& c, doer who) {
  meta::set_people(c.fact, c.ours ? std::string() : meta::uri_of(c.context, c.author), c.name, who);
}

change begin(json::reader from, const entry_context& context) {
  change c{.context = context, .from = std::move(from)};
  c.item = c.from.identifier("item");
  c.verb = c.from.identifier("verb");
  c.post = c.from.id("post_id");
  c.comment = c.from.id("comment_id");
  c.parent = c.from.id("parent_id");
  read_author(c);
  c.ours = c.author == context.account;
  for (const std::string_view name : {"edited_time", "created_time"})
    if (!c.at) c.at = meta::time_of(c.from, name);
  c.fact = meta::begin_fact(context, c.at);
  set_doer(c, c.ours ? doer::company : doer::customer);
  return c;
}

enum class deed : std::uint8_t { added, edited, removed, hidden, shown, other };
deed deed_of(std::string_view verb) {
  static constexpr std::pair<std::string_view, deed> verbs[] = {
      {"add", deed::added},      {"edit", deed::edited},    {"edited", deed::edited}, {"update", deed::edited},
      {"remove", deed::removed}, {"delete", deed::removed}, {"hide", deed::hidden},   {"unhide", deed::shown}};
  const auto* known = std::ranges::find(verbs, verb, &std::pair<std::string_view, deed>::first);
  return known == std::end(verbs) ? deed::other : known->second;
}

item keep(change& c, std::string_view kind, json::element whole) {
  c.event().object.external_id = c.comment.empty() ? c.post : c.comment;
  if (!c.post.empty()) meta::set_post(c.fact, c.post);
  return meta::as_unsupported(std::move(c.fact), c.context.product, kind, whole);
}

void read_attachments(change& c) {
  using enum schemas::attachment_kind;
  const auto add = [&](std::string_view url, schemas::attachment_kind kind, std::string_view ref) {
    schemas::attachment a{.kind = kind};
    a.provider_ref = c.from.id(ref);
    a.url = url;
    if (!url.empty()) meta::add_attachment(c.event(), std::move(a));
  };
  const auto of_item = c.item == "photo" ? image : c.item == "video" ? video : other;
  add(c.from.text("link"), of_item, of_item == image ? "photo_id" : of_item == video ? "video_id" : "share_id");
  add(c.from.text("photo"), image, "photo_id");
  add(c.from.text("video"), video, "video_id");
  if (const auto photos = c.from.list("photos"))
    for (const json::element each : *photos) add(json::text(each).value_or(""), image, {});
}

// What was written, or became of it. Who took it away is not named; hiding and showing again is the company's.
bool fill_words(change& c, deed done, std::string_view object) {
  schemas::event& event = c.event();
  event.object.external_id = object;
  c.fact.key = c.key(object);
  switch (done) {
    case deed::added:
      event.type = c.ours ? event_type::message_sent : event_type::message_received;
      break;
    case deed::edited:
      event.type = event_type::message_edited;
      if (c.at) event.object.revision = std::to_string(c.at->time_since_epoch().count() / 1000);
      break;
    case deed::shown:
      event.type = event_type::message_edited;
      break;
    case deed::removed:
    case deed::hidden:
      event.type = event_type::message_deleted;
      event.deletion = {done == deed::hidden ? schemas::deletion_reason::hidden : schemas::deletion_reason::removed};
      break;
    case deed::other:
      return false;
  }
  if (done == deed::hidden || done == deed::shown) {
    c.name = {};
    set_doer(c, doer::company);
  }
  if (done != deed::added && done != deed::edited) event.recipients.clear();
  if (done == deed::removed) event.actor.reset();
  if (event.deletion) return true;

  event.text = words(c.from.text("message"), c.context.limits.text_bytes, event);
  read_attachments(c);
  event.message.emplace().kind = event.attachments.empty() ? schemas::message_kind::text : schemas::message_kind::media;
  return true;
}

void set_context(change& c, schemas::context_rel rel, schemas::context_kind kind, const std::string& id) {
  if (c.event().message) c.event().message->context = {rel, kind, id, {}};
}
void relate(change& c, schemas::rel relation, const std::string& id) {
  if (!id.empty()) c.event().related.push_back({relation, {}, id, {}});
}

bool fill_comment(change& c) {
  c.from.require(!c.comment.empty(), "comment_id");
  c.from.require(!c.post.empty(), "post_id");
  if (!fill_words(c, deed_of(c.verb), c.comment)) return false;
  const bool reply = !c.parent.empty() && c.parent != c.post;
  meta::set_post(c.fact, c.post);
  c.event().conversation.thread_id = reply ? c.parent : c.comment;
  relate(c, schemas::rel::about, c.post);
  if (reply) {
    relate(c, schemas::rel::in_reply_to, c.parent);
    set_context(c, schemas::context_rel::replies_to, schemas::context_kind::comment, c.parent);
  } else {
    set_context(c, schemas::context_rel::comments_on, schemas::context_kind::post, c.post);
    if (const auto post = c.from.sub("post"); post && c.event().message)
      c.event().message->context->url = json::reader(*post, "").text("permalink_url");
  }
  return true;
}

bool fill_post(change& c) {
  c.from.require(!c.post.empty(), "post_id");
  if (!fill_words(c, deed_of(c.verb), c.post)) return false;
  // A post of several videos comes as several changes.
  for (const std::string_view part : {"photo_id", "video_id"})
    if (const std::string id = c.from.id(part); !id.empty()) c.fact.key += "/" + id;
  meta::set_post(c.fact, c.post);
  return true;
}

bool fill_membership(change& c) {
  const deed done = deed_of(c.verb);
  if (done != deed::removed && done != deed::added && c.verb != "follow") return false;
  schemas::event& event = c.event();
  event.type = event_type::membership_changed;
  event.membership = {
      .state = done == deed::removed ? schemas::membership_state::unfollowed : schemas::membership_state::followed,
      .member = {}};
  c.fact.key = c.key(event.account.id + "/" + c.item + "/" + c.author);
  if (!event.customer_uri.empty()) c.fact.conversation = {event.account.id, event.customer_uri};
  return true;
}

bool fill_reaction(change& c) {
  const std::string target = c.comment.empty() ? c.post : c.comment;
  const deed done = deed_of(c.verb);
  if (done != deed::added && done != deed::edited && done != deed::removed) return false;
  c.from.require(!c.post.empty(), "post_id");
  schemas::event& event = c.event();
  std::string name(c.from.identifier("reaction_type"));
  if (name.empty()) name = "like";
  event.type = event_type::reaction;
  event.object.external_id = target;
  c.fact.key = c.key(target + "/" + c.author + "/" + name);
  event.reaction = {.action = done == deed::added    ? schemas::reaction_action::added
                              : done == deed::edited ? schemas::reaction_action::replaced
                                                     : schemas::reaction_action::removed,
                    .emoji = {},
                    .name = std::move(name),
                    .current = {},
                    .count = {}};
  meta::set_post(c.fact, c.post);
  if (target != c.post) relate(c, schemas::rel::about, c.post);
  return true;
}

bool fill_feed(change& c) {
  if (c.item == "comment") return fill_comment(c);
  const bool likes = c.item == "like" || c.item == "reaction";
  if ((likes || c.item == "follow") && c.post.empty() && c.comment.empty()) return fill_membership(c);
  if (likes) return fill_reaction(c);
  for (const std::string_view post : {"status", "post", "photo", "video", "share", "album", "link", "note", "event"})
    if (c.item == post) return fill_post(c);
  return false;
}

// Recommended or not; in older reviews one to five stars.
bool fill_review(change& c) {
  const deed done = deed_of(c.verb);
  if (done != deed::added && done != deed::edited && done != deed::removed) return false;
  schemas::event& event = c.event();
  event.type = done == deed::added    ? event_type::feedback_submitted
               : done == deed::edited ? event_type::feedback_edited
                                      : event_type::feedback_deleted;
  event.object.external_id = c.post;
  c.fact.key = c.key(c.post + "/rating");
  meta::set_post(c.fact, c.post);
  schemas::feedback& feedback = event.feedback.emplace();
  feedback.kind = schemas::feedback_kind::review;
  feedback.about = {"page", event.account.id};
  if (done == deed::removed) {
    event.actor.reset();
    event.recipients.clear();
    return true;
  }
  event.text = words(c.from.text("review_text"), c.context.limits.text_bytes, event);
  const std::string_view recommends = c.from.text("recommendation_type");
  if (recommends == "positive" || recommends == "negative") {
    feedback.score = recommends == "positive" ? 1 : 0;
    feedback.scale = {0, 1, schemas::scale_best::max};
  } else if (const auto stars = c.from.integer("rating"); stars && *stars >= 1 && *stars <= 5) {
    feedback.score = static_cast<double>(*stars);
    feedback.scale = {1, 5, schemas::scale_best::max};
  }
  return true;
}

bool fill_rating(change& c) {
  c.post = c.from.id("open_graph_story_id");
  c.from.require(!c.post.empty(), "open_graph_story_id");
  if (c.item == "rating") return fill_review(c);
  if (c.item == "comment") return fill_comment(c);
  return (c.item == "reaction" || c.item == "like") && fill_reaction(c);
}

bool fill_mention(change& c) {
  const std::string object = c.comment.empty() ? c.post : c.comment;
  c.from.require(!c.post.empty(), "post_id");
  if (!fill_words(c, deed_of(c.verb), object)) return false;
  c.fact.key.insert(0, "mention/");
  meta::set_post(c.fact, c.post);
  set_context(c, schemas::context_rel::mentions, schemas::context_kind::post, c.post);
  if (object != c.post) relate(c, schemas::rel::about, c.post);
  return true;
}

// The answers themselves are to be fetched with the lead's id.
bool fill_lead(change& c) {
  schemas::event& event = c.event();
  event.type = event_type::form_submitted;
  event.channel = schemas::channel::form;
  event.object.external_id = c.fact.key = c.from.id("leadgen_id");
  c.from.require(!c.fact.key.empty(), "leadgen_id");
  schemas::form& form = event.form.emplace();
  form.id = c.from.id("form_id");
  for (const std::string_view name : {"leadgen_id", "ad_id", "adgroup_id"})
    if (std::string value = c.from.id(name); !value.empty())
      form.fields.push_back(
          {.name = std::string(name), .label = {}, .type = "id", .value = std::move(value), .values = {}});
  relate(c, schemas::rel::about, c.from.id("ad_id"));
  return true;
}

item keep_unknown_field(const meta::update& u, json::reader& from, const entry_context& context) {
  contact fact = meta::begin_fact(context, std::nullopt);
  meta::set_people(fact, {}, {}, doer::nobody);
  fact.event.object.external_id = from.id("id");
  return meta::as_unsupported(std::move(fact), context.product, u.field, u.whole);
}

}  // namespace

item decode_change(const meta::update& u, const entry_context& context) {
  const auto refuse = [&](reject_code code, std::string pointer) {
    return item_rejected{code, std::move(pointer), json::minified(u.whole)};
  };
  json::object value;
  if (u.value.get(value)) return refuse(reject_code::wrong_type, u.pointer);
  struct field {
    std::string_view name;
    bool (*fill)(change&);
  };
  static constexpr field fields[] = {
      {"feed", fill_feed}, {"ratings", fill_rating}, {"mention", fill_mention}, {"leadgen", fill_lead}};
  const auto* known = std::ranges::find(fields, u.field, &field::name);
  json::reader from(value, u.pointer);
  if (known == std::end(fields)) return keep_unknown_field(u, from, context);

  change c = begin(std::move(from), context);
  const auto published = c.from.find("published");
  const bool draft = u.field == "feed" && c.ours && published && json::integer(*published) == 0;
  const bool understood = !draft && known->fill(c);
  if (c.from.failed()) return refuse(c.from.code(), c.from.wrong());
  c.fact.fingerprint = fingerprint().add(u.field).add(json::minified(u.value)).value();
  if (understood) return std::move(c.fact);
  std::string kind = draft ? "feed.unpublished" : std::string(u.field) + "." + c.item;
  if (!draft && c.item == "post") kind += "." + c.verb;
  return keep(c, kind, u.whole);
}

}  // namespace switchboard::connectors::meta_messenger
