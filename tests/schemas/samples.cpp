#include "tests/schemas/samples.hpp"

#include <string>

#include "schemas/records.hpp"

namespace switchboard::schemas {

namespace {

using namespace std::chrono;

constexpr std::string_view photo_hash = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0bb2ac1b1d7e5c0a2f15b0";

timestamp at(std::string_view text) { return *timestamp_from_rfc3339(text); }

// A fixed id in the form of version 8.
uuid numbered(unsigned n) {
  uuid id = *uuid_from_string("5b1f0d6c-3c55-8a41-9c0e-5f3a0a6f0000");
  id.bytes[14] = static_cast<std::uint8_t>(n >> 8);
  id.bytes[15] = static_cast<std::uint8_t>(n);
  return id;
}

party customer(std::string uri, std::string name = {}) {
  return {role::customer, std::move(name), {{std::move(uri), true, false}}, {}};
}
recipient business(std::string uri) { return {{role::business, {}, {{std::move(uri)}}, {}}, recipient_as::to}; }

event base(event_type type, channel how) {
  event e;
  e.type = type;
  e.channel = how;
  e.time = at("2026-11-22T09:15:04Z");
  e.recorded_at = at("2026-11-22T09:15:04.412Z");
  e.tenant = "acme";
  e.authentication = {"hmac-sha256", authentication_result::pass};
  e.conversation.id = "mfzxg5dfojuw4z3tmvzxg2lpny";
  e.raw = event::raw_info{"pj2kz4q7v3d6ns5xwe2fobmyta", 1024, ""};
  return e;
}

event whatsapp(event_type type) {
  event e = base(type, channel::chat);
  e.provider = "meta";
  e.product = "whatsapp";
  e.account = {"106540352242922", "whatsapp:+15550783881", ""};
  e.source = {"wa-main", "meta-whatsapp", "1"};
  e.object = {numbered(0xd9c), "wamid.HBgLODQ5MDEyMzQ1NjcVAgASGBQzQTdCNTk5", ""};
  e.actor =
      party{role::customer, "Lan", {{"whatsapp:+84901234567", true, false}, {"tel:+84901234567", false, true}}, {}};
  e.recipients = {business("whatsapp:+15550783881")};
  e.customer_uri = "whatsapp:+84901234567";
  return e;
}

event sms(event_type type) {
  event e = base(type, channel::sms);
  e.provider = "twilio";
  e.product = "programmable-messaging";
  e.account = {"AC00000000000000000000000000000000", "tel:+15017122661", ""};
  e.source = {"twilio-us", "twilio-messaging", "1"};
  e.authentication.method = "hmac-sha1";
  e.object = {numbered(0x5f1), "SM00000000000000000000000000000001", ""};
  e.actor = customer("tel:+15558675310");
  e.recipients = {business("tel:+15017122661")};
  e.customer_uri = "tel:+15558675310";
  return e;
}

event kiosk(event_type type) {
  event e = base(type, channel::kiosk);
  e.provider = "switchboard";
  e.product = "kiosk";
  e.account = {"kiosk-17", "", "Kiosk at the entrance"};
  e.source = {"stores-vn", "kiosk", "1"};
  e.object = {numbered(0xa11), "kiosk-17/3/118", ""};
  e.delivery_id = "kiosk-17/3/118";
  e.conversation.kind = conversation_kind::direct;
  e.place = event::place_info{"store-hanoi-7", "kiosk-17", "Asia/Ho_Chi_Minh", "VN"};
  e.provider_sequence = event::sequence_info{"kiosk-17/3", "118"};
  return e;
}

event voice(event_type type) {
  event e = base(type, channel::voice);
  e.provider = "twilio";
  e.product = "programmable-voice";
  e.account = {"AC00000000000000000000000000000000", "tel:+15017122661", ""};
  e.source = {"twilio-voice-us", "twilio-voice", "1"};
  e.authentication.method = "hmac-sha1";
  e.object = {numbered(0xca1), "CA00000000000000000000000000000001", ""};
  e.actor = customer("tel:+15558675310");
  e.recipients = {business("tel:+15017122661")};
  e.customer_uri = "tel:+15558675310";
  e.call = schemas::call{};
  e.call->id = "CA00000000000000000000000000000001";
  return e;
}

event mail() {
  event e = base(event_type::message_received, channel::email);
  e.provider = "smtp";
  e.account = {"support", "mailto:support@acme.example", "Support"};
  e.source = {"support-mail", "smtp", "1"};
  e.authentication.method = "dmarc";
  e.object = {numbered(0xe01), "<20261122091500.1A2B@mail.example.com>", ""};
  e.related = {{rel::in_reply_to, "", "<ticket-4711@acme.example>", ""}};
  e.actor = customer("mailto:lan@mail.example.com", "Nguyễn Thị Lan");
  e.recipients = {business("mailto:support@acme.example"),
                  {{role::business, "Sales", {{"mailto:sales@acme.example"}}, {}}, recipient_as::cc}};
  e.reply_to = {"mailto:lan@mail.example.com"};
  e.customer_uri = "mailto:lan@mail.example.com";
  e.conversation.kind = conversation_kind::thread;
  e.conversation.subject = "Re: Order 4711";
  e.text = "Still nothing.\n\n> Your order was sent on Monday.";
  e.text_unquoted = "Still nothing.";
  e.automated = automated::human;
  auto& m = e.message.emplace();
  m.subject = "Re: Order 4711";
  m.mail = schemas::mail{"<20261122091500.1A2B@mail.example.com>",
                         "",
                         {},
                         {{"dmarc", "pass", "mail.example.com"}, {"spf", "pass", "mail.example.com"}},
                         ""};
  attachment html;
  html.id = "1";
  html.body = true;
  html.kind = attachment_kind::document;
  html.content_type = "text/html";
  html.size = 2210;
  html.sha256 = std::string(photo_hash);
  html.state = attachment_state::stored;
  html.blob = "blob:acme/20261122/" + html.sha256;
  html.blob_expires_at = at("2026-12-22T00:00:00Z");
  e.attachments = {html};
  e.handling = event::handling_info{category::complaint, "high", at("2026-11-22T10:15:04Z"), "rule late-orders"};
  e.raw->blob = "blob:acme/20261122/" + std::string(64, 'b');
  e.traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  return e;
}

event review() {
  event e = base(event_type::feedback_submitted, channel::social);
  e.provider = "google";
  e.product = "business-profile";
  e.account = {"locations/7", "", "Acme Hanoi"};
  e.source = {"google-reviews", "google-business", "1"};
  e.authentication.method = "oauth2";
  e.object = {numbered(0x9e1), "accounts/1/locations/7/reviews/abc", "2"};
  e.actor = customer("google:1/abc", "Minh");
  e.conversation.kind = conversation_kind::post;
  e.conversation.visibility = visibility::public_;
  e.text = "Long queue, friendly staff.";
  e.language = "en";
  auto& f = e.feedback.emplace();
  f.kind = feedback_kind::review;
  f.score = 3;
  f.scale = scale{1, 5, scale_best::max};
  f.about = feedback::about_info{"location", "locations/7"};
  return e;
}

class collection {
 public:
  void add(std::string_view name, event e) {
    e.id = numbered(++count_);
    all.push_back({name, encode(e, {"https://schemas.acme.example/"}), e.recorded_at, count_});
  }
  template <class Record>
  void add_record(std::string_view name, Record r) {
    r.id = numbered(++count_);
    if (r.recorded_at == timestamp{}) r.recorded_at = at("2026-11-22T09:15:04.412Z");
    all.push_back({name, encode(r, {}), r.recorded_at, count_});
  }
  std::vector<sample_event> all;

