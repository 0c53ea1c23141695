#include "connectors/chat/meta_instagram/comments.hpp"

#include <algorithm>

#include "connectors/common/fingerprint.hpp"
#include "connectors/common/text.hpp"

namespace switchboard::connectors::meta_instagram {

namespace {

using meta::doer, meta::entry_context;

void relate(contact& fact, schemas::rel relation, const std::string& id) {
  if (!id.empty()) fact.event.related.push_back({relation, {}, id, {}});
}

std::optional<json::reader> part_of(json::reader& from, std::string_view name) {
  const auto object = from.sub(name);
  return object ? std::optional(json::reader(*object, from.path(name))) : std::nullopt;
}

void fill_author(json::reader& from, const entry_context& context, contact& fact) {
  auto person = part_of(from, "from");
  const std::string id = person ? person->id("id") : std::string();
  const bool ours = id == context.account;
  meta::set_people(fact, ours ? std::string() : meta::uri_of(context, id),
                   person ? person->text("username") : std::string_view(), ours ? doer::company : doer::customer);
  if (!person) return;
  const std::string scoped = person->id("self_ig_scoped_id");
  if (!scoped.empty() && scoped != id && fact.event.actor)
    fact.event.actor->identities.push_back({meta::uri_of(context, scoped), true});
  from.merge(*person);
}

// What was commented on: a post, a story, an ad made of either.
void fill_media(json::reader& from, contact& fact) {
  auto media = part_of(from, "media");
  if (!media) return;
  schemas::message& message = *fact.event.message;
  const std::string id = media->id("id"), ad = media->id("ad_id");
  const std::string_view type = media->text("media_product_type");
  using kind = schemas::context_kind;
  const kind shown = !ad.empty() || type == "AD" ? kind::ad : type == "STORY" ? kind::story : kind::post;
  message.context = {schemas::context_rel::comments_on, shown, id, {}};
  relate(fact, schemas::rel::about, id);
  relate(fact, schemas::rel::about, media->id("original_media_id"));
  if (!ad.empty())
    message.referral = {.kind = schemas::referral_kind::ad,
                        .id = ad,
                        .url = {},
                        .headline = words(media->text("ad_title"), 4096, fact.event),
                        .campaign = {}};
  from.merge(*media);
}

// A boosted post may deliver a comment twice, with other media: a retry is told by who said what.
bool fill_comment(json::reader& from, const entry_context& context, contact& fact) {
  schemas::event& event = fact.event;
  fact.key = from.id("id");
  from.require(!fact.key.empty(), "id");
  event.object.external_id = fact.key;
  fill_author(from, context, fact);
  event.type = event.direction == schemas::direction::outbound ? schemas::event_type::message_sent
                                                               : schemas::event_type::message_received;
  event.text = words(from.text("text"), context.limits.text_bytes, event);
  event.message.emplace();
  fact.fingerprint = fingerprint().add(event.text).add(event.customer_uri).value();
  fill_media(from, fact);
  const std::string parent = from.id("parent_id");
  if (!parent.empty()) {
    relate(fact, schemas::rel::in_reply_to, parent);
    event.message->context = {schemas::context_rel::replies_to, schemas::context_kind::comment, parent, {}};
  }
  // Every reply names the comment that it stands below.
  event.conversation.kind = schemas::conversation_kind::thread;
  event.conversation.visibility = schemas::visibility::public_;
  event.conversation.external_id = event.conversation.thread_id = parent.empty() ? fact.key : parent;
  fact.conversation = {event.account.id, "comment", event.conversation.external_id};
  return true;
}

// Only where it was: text and author are to be fetched.
bool fill_mention(json::reader& from, const entry_context&, contact& fact) {
  schemas::event& event = fact.event;
  const std::string media = from.id("media_id"), comment = from.id("comment_id");
  from.require(!media.empty(), "media_id");
  event.object.external_id = comment.empty() ? media : comment;
  fact.key = "mention/" + media + "/" + comment;
  meta::set_people(fact, {}, {}, doer::customer);
  event.message.emplace().context = {schemas::context_rel::mentions, schemas::context_kind::post, media, {}};
  if (!comment.empty()) relate(fact, schemas::rel::about, media);
  meta::set_post(fact, media);
  return true;
}

// How a story fared, once, when it expires. Counts too small to tell come as -1.
bool fill_insights(json::reader& from, const entry_context&, contact& fact) {
  schemas::event& event = fact.event;
  const std::string media = from.id("media_id");
  from.require(!media.empty(), "media_id");
  event.type = schemas::event_type::form_submitted;
  event.object.external_id = media;
  fact.key = "story_insights/" + media;
  event.direction = schemas::direction::system;
  event.actor = schemas::party{.who = schemas::role::system};
  schemas::form form{.id = "story_insights"};
  for (const std::string_view name : {"impressions", "reach", "taps_forward", "taps_back", "exits", "replies"}) {
    const auto count = from.integer(name);
    if (!count) continue;
    form.fields.push_back({.name = std::string(name),
                           .label = {},
                           .type = "integer",
                           .value = *count < 0 ? std::string() : std::to_string(*count),
                           .values = {}});
  }
  if (form.fields.empty()) return false;
  event.form = std::move(form);
  meta::set_post(fact, media);
  return true;
}

}  // namespace

item decode_change(const meta::update& u, const entry_context& context) {
  json::object value;
  const auto refuse = [&](reject_code code, std::string pointer) {
    return item_rejected{code, std::move(pointer), json::minified(u.whole)};
  };
  if (u.value.get(value)) return refuse(reject_code::wrong_type, u.pointer);
  struct field {
    std::string_view name;
    bool (*fill)(json::reader&, const entry_context&, contact&);
  };
  static constexpr field fields[] = {{"comments", fill_comment},
                                     {"live_comments", fill_comment},
                                     {"mentions", fill_mention},
                                     {"story_insights", fill_insights}};
  const auto* known = std::ranges::find(fields, u.field, &field::name);
  json::reader from(value, u.pointer);
  contact fact = meta::begin_fact(context, std::nullopt);
  const bool understood = known != std::end(fields) && known->fill(from, context, fact);
  if (from.failed()) return refuse(from.code(), from.wrong());
  if (!understood) {
    meta::set_people(fact, {}, {}, doer::nobody);
    return meta::as_unsupported(std::move(fact), context.product, u.field, u.whole);
  }
  if (fact.fingerprint == 0) fact.fingerprint = fingerprint().add(json::minified(u.value)).value();
  return fact;
}

}  // namespace switchboard::connectors::meta_instagram
