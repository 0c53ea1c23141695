#include <algorithm>
#include <cmath>

#include "connectors/common/fingerprint.hpp"
#include "connectors/common/meta_parts.hpp"
#include "connectors/common/text.hpp"

namespace switchboard::connectors::meta {

namespace {

using schemas::attachment_kind;
using schemas::context_kind;
using schemas::context_rel;

constexpr std::size_t longest_label = 4096;

// What a message is made of beside its text is read leniently: a part that looks odd does not cost the message.
std::optional<json::reader> part_of(json::reader& from, std::string_view name) {
  const auto found = from.find(name);
  json::object object;
  if (!found || found->get(object)) return std::nullopt;
  return json::reader(object, from.path(name));
}
std::string label(json::reader& from, std::string_view name, schemas::event& event) {
  return words(from.text(name), longest_label, event);
}

// A story, a product, a post: what the message is about, unless it says so more closely itself.
void set_context(schemas::event& event, context_rel rel, context_kind kind, std::string id, std::string url) {
  if (event.message && !event.message->context && !(id.empty() && url.empty()))
    event.message->context = {rel, kind, std::move(id), std::move(url)};
}

bool read_location(json::reader& from, schemas::event& event) {
  auto payload = part_of(from, "payload");
  auto coordinates = payload ? part_of(*payload, "coordinates") : std::nullopt;
  if (!coordinates) return false;
  const auto latitude = coordinates->number("lat"), longitude = coordinates->number("long");
  if (!latitude || !longitude || std::abs(*latitude) > 90 || std::abs(*longitude) > 180) return false;
  event.message->location = {*latitude, *longitude, label(from, "title", event), {}};
  return true;
}

// The products of the company's shop that a message shows.
bool read_products(json::reader& payload, schemas::event& event) {
  auto product = part_of(payload, "product");
  const auto elements = product ? product->list("elements") : std::nullopt;
  if (!elements) return false;
  for (const json::element each : *elements) {
    json::object object;
    if (each.get(object)) continue;
    json::reader one(object, "");
    std::string id = one.id("id");
    schemas::attachment a{.kind = attachment_kind::image, .name = label(one, "title", event)};
    a.provider_ref = one.id("retailer_id");
    if (a.provider_ref.empty()) a.provider_ref = id;
    a.url = one.text("image_url");
    set_context(event, context_rel::mentions, context_kind::product, std::move(id), {});
    add_attachment(event, std::move(a));
  }
  return true;
}

attachment_kind kind_of_attachment(std::string_view type) {
  static constexpr std::pair<std::string_view, attachment_kind> kinds[] = {
      {"image", attachment_kind::image},
      {"video", attachment_kind::video},
      {"audio", attachment_kind::audio},
      {"file", attachment_kind::document},
      {"sticker", attachment_kind::sticker},
      {"like_heart", attachment_kind::sticker},
      {"ig_reel", attachment_kind::video},
      {"reel", attachment_kind::video},
      {"appointment_booking", attachment_kind::calendar}};
  const auto* known = std::ranges::find(kinds, type, &std::pair<std::string_view, attachment_kind>::first);
  return known == std::end(kinds) ? attachment_kind::other : known->second;
}

void read_attachment(json::reader from, const entry_context& context, schemas::event& event) {
  const std::string_view type = from.text("type");
  if (type == "location" && read_location(from, event)) return;
  json::reader payload = part_of(from, "payload").value_or(from);
  if (read_products(payload, event)) return;

  schemas::attachment a{.kind = kind_of_attachment(type)};
  for (const std::string_view url : {payload.text("url"), from.text("url"), from.text("URL")})
    if (a.url.empty()) a.url = url;
  if (a.url.starts_with('/')) a.url.insert(0, context.web);
  a.name = label(payload, "title", event);
  if (a.name.empty()) a.name = label(from, "title", event);
  if (a.name.empty()) a.name = label(payload, "text", event);
  for (const std::string_view ref : {"sticker_id", "reel_video_id", "ig_post_media_id"})
    if (a.provider_ref.empty()) a.provider_ref = payload.id(ref);
  if (type == "image" && payload.find("sticker_id")) a.kind = attachment_kind::sticker;
  if (type == "like_heart") a.provider_ref = type;
  if (type == "story_mention") set_context(event, context_rel::mentions, context_kind::story, {}, a.url);
  add_attachment(event, std::move(a));
}

void read_attachments(json::reader& from, const entry_context& context, schemas::event& event, fingerprint& content) {
  const auto list = from.list("attachments");
  if (!list) return;
  for (const json::element each : *list) {
    json::object object;
    if (each.get(object)) continue;
    json::reader one(object, "");
    content.add(one.text("type"));
    read_attachment(json::reader(object, ""), context, event);
  }
}

void read_reply(json::reader& from, schemas::event& event) {
  auto reply = part_of(from, "reply_to");
  if (!reply) return;
  std::string parent = reply->id("mid"), url;
  context_kind kind = context_kind::message;
  if (auto story = part_of(*reply, "story"); parent.empty() && story) {
    kind = context_kind::story;
    parent = story->id("id");
    url = story->text("url");
  }
  set_context(event, context_rel::replies_to, kind, parent, std::move(url));
  if (!parent.empty()) event.related.push_back({schemas::rel::in_reply_to, {}, std::move(parent), {}});
}

std::optional<schemas::referral_kind> kind_of_referral(std::string_view source) {
  using enum schemas::referral_kind;
  static constexpr std::pair<std::string_view, schemas::referral_kind> kinds[] = {{"ADS", ad},
                                                                                  {"SHORTLINK", link},
                                                                                  {"IG_ME", link},
                                                                                  {"IGME-SOURCE-LINK", link},
                                                                                  {"CUSTOMER_CHAT_PLUGIN", widget},
                                                                                  {"MESSENGER_CODE", qr}};
  const auto* known = std::ranges::find(kinds, source, &std::pair<std::string_view, schemas::referral_kind>::first);
  return known == std::end(kinds) ? std::nullopt : std::optional(known->second);
}

// What brought the customer; nullopt when it does not say.
std::optional<schemas::referral_info> read_referral(json::reader from, schemas::event& event) {
  schemas::referral_info out;
  const std::string_view source = from.identifier("source");
  out.kind = kind_of_referral(source);
  out.id = from.id("ad_id");
  if (!out.kind && !out.id.empty()) out.kind = schemas::referral_kind::ad;
  if (!out.kind && out.id.empty()) out.id = source;
  out.ref = label(from, "ref", event);
  out.url = from.text("referer_uri");
  const auto about = [&](std::string id) {
    if (!id.empty()) event.related.push_back({schemas::rel::about, {}, std::move(id), {}});
  };
  if (auto ad = part_of(from, "ads_context_data")) {
    out.headline = label(*ad, "ad_title", event);
    out.media_url = ad->text("photo_url");
    if (out.media_url.empty()) out.media_url = ad->text("video_url");
    about(ad->id("post_id"));
    about(ad->id("product_id"));
  }
  if (auto product = part_of(from, "product")) {
    about(product->id("id"));
    set_context(event, context_rel::mentions, context_kind::product, product->id("id"), {});
  }
  const bool says = out.kind || !out.id.empty() || !out.ref.empty() || !out.url.empty() || !out.headline.empty();
  return says ? std::optional(std::move(out)) : std::nullopt;
}

void read_origin(json::reader& from, schemas::event& event) {
  if (auto referral = part_of(from, "referral")) event.message->referral = read_referral(*referral, event);
  if (event.message->referral) return;
  if (const auto tags = json::reader(from).list("tags"))
    for (const json::element each : *tags)
      if (const auto source = json::at(each, "/source"); source && json::text(*source) == "customer_chat_plugin")
        event.message->referral = {
            .kind = schemas::referral_kind::widget, .id = {}, .url = {}, .headline = {}, .campaign = {}};
}

schemas::message_kind kind_of_message(const schemas::event& event, bool hidden) {
  using enum schemas::message_kind;
  const auto& files = event.attachments;
  if (hidden) return unsupported;
  if (event.message->location) return location;
  if (event.message->interaction) return interaction;
  if (files.empty()) return event.text.empty() ? unsupported : text;
  const auto sticks = [](const auto& a) { return a.kind == attachment_kind::sticker; };
  return std::ranges::all_of(files, sticks) ? sticker : media;
}

schemas::event_type type_of_message(const schemas::event& event) {
  return event.direction == schemas::direction::outbound ? schemas::event_type::message_sent
                                                         : schemas::event_type::message_received;
}

}  // namespace

bool fill_message(json::reader& from, const entry_context& context, contact& fact) {
  schemas::event& event = fact.event;
  fact.key = from.identifier("mid", longest_id);
  from.require(!fact.key.empty(), "mid");
  event.object.external_id = fact.key;
  fingerprint content;
  content.add(fact.key);
  if (from.boolean("is_deleted").value_or(false)) {
    event.type = schemas::event_type::message_deleted;
    event.deletion.emplace();
    fact.fingerprint = content.value();
    return true;
  }
  event.type = type_of_message(event);
  event.text = words(from.text("text"), context.limits.text_bytes, event);
  content.add(event.text);
  event.message.emplace();
  if (const auto reply = from.sub("quick_reply")) {
    json::reader quick(*reply, from.path("quick_reply"));
    event.message->interaction = {schemas::interaction_kind::button, label(quick, "payload", event), event.text, {}};
    from.merge(quick);
  }
  read_reply(from, event);
  read_attachments(from, context, event, content);
  read_origin(from, event);
  if (std::string app = from.id("app_id"); !app.empty() && event.actor)
    event.actor->identities.push_back({app_uri(app)});
  event.message->kind = kind_of_message(event, from.boolean("is_unsupported").value_or(false));
  fact.fingerprint = content.value();
  return true;
}

bool fill_postback(json::reader& from, const entry_context& context, contact& fact) {
  schemas::event& event = fact.event;
  if (const std::string_view mid = from.identifier("mid", longest_id); !mid.empty()) fact.key = mid;
  event.object.external_id = fact.key;
  event.type = type_of_message(event);
  event.text = words(from.text("title"), context.limits.text_bytes, event);
  event.message.emplace();
  event.message->kind = schemas::message_kind::interaction;
  event.message->interaction = {schemas::interaction_kind::postback, label(from, "payload", event), event.text, {}};
  read_origin(from, event);
  return true;
}

bool fill_edit(json::reader& from, const entry_context& context, contact& fact) {
  schemas::event& event = fact.event;
  event.type = schemas::event_type::message_edited;
  event.object.external_id = from.identifier("mid", longest_id);
  from.require(!event.object.external_id.empty(), "mid");
  event.object.revision = from.id("num_edit");
  fact.key = event.object.external_id + "/" + event.object.revision;
  event.text = words(from.text("text"), context.limits.text_bytes, event);
  event.message.emplace();
  return true;
}

bool fill_referral(json::reader& from, const entry_context&, contact& fact) {
  fact.event.type = schemas::event_type::referral;
  fact.event.referral = read_referral(from, fact.event);
  return fact.event.referral.has_value();
}

}  // namespace switchboard::connectors::meta