 private:
  unsigned count_ = 0;
};

void add_messages(collection& c) {
  event e = whatsapp(event_type::message_received);
  e.related = {{rel::in_reply_to, "", "wamid.HBgLODQ5MDEyMzQ1NjcVAgARGBI5QTND", ""}};
  e.text = "My order has not arrived.";
  e.message.emplace();
  e.handling = event::handling_info{category::complaint, "high", at("2026-11-22T10:15:04Z"), "rule late-orders"};
  c.add("message-received-whatsapp", e);

  e = whatsapp(event_type::message_received);
  e.text = "Look at this";
  e.message = schemas::message{.kind = message_kind::media};
  attachment photo;
  photo.id = "1";
  photo.kind = attachment_kind::image;
  photo.content_type = "image/jpeg";
  photo.provider_ref = "1037543291543636";
  photo.sha256 = std::string(photo_hash);
  photo.url = "https://lookaside.example.com/1037543291543636";
  photo.url_expires_at = at("2026-11-22T09:20:04Z");
  e.attachments = {photo};
  c.add("message-received-whatsapp-photo", e);

  e = whatsapp(event_type::message_received);
  e.message = schemas::message{.kind = message_kind::order};
  e.message->order = order{"194836987003835", {{"SKU-7", 2, money{"199000", "VND"}}}};
  e.message->referral = referral_info{referral_kind::ad, "120208", "https://fb.me/ad", "Winter sale", "winter"};
  c.add("message-received-whatsapp-order", e);

  e = whatsapp(event_type::message_received);
  e.message = schemas::message{.kind = message_kind::interaction};
  e.message->interaction =
      interaction{interaction_kind::flow,
                  "",
                  "Delivery",
                  {{"slot", "When?", "choice", "morning", {}}, {"days", "", "choices", "", {"mon", "tue"}}}};
  c.add("message-received-whatsapp-flow", e);

  e = sms(event_type::message_received);
  e.text = "STOP";
  e.message.emplace();
  c.add("message-received-sms", e);
  e = sms(event_type::consent_changed);
  e.related = {{rel::derived_from, "", "", to_string(numbered(5))}};
  e.text = "STOP";
  e.consent = consent{consent_state::withdrawn, consent_scope::all, "", "keyword STOP"};
  c.add("consent-changed-sms", e);

  c.add("message-received-email", mail());

  e = kiosk(event_type::message_received);
  e.text = "The café on the second floor was closed at noon.";
  e.language = "en";
  e.message.emplace();
  e.handling = event::handling_info{category::complaint, "", std::nullopt, "customer"};
  c.add("message-received-kiosk", e);

  e = whatsapp(event_type::message_received);
  e.product = "instagram";
  e.source = {"ig", "meta-instagram", "1"};
  e.channel = channel::social;
  e.conversation.kind = conversation_kind::post;
  e.conversation.visibility = visibility::public_;
  e.text = "@acme where is my order?";
  e.message.emplace();
  e.message->context = message_context{context_rel::comments_on, context_kind::post, "17895695668004550",
                                       "https://instagram.example.com/p/1"};
  c.add("message-received-instagram-comment", e);

  e = base(event_type::message_received, channel::letter);
  e.provider = "scan";
  e.source = {"mailroom", "upload", "1"};
  e.capture = capture::manual;
  e.recorded_by = party{role::agent, "Hoa", {{"mailto:hoa@acme.example"}}, {}};
  e.authentication.method = "bearer";
  e.message = schemas::message{.kind = message_kind::media, .subject = "Complaint about invoice 88"};
  e.add(flag::conversation_unresolved);
  e.add(flag::time_from_receipt);
  c.add("message-received-letter", e);

  e = whatsapp(event_type::message_sent);
  e.direction = direction::outbound;
  e.actor = party{role::agent, "Hoa", {{"mailto:hoa@acme.example"}}, {}};
  e.text = "We are sorry. It will be with you tomorrow.";
  e.message.emplace();
  c.add("message-sent", e);

  e = whatsapp(event_type::message_edited);
  e.object.revision = "2";
  e.text = "My order 4711 has not arrived.";
  e.message.emplace();
  c.add("message-edited", e);

  e = whatsapp(event_type::message_deleted);
  e.deletion = deletion{deletion_reason::unsent};
  c.add("message-deleted", e);

  e = whatsapp(event_type::reaction);
  e.reaction = reaction{reaction_action::added, "👍", "", {}, std::nullopt};
  c.add("reaction", e);

  e = sms(event_type::receipt);
  e.direction = direction::system;
  e.actor.reset();
  e.receipt.emplace();
  e.receipt->status = receipt_status::failed;
  e.receipt->recipient_uri = "tel:+15558675310";
  e.receipt->error = receipt::error_info{"30003", "Unreachable destination handset", true};
  e.receipt->billing = receipt::billing_info{"utility", "PMP", money{"0.0075", "USD"}};
  c.add("receipt", e);
}

void add_calls(collection& c) {
  event e = voice(event_type::call_started);
  e.call->state = call_state::ringing;
  e.call->started_at = e.time;
  e.call->attestation = "A";
  c.add("call-started", e);

  e = voice(event_type::call_progressed);
  e.direction = direction::system;
  e.call->state = call_state::answered;
  e.call->answered_by = answered_by::agent;
  e.call->answered_at = at("2026-11-22T09:15:10.250Z");
  c.add("call-progressed", e);

  e = voice(event_type::call_input);
  e.input = call_input{input_kind::dtmf, "2", std::nullopt, false};
  c.add("call-input", e);

  e = voice(event_type::call_input);
  e.text = "I want to talk about";
  e.input = call_input{input_kind::speech, "", 0.83, true};
  c.add("call-input-partial", e);

  e = voice(event_type::call_ended);
  e.direction = direction::system;
  e.call->state = call_state::completed;
  e.call->ended_at = at("2026-11-22T09:19:04Z");
  e.call->duration = 240s;
  c.add("call-ended", e);

  e = voice(event_type::call_recorded);
  e.recording = recording{recording_purpose::voicemail};
  attachment sound;
  sound.id = "1";
  sound.kind = attachment_kind::voice;
  sound.content_type = "audio/wav";
  sound.provider_ref = "RE00000000000000000000000000000001";
  sound.duration = 31s;
  e.attachments = {sound};
  e.sensitive = true;
  c.add("call-recorded-voicemail", e);

  e = voice(event_type::call_transcribed);
  e.transcript = transcript{
      "twilio", 0.92, {{0ms, 2100ms, "customer", "Where is my order?"}, {2100ms, 4000ms, "agent", "One moment."}}};
  c.add("call-transcribed", e);

  e = voice(event_type::callback_requested);
  e.call.reset();
  e.callback = callback{"tel:+15558675310", at("2026-11-23T08:00:00Z"), at("2026-11-23T12:00:00Z"), "invoice"};
  c.add("callback-requested", e);
}

void add_feedback_and_visits(collection& c) {
  event e = kiosk(event_type::feedback_submitted);
  auto& f = e.feedback.emplace();
  f.kind = feedback_kind::csat;
  f.survey = feedback::survey_info{"exit-survey", "4", "kiosk-17/3/118"};
  f.score = 2;
  f.scale = scale{1, 5, scale_best::max};
  f.complete = true;
  f.answers = {{"q1", "How was your visit?", "csat", 2, scale{1, 5, scale_best::max}, {{"2", "🙁"}}, ""},
               {"q2", "Why?", "text", std::nullopt, std::nullopt, {}, "Nobody at the counter."}};
  c.add("feedback-submitted-kiosk", e);
  c.add("feedback-submitted-review", review());

  e = review();
  e.type = event_type::feedback_edited;
  e.object.revision = "3";
  e.feedback->score = 4;
  c.add("feedback-edited", e);

  e = review();
  e.type = event_type::feedback_deleted;
  e.text.clear();
  e.language.clear();
  e.feedback->score.reset();
  e.feedback->scale.reset();
  c.add("feedback-deleted", e);

  e = kiosk(event_type::visit_recorded);
  e.visit = visit{visit_state::waiting, "repair", "A-42", 2};
  c.add("visit-recorded", e);

  e = base(event_type::form_submitted, channel::form);
  e.provider = "acme-web";
  e.source = {"website", "webhook", "1"};
  e.object = {numbered(0xf01), "msg_2Ab", ""};
  e.form = form{"contact",
                "Contact us",
                {{"email", "E-mail", "email", "lan@mail.example.com", {}}, {"newsletter", "", "", "", {}}}};
  c.add("form-submitted", e);

  e = base(event_type::form_submitted, channel::form);
  e.provider = "erp";
  e.source = {"erp", "webhook", "1"};
  e.payload = payload{"application/json", R"({"order":4711,"state":"lost"})", ""};
  e.origin = event::origin_info{"c0ffee", "https://erp.acme.example/orders", "com.acme.order.lost", "4711", ""};
  c.add("form-submitted-foreign", e);
}

void add_states_and_links(collection& c) {
  event e = whatsapp(event_type::membership_changed);
  e.product = "messenger";
  e.membership = membership{membership_state::followed, ""};
  c.add("membership-changed", e);

  e = whatsapp(event_type::conversation_changed);
  e.direction = direction::system;
  e.status = conversation_status{conversation_state::resolved, "hoa", "orders"};
  c.add("conversation-changed", e);

  e = base(event_type::session_started, channel::chat);
  e.provider = "acme-web";
  e.source = {"website-chat", "webchat", "1"};
  e.session = session{"s-1", "https://acme.example/orders", "https://search.example.com/", ""};
  c.add("session-started", e);
  e.type = event_type::session_ended;
  e.session = session{"s-1", "", "", "timeout"};
  c.add("session-ended", e);

  e = whatsapp(event_type::referral);
  e.product = "messenger";
  e.referral = referral_info{referral_kind::qr, "store-7", "", "", "spring"};
  c.add("referral", e);

  e = whatsapp(event_type::identity_linked);
  e.direction = direction::system;
  e.link =
      link{link_relation::replaces, "whatsapp:+84901234567", "whatsapp:+84907654321", e.time, "provider", "wamid.HBgL"};
  c.add("identity-linked", e);
  e.type = event_type::conversation_linked;
  e.link = link{link_relation::same, "mfzxg5dfojuw4z3tmvzxg2lpny", "nfzxg5dfojuw4z3tmvzxg2lpny", std::nullopt, "", ""};
  c.add("conversation-linked", e);

  e = whatsapp(event_type::attachment_updated);
  e.related = {{rel::about, "", "", to_string(numbered(2))}};
  attachment photo;
  photo.id = "1";
  photo.kind = attachment_kind::image;
  photo.content_type = "image/jpeg";
  photo.detected_type = "image/jpeg";
  photo.size = 48211;
  photo.sha256 = std::string(photo_hash);
  photo.state = attachment_state::stored;
  photo.blob = "blob:acme/20261122/" + photo.sha256;
  photo.blob_expires_at = at("2026-12-22T00:00:00Z");
  e.attachments = {photo};
  c.add("attachment-updated", e);

  e = base(event_type::erasure_requested, channel::form);
  e.provider = "acme-web";
  e.source = {"privacy", "webhook", "1"};
  e.erasure = erasure{"all"};
  c.add("erasure-requested", e);

  e = whatsapp(event_type::unsupported);
  e.unsupported = unsupported{"payment"};
  e.add(flag::id_from_content);
  c.add("unsupported", e);

  e = base(event_type::message_received, channel::fax);
  e.provider = "twilio";
  e.product = "fax";
  e.source = {"fax", "twilio-fax", "1"};
  e.message = schemas::message{.kind = message_kind::media};
  e.add(flag::test);
  e.restricted = true;
  c.add("message-received-fax", e);
}

void add_records(collection& c) {
  quarantine_record q;
  q.received_at = at("2026-11-22T09:15:04.100Z");
  q.tenant = "acme";
  q.source = {"stores-vn", "kiosk", "1"};
  q.code = "missing_field";
  q.reason = "a required member is not there";
  q.verdict = {"hmac-sha256", authentication_result::pass, "kiosk-17"};
  q.inbound.key_id = "acme-2026";
  q.inbound.bytes = "not really sealed";
  q.inbound.size = 512;
  q.pointer = "/items/0/rating";
  q.item = 0;
  c.add_record("quarantine", q);

  raw_record r;
  static_cast<original&>(r) = q;
  r.code = "configured";
  r.reason = "the source keeps originals";
  r.inbound.bytes.clear();
  r.inbound.blob = "blob:acme/20261122/" + std::string(photo_hash);
  r.inbound.size = 310'000;
  r.event_ids = {numbered(1), numbered(2)};
  c.add_record("raw", r);

  heartbeat_record h;
  h.time = h.recorded_at = at("2026-11-22T09:15:10Z");
  h.journal = *uuid_from_string("8d0cf1f2-7c5e-4b8e-9f0e-0c8f6f0a1c55");
  h.oldest_unpublished = at("2026-11-22T09:15:04.412Z");
  h.topics = {{"contacts.inbound.v1", 18442, {17}, 1},
              {"contacts.activity.v1", 90211, {}, 0},
              {"contacts.quarantine.v1", 0, {}, 0}};
  c.add_record("heartbeat", h);
}

}  // namespace

std::vector<sample_event> samples() {
  collection c;
  add_messages(c);
  add_calls(c);
  add_feedback_and_visits(c);
  add_states_and_links(c);
  add_records(c);
  return std::move(c.all);
}

}  // namespace switchboard::schemas
