// What customers do beside writing: following, menus, codes, sessions, cards, stores.
#include <algorithm>

#include "connectors/chat/wechat/notice.hpp"
#include "connectors/chat/wechat/receipts.hpp"
#include "connectors/common/identity.hpp"
#include "connectors/common/text.hpp"

namespace switchboard::connectors::wechat {

namespace {

using schemas::event_type;

// Where the code was: its scene, and the picture that WeChat shows for its ticket.
void fill_referral(const notice& n, contact& fact, std::string_view scene, schemas::referral_kind kind) {
  schemas::referral_info& referral = fact.event.referral.emplace();
  referral.kind = kind;
  referral.ref = repaired(cut(scene, 1024));
  if (const std::string ticket = value_of(n, "Ticket"); !ticket.empty()) {
    referral.url = "https://mp.weixin.qq.com/cgi-bin/showqrcode?ticket=";
    append_escaped(referral.url, ticket);
  }
}

contact membership(const notice& n, schemas::membership_state state) {
  contact fact = start(n, event_type::membership_changed, by::customer);
  fact.event.object.external_id = fact.event.account.id + '/' + repaired(n.sender) + "/member";
  fact.event.membership = schemas::membership{.state = state, .member = {}};
  return fact;
}

std::vector<item> subscribe(const notice& n) {
  std::vector<item> out{membership(n, schemas::membership_state::followed)};
  std::string_view scene = n.get("EventKey");
  if (scene.empty()) return out;
  constexpr std::string_view prefix = "qrscene_";
  contact led = start(n, event_type::referral, by::customer);
  led.derived_from = 0;
  if (scene.starts_with(prefix)) scene.remove_prefix(prefix.size());
  fill_referral(n, led, scene, schemas::referral_kind::qr);
  // Somebody who followed after paying scanned nothing.
  if (scene.starts_with("last_trade_no_")) led.event.referral->kind.reset();
  out.emplace_back(std::move(led));
  return out;
}

// Whoever unfollows can be written to no more, and wants that.
std::vector<item> unsubscribe(const notice& n) {
  contact left = membership(n, schemas::membership_state::unfollowed), consent = left;
  consent.derived_from = 0;
  consent.event.type = event_type::consent_changed;
  consent.event.membership.reset();
  consent.event.consent = schemas::consent{.state = schemas::consent_state::withdrawn,
                                           .scope = schemas::consent_scope::all,
                                           .applies_to = {},
                                           .evidence = n.kind};
  return {std::move(left), std::move(consent)};
}

std::vector<item> scan(const notice& n) {
  contact fact = start(n, event_type::referral, by::customer);
  fill_referral(n, fact, n.get("EventKey"), schemas::referral_kind::qr);
  return {std::move(fact)};
}

// The phone reports it when the chat is opened: nobody wrote it.
std::vector<item> location(const notice& n) {
  contact fact = start(n, event_type::message_received, by::customer);
  fact.event.object.external_id = fact.key;
  schemas::message& message = fact.event.message.emplace();
  message.kind = schemas::message_kind::location;
  message.location = location_of(n, document::root, "Latitude", "Longitude");
  if (!message.location) return {refused(n, reject_code::out_of_range, "Latitude")};
  fact.event.automated = schemas::automated::bot;
  return {std::move(fact)};
}

void add_field(schemas::interaction& interaction, std::string_view name, std::string value) {
  if (!value.empty()) interaction.fields.push_back({.name = std::string(name), .value = std::move(value)});
}

// The account's menu: its key or URL, and what the customer scanned, took or chose on the way.
std::vector<item> menu(const notice& n) {
  constexpr std::size_t most_pictures = 100;
  contact fact = start(n, event_type::message_received, by::customer);
  fact.event.object.external_id = fact.key;
  schemas::message& message = fact.event.message.emplace();
  message.kind = schemas::message_kind::interaction;
  schemas::interaction& chosen = message.interaction.emplace();
  chosen.kind = schemas::interaction_kind::menu;
  chosen.payload = value_of(n, "EventKey");
  add_field(chosen, "MenuId", value_of(n, "MenuId"));
  const document& says = n.says();
  if (const auto code = says.child(document::root, "ScanCodeInfo"))
    for (const std::string_view name : {"ScanType", "ScanResult"}) add_field(chosen, name, value_of(n, *code, name));
  if (const auto pictures = says.child(document::root, "SendPicsInfo")) {
    add_field(chosen, "Count", value_of(n, *pictures, "Count"));
    schemas::field sums{.name = "PicMd5Sum"};
    if (const auto list = says.child(*pictures, "PicList"))
      for (const document::id each : says.children(*list, "item"))
        if (std::string sum = value_of(n, each, "PicMd5Sum"); !sum.empty() && sums.values.size() < most_pictures)
          sums.values.push_back(std::move(sum));
    if (!sums.values.empty()) chosen.fields.push_back(std::move(sums));
  }
  if (const auto place = says.child(document::root, "SendLocationInfo")) {
    message.location = location_of(n, *place, "Location_X", "Location_Y");
    if (message.location) {
      message.location->name = value_of(n, *place, "Poiname");
      message.location->address = value_of(n, *place, "Label");
    }
    add_field(chosen, "Scale", value_of(n, *place, "Scale"));
  }
  return {std::move(fact)};
}

// WeChat's own staff chat.
std::vector<item> staff(const notice& n) {
  contact fact = start(n, event_type::conversation_changed, by::us_with_customer);
  schemas::conversation_status& status = fact.event.status.emplace();
  const bool closed = n.kind == "kf_close_session";
  status.state = closed ? schemas::conversation_state::closed : schemas::conversation_state::open;
  status.assignee = value_of(n, n.kind == "kf_switch_session" ? "ToKfAccount" : "KfAccount");
  if (const std::string before = value_of(n, "FromKfAccount"); !before.empty())
    fact.event.actor = schemas::party{.who = schemas::role::agent,
                                      .identities = {{provider_uri("wechat", fact.event.account.id, before)}}};
  return {std::move(fact)};
}

std::vector<item> session(const notice& n) {
  contact fact = start(n, event_type::session_started, by::customer);
  schemas::session& session = fact.event.session.emplace();
  session.id = fact.event.object.external_id = fact.key;
  session.referrer = value_of(n, "SessionFrom");
  for (const auto& [scope, id] : {std::pair{"CardId", "UserCardCode"}, {"KeyStandard", "KeyStr"}})
    if (const std::string card = value_of(n, scope); session.referrer.empty() && !card.empty())
      session.referrer = card + '/' + value_of(n, id);
  return {std::move(fact)};
}

// Somebody's phone joined the WiFi of a store.
std::vector<item> wifi(const notice& n) {
  contact fact = start(n, event_type::visit_recorded, by::customer);
  fact.event.object.external_id = fact.key;
  fact.event.visit =
      schemas::visit{.state = schemas::visit_state::arrived, .purpose = {}, .ticket = {}, .party_size = {}};
  fact.event.place = {
      .store_id = value_of(n, "PlaceId"), .device_id = value_of(n, "DeviceNo"), .timezone = {}, .country = {}};
  if (fact.event.place->store_id.empty() && fact.event.place->device_id.empty()) fact.event.place.reset();
  return {std::move(fact)};
}

template <by whom>
std::vector<item> as_form(const notice& n) {
  contact fact = start(n, event_type::form_submitted, whom);
  // Cards: two events of one second differ in the card's code.
  if (const std::string code = value_of(n, "UserCardCode"); !code.empty()) fact.key += '/' + code;
  fill_form(n, fact.event);
  return {std::move(fact)};
}
constexpr auto customers_form = as_form<by::customer>, our_form = as_form<by::us_with_customer>,
               systems_form = as_form<by::nobody>;

// Privacy: the person is OpenID, the sender WeChat itself.
std::vector<item> privacy(const notice& n) {
  const std::string_view person = n.get("OpenID");
  if (!identifier(person, 128)) return {refused(n, reject_code::missing_field, "OpenID")};
  const bool modified = n.kind == "user_info_modified";
  contact fact = start(n, modified ? event_type::form_submitted : event_type::consent_changed, by::customer, person);
  fact.key += '/' + std::string(person);
  if (modified) {
    fill_form(n, fact.event);
  } else {
    fact.event.consent = schemas::consent{.state = schemas::consent_state::withdrawn,
                                          .scope = schemas::consent_scope::all,
                                          .applies_to = value_of(n, "RevokeInfo"),
                                          .evidence = n.kind};
  }
  return {std::move(fact)};
}

struct kind_of_event {
  std::string_view name;
  std::vector<item> (*decode)(const notice&);
};
constexpr kind_of_event kinds[] = {
    {"subscribe", subscribe},
    {"unsubscribe", unsubscribe},
    {"subscribe_scan_product", subscribe},
    {"scan", scan},
    {"location", location},
    {"click", menu},
    {"view", menu},
    {"view_miniprogram", menu},
    {"scancode_push", menu},
    {"scancode_waitmsg", menu},
    {"pic_sysphoto", menu},
    {"pic_photo_or_album", menu},
    {"pic_weixin", menu},
    {"location_select", menu},
    {"templatesendjobfinish", template_receipt},
    {"masssendjobfinish", mass_receipt},
    {"publishjobfinish", publish_receipt},
    {"subscribe_msg_popup_event", subscription_choices},
    {"subscribe_msg_change_event", subscription_choices},
    {"subscribe_msg_sent_event", subscription_receipts},
    {"kf_create_session", staff},
    {"kf_close_session", staff},
    {"kf_switch_session", staff},
    {"user_enter_tempsession", session},
    {"user_enter_session_from_card", session},
    {"user_scan_product_enter_session", session},
    {"wificonnected", wifi},
    {"user_info_modified", privacy},
    {"user_authorization_revoke", privacy},
    {"user_authorization_cancellation", privacy},
    {"user_get_card", customers_form},
    {"user_gifting_card", customers_form},
    {"user_del_card", customers_form},
    {"user_consume_card", customers_form},
    {"user_pay_from_pay_cell", customers_form},
    {"user_view_card", customers_form},
    {"submit_membercard_user_info", customers_form},
    {"merchant_order", customers_form},
    {"user_authorize_invoice", customers_form},
    {"submit_invoice_title", customers_form},
    {"shakearoundusershake", customers_form},
    {"user_scan_product", customers_form},
    {"user_scan_product_async", customers_form},
    {"update_member_card", our_form},
    {"update_invoice_status", our_form},
    {"user_scan_product_verify_action", our_form},
    {"card_pass_check", systems_form},
    {"card_not_pass_check", systems_form},
    {"card_sku_remind", systems_form},
    {"card_pay_order", systems_form},
    {"poi_check_notify", systems_form},
    {"qualification_verify_success", systems_form},
    {"qualification_verify_fail", systems_form},
    {"naming_verify_success", systems_form},
    {"naming_verify_fail", systems_form},
    {"annual_renew", systems_form},
    {"verify_expired", systems_form},
    {"wxa_media_check", systems_form},
    // The open platform's InfoType; the ticket is answered before.
    {"authorized", systems_form},
    {"unauthorized", systems_form},
    {"updateauthorized", systems_form},
};

}  // namespace

std::vector<item> decode_event(const notice& n) {
  const auto known = std::ranges::find(kinds, n.kind, &kind_of_event::name);
  if (known != std::end(kinds)) return known->decode(n);
  return {unknown(n, "event/", by::customer)};
}

}  // namespace switchboard::connectors::wechat
