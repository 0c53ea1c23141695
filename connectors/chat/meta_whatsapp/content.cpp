#include "connectors/chat/meta_whatsapp/content.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "connectors/chat/meta_whatsapp/interaction.hpp"
#include "connectors/common/encoding.hpp"
#include "connectors/common/identity.hpp"
#include "connectors/common/text.hpp"

namespace switchboard::connectors::meta_whatsapp {

namespace {

constexpr std::size_t most_cards = 257, most_numbers = 50, most_items = 500;

void text(json::reader& from, std::string_view, const change&, schemas::event& event) {
  event.message->kind = schemas::message_kind::text;
  event.text = from.text("body");
}

void media(json::reader& from, std::string_view type, const change&, schemas::event& event) {
  using enum schemas::attachment_kind;
  schemas::attachment a;
  a.id = "0";
  a.provider_ref = from.id("id");
  a.content_type = media_type(from.identifier("mime_type"));
  a.name = from.text("filename");
  a.url = from.text("url");
  if (const auto hash = from_base64(from.text("sha256"), padding::optional); hash && hash->size() == 32)
    a.sha256 = to_hex(*hash);
  if (!a.provider_ref.empty() || !a.url.empty()) a.url_expires_at = event.time + media_kept;
  a.kind = type == "image"                         ? image
           : type == "video"                       ? video
           : type == "sticker"                     ? sticker
           : type == "document"                    ? document
           : from.boolean("voice").value_or(false) ? voice
                                                   : audio;
  event.message->kind = type == "sticker" ? schemas::message_kind::sticker : schemas::message_kind::media;
  event.text = from.text("caption");
  event.attachments.push_back(std::move(a));
}

void location(json::reader& from, std::string_view, const change&, schemas::event& event) {
  event.message->kind = schemas::message_kind::location;
  const auto latitude = from.number("latitude"), longitude = from.number("longitude");
  from.require(latitude.has_value(), "latitude");
  from.require(longitude.has_value(), "longitude");
  if (from.failed()) return;
  if (std::abs(*latitude) > 90) return from.fail(reject_code::out_of_range, "latitude");
  if (std::abs(*longitude) > 180) return from.fail(reject_code::out_of_range, "longitude");
  event.message->location = {*latitude, *longitude, std::string(from.text("name")), std::string(from.text("address")),
                             std::string(from.text("url"))};
}

// Texts of one member of each object in a list: phones[].phone, emails[].email.
template <class F>
void each_of(json::reader& from, std::string_view list_name, const F& f) {
  const auto list = from.list(list_name);
  if (!list) return;
  std::size_t count = 0;
  for (const json::element each : *list) {
    json::object object;
    if (count++ == most_numbers) return;
    if (each.get(object)) return from.fail(reject_code::wrong_type, list_name);
    json::reader part(object, from.path(list_name));
    f(part);
    from.merge(part);
  }
}

schemas::contact_card card(json::reader& from) {
  schemas::contact_card out;
  if (const auto name = from.sub("name")) {
    json::reader part(*name, from.path("name"));
    out.name = part.text("formatted_name");
    for (const std::string_view piece : {"prefix", "first_name", "middle_name", "last_name", "suffix"})
      if (const auto given = part.text(piece); !given.empty() && part.text("formatted_name").empty())
        out.name += (out.name.empty() ? "" : " ") + std::string(given);
    from.merge(part);
  }
  each_of(from, "phones", [&](json::reader& part) {
    std::string phone(part.text("phone"));
    if (const auto id = part.text("wa_id"); phone.empty() && !id.empty())
      phone = (id.starts_with('+') ? "" : "+") + std::string(id);
    if (!phone.empty()) out.phones.push_back(std::move(phone));
    if (std::string uri = whatsapp_uri(part.text("wa_id")); !uri.empty()) out.identities.push_back(std::move(uri));
  });
  each_of(from, "emails", [&](json::reader& part) {
    if (const auto email = part.text("email"); !email.empty()) out.emails.emplace_back(email);
  });
  each_of(from, "urls", [&](json::reader& part) {
    if (const auto url = part.text("url"); !url.empty()) out.urls.emplace_back(url);
  });
  each_of(from, "addresses", [&](json::reader& part) {
    std::string address;
    for (const std::string_view line : {"street", "zip", "city", "state", "country"})
      if (const auto given = part.text(line); !given.empty())
        address += (address.empty() ? "" : ", ") + std::string(given);
    if (!address.empty()) out.addresses.push_back(std::move(address));
  });
  if (const auto org = from.sub("org")) {
    json::reader part(*org, from.path("org"));
    out.organization = part.text("company");
    from.merge(part);
  }
  return out;
}

// The member `contacts` of the message itself, a list.
void contact_cards(json::reader& message, schemas::event& event) {
  event.message->kind = schemas::message_kind::contact_card;
  const auto list = message.list("contacts");
  message.require(list.has_value(), "contacts");
  if (!list) return;
  std::size_t index = 0;
  for (const json::element each : *list) {
    json::object object;
    if (index == most_cards) return event.add(schemas::flag::truncated);
    const std::string place = message.path("contacts/" + std::to_string(index++));
    if (each.get(object)) return message.fail(reject_code::wrong_type, "contacts/" + std::to_string(index - 1));
    json::reader part(object, place);
    event.message->contact_cards.push_back(card(part));
    message.merge(part);
  }
}

std::string in_digits(double value) {
  char digits[400];
  const auto [end, error] = std::to_chars(digits, std::end(digits), value, std::chars_format::fixed);
  return error == std::errc{} ? std::string(digits, end) : std::string();
}

// A price as a decimal text, from a number or a text.
std::string decimal(json::reader& from, std::string_view name) {
  const auto found = from.find(name);
  return found && found->is_double() ? in_digits(double(*found)) : from.id(name);
}

void fill_quantity(json::reader& from, schemas::order_item& item) {
  const auto found = from.find("quantity");
  if (!found) return;
  const auto text = json::scalar(*found).value_or("");
  double value = -1;
  std::from_chars(text.data(), text.data() + text.size(), value);
  constexpr double most = 1e15;
  if (!(value >= 0 && value < most)) return from.fail(reject_code::out_of_range, "quantity");
  item.quantity = std::llround(value);
  if (static_cast<double>(item.quantity) != value) item.exact_quantity = in_digits(value);
}

void order(json::reader& from, std::string_view, const change&, schemas::event& event) {
  event.message->kind = schemas::message_kind::order;
  event.text = from.text("text");
  schemas::order& order = event.message->order.emplace();
  order.catalog_id = from.id("catalog_id");
  const auto items = from.list("product_items");
  from.require(items.has_value(), "product_items");
  if (!items) return;
  std::size_t index = 0;
  for (const json::element each : *items) {
    json::object object;
    if (index == most_items) return event.add(schemas::flag::truncated);
    const std::string place = "product_items/" + std::to_string(index++);
    if (each.get(object)) return from.fail(reject_code::wrong_type, place);
    json::reader part(object, from.path(place));
    schemas::order_item item{.sku = part.id("product_retailer_id"), .unit_price = {}};
    fill_quantity(part, item);
    const std::string_view currency = part.identifier("currency", 8);
    item.unit_price = money_of(decimal(part, "item_price"), currency);
    part.require(!item.sku.empty(), "product_retailer_id");
    from.merge(part);
    order.items.push_back(std::move(item));
  }
}

void fill_context(json::reader& message, schemas::event& event, bool edit) {
  const auto context = message.sub("context");
  if (!context) return;
  json::reader from(*context, message.path("context"));
  const std::string id = edit ? std::string() : from.id("id");
  if (!id.empty()) {
    event.message->context = {schemas::context_rel::replies_to, schemas::context_kind::message, id, {}};
    event.related.push_back({schemas::rel::in_reply_to, {}, id, {}});
  }
  if (const auto product = from.sub("referred_product")) {
    json::reader part(*product, from.path("referred_product"));
    std::string sku = part.id("product_retailer_id"), catalog = part.id("catalog_id");
    if (!sku.empty()) {
      event.message->context = {schemas::context_rel::mentions, schemas::context_kind::product, sku, {}};
      event.related.push_back({schemas::rel::about, {}, catalog.empty() ? sku : catalog + "/" + sku, {}});
    }
    from.merge(part);
  }
  const bool often = from.boolean("frequently_forwarded").value_or(false);
  if (often || from.boolean("forwarded").value_or(false)) event.message->forwarded.emplace().often = often;
  message.merge(from);
}

void fill_referral(json::reader& message, schemas::event& event) {
  const auto referral = message.sub("referral");
  if (!referral) return;
  json::reader from(*referral, message.path("referral"));
  schemas::referral_info& out = event.message->referral.emplace();
  const std::string_view type = from.text("source_type");
  if (type == "ad") out.kind = schemas::referral_kind::ad;
  if (type == "post") out.kind = schemas::referral_kind::post;
  out.id = from.id("source_id");
  out.url = from.text("source_url");
  out.headline = from.text("headline");
  out.text = from.text("body");
  out.click_id = from.id("ctwa_clid", 1024);
  out.media_url = from.text("image_url");
  if (out.media_url.empty()) out.media_url = from.text("video_url");
  message.merge(from);
}

// Types whose content is an object under the type's own name.
constexpr struct {
  std::string_view type;
  void (*fill)(json::reader&, std::string_view type, const change&, schemas::event&);
} types[] = {{"text", text},     {"image", media},       {"video", media}, {"audio", media},  {"document", media},
             {"sticker", media}, {"location", location}, {"order", order}, {"button", button}};

// What WhatsApp does not hand over ("poll_creation", a view-once photo, the first words after an ad), or handed over
// with errors instead of content.
void without_content(json::reader& message, schemas::event& event) {
  event.message->kind = schemas::message_kind::unsupported;
  if (const auto what = message.sub("unsupported"))
    event.message->subject = json::reader(*what, message.path("unsupported")).text("type");
}

}  // namespace

bool fill_content(json::reader& message, std::string_view type, const change& c, schemas::event& event, bool edit) {
  event.message.emplace();
  fill_context(message, event, edit);
  fill_referral(message, event);
  if (type == "contacts") return contact_cards(message, event), true;
  if (type == "media_placeholder")  // in a history: the media itself follows
    return event.message->kind = schemas::message_kind::media, true;
  if (type == "unsupported" || type == "unknown" || type == "errors") return without_content(message, event), true;
  const auto known = std::ranges::find(types, type, [](const auto& each) { return each.type; });
  if (known == std::end(types) && type != "interactive") return false;
  const auto content = message.sub(type);
  if (!content && message.find("errors")) return without_content(message, event), true;
  message.require(content.has_value(), type);
  if (!content) return true;
  json::reader from(*content, message.path(type));
  bool understood = true;
  if (type == "interactive")
    understood = interactive(from, event);
  else
    known->fill(from, type, c, event);
  message.merge(from);
  return understood;
}

}  // namespace switchboard::connectors::meta_whatsapp
