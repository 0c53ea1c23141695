// What customers write and send.
#include <algorithm>

#include "connectors/chat/wechat/notice.hpp"
#include "connectors/common/text.hpp"
#include "connectors/common/time.hpp"

namespace switchboard::connectors::wechat {

namespace {

using schemas::attachment_kind;
using schemas::message_kind;

constexpr std::chrono::days media_kept{3};

// One file that stands at WeChat; `ref` is its MediaId, to be fetched with the account's access token.
schemas::attachment& attach(schemas::event& event, attachment_kind kind, std::string ref, std::string url = {}) {
  schemas::attachment a;
  a.id = std::to_string(event.attachments.size());
  a.kind = kind;
  if (!ref.empty()) a.url_expires_at = event.time + media_kept;
  a.provider_ref = std::move(ref);
  a.url = std::move(url);
  return event.attachments.emplace_back(std::move(a));
}

void attach_thumbnail(const notice& n, schemas::event& event) {
  std::string ref = value_of(n, "ThumbMediaId"), url = value_of(n, "ThumbUrl");
  if (!ref.empty() || !url.empty())
    attach(event, attachment_kind::image, std::move(ref), std::move(url)).name = "thumbnail";
}

void text(const notice& n, schemas::event& event) {
  event.text = repaired(n.get("Content"));
  // What somebody taps in a menu message comes as its text, with the option's id.
  if (std::string option = value_of(n, "bizmsgmenuid"); !option.empty()) {
    event.message->kind = message_kind::interaction;
    event.message->interaction = {schemas::interaction_kind::button, std::move(option), event.text, {}};
    return;
  }
  // What WeChat writes in place of a kind that it does not hand over.
  constexpr std::string_view notices[] = {"【收到不支持的消息类型，暂无法显示】", "[收到不支持的消息类型，暂无法显示]",
                                          "[Unsupported Message]"};
  if (std::ranges::find(notices, event.text) != std::end(notices)) event.message->kind = message_kind::unsupported;
}

void image(const notice& n, schemas::event& event) {
  attach(event, attachment_kind::image, value_of(n, "MediaId"), value_of(n, "PicUrl"));
}

void voice(const notice& n, schemas::event& event) {
  const std::string format = lower(value_of(n, "Format"));
  const std::string type = identifier(format, 32) ? "audio/" + format : std::string();
  schemas::attachment& spoken = attach(event, attachment_kind::voice, value_of(n, "MediaId"));
  spoken.content_type = type;
  if (std::string words = repaired(n.get("Recognition")); !words.empty())
    spoken.transcript = {.text = std::move(words), .by = "wechat", .confidence = {}, .language = {}};
  if (std::string better = value_of(n, "MediaId16K"); !better.empty())
    attach(event, attachment_kind::voice, std::move(better)).name = "16K";
}

void video(const notice& n, schemas::event& event) {
  attach(event, attachment_kind::video, value_of(n, "MediaId"));
  attach_thumbnail(n, event);
}

void location(const notice& n, schemas::event& event) {
  event.message->location = location_of(n, document::root, "Location_X", "Location_Y");
  if (event.message->location) event.message->location->address = value_of(n, "Label");
}

void link(const notice& n, schemas::event& event) {
  event.message->subject = value_of(n, "Title");
  event.text = repaired(n.get("Description"));
  attach(event, attachment_kind::other, {}, value_of(n, "Url")).name = event.message->subject;
}

void mini_program(const notice& n, schemas::event& event) {
  event.message->subject = value_of(n, "Title");
  schemas::attachment& page = attach(event, attachment_kind::other, {});
  page.provider_ref = value_of(n, "AppId") + '/' + value_of(n, "PagePath");
  page.name = event.message->subject;
  attach_thumbnail(n, event);
}

void file(const notice& n, schemas::event& event) {
  std::string ref = value_of(n, "MediaId");
  if (ref.empty()) ref = value_of(n, "FileKey");
  schemas::attachment& a = attach(event, attachment_kind::document, std::move(ref));
  a.name = value_of(n, "Title");
  a.size = plain_integer(n.get("FileTotalLen"));
  event.text = repaired(n.get("Description"));
}

struct kind_of_message {
  std::string_view name;
  message_kind kind;
  void (*fill)(const notice&, schemas::event&);
};
constexpr kind_of_message kinds[] = {
    {"text", message_kind::text, text},         {"image", message_kind::media, image},
    {"voice", message_kind::media, voice},      {"video", message_kind::media, video},
    {"shortvideo", message_kind::media, video}, {"location", message_kind::location, location},
    {"link", message_kind::media, link},        {"miniprogrampage", message_kind::media, mini_program},
    {"file", message_kind::media, file},
};

}  // namespace

std::vector<item> decode_message(const notice& n) {
  const auto known = std::ranges::find(kinds, n.kind, &kind_of_message::name);
  const std::string_view id = n.get("MsgId");
  const auto identify = [&](contact& fact) {
    if (!identifier(id, 128)) return;  // the key over time and sender stays
    fact.key = id;
    fact.event.object.external_id = id;
  };
  if (known == std::end(kinds)) {
    item out = unknown(n, "message/", by::customer);
    identify(std::get<unsupported>(out).fact);
    return {std::move(out)};
  }
  contact fact = start(n, schemas::event_type::message_received, by::customer);
  identify(fact);
  schemas::event& event = fact.event;
  event.message.emplace().kind = known->kind;
  known->fill(n, event);
  if (event.message->kind == message_kind::location && !event.message->location)
    return {refused(n, reject_code::out_of_range, "Location_X")};
  // Somebody who came from an article: which one, and where in it.
  if (std::string article = value_of(n, "MsgDataId"); !article.empty()) {
    if (const std::string index = value_of(n, "Idx"); !index.empty()) article += '/' + index;
    event.message->referral = {.kind = schemas::referral_kind::post, .id = std::move(article)};
  }
  return {std::move(fact)};
}

}  // namespace switchboard::connectors::wechat
