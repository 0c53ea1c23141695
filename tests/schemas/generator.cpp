#include "tests/schemas/generator.hpp"

#include <algorithm>

namespace switchboard::schemas {

std::string generator::of(std::string_view alphabet, std::size_t length) {
  std::string out(length, ' ');
  for (char& c : out) c = alphabet[below(alphabet.size())];
  return out;
}

std::string generator::word() { return of("abcdefghijklmnopqrstuvwxyz0123456789_-", 1 + below(20)); }

std::string generator::text() {
  static constexpr std::string_view pieces[] = {"My order has not arrived. ",
                                                "Đơn hàng chưa tới ",
                                                "注文が届きません",
                                                "🙂👍🏽",
                                                "\"quoted\"",
                                                "\\",
                                                "\n",
                                                "\r\n",
                                                "\t",
                                                "\x01\x1f\x7f",
                                                "\xFF",
                                                "\xC3",
                                                "\xED\xA0\x80",
                                                "\xF0\x9F\x99",
                                                "\u2028",
                                                "</script>",
                                                "null",
                                                "{}",
                                                "\u202E",
                                                " "};
  std::string out;
  for (std::size_t n = 1 + below(4); n > 0; --n) out += coin() ? std::string(pieces[below(std::size(pieces))]) : word();
  return out;
}

std::string generator::uri() {
  static constexpr std::string_view schemes[] = {
      "tel:+8490", "mailto:lan@", "sip:", "whatsapp:+84", "twilio:AC1/", "kiosk:store-7/"};
  return std::string(schemes[below(std::size(schemes))]) + of("0123456789", 7);
}

std::string generator::blob() { return "blob:acme/20261122/" + sha256(); }

std::string generator::language() {
  static constexpr std::string_view tags[] = {"vi", "en-GB", "zh-Hant-TW", "sr-Latn", "es-419"};
  return std::string(tags[below(std::size(tags))]);
}

// Years 1 to 9999: Python has no year 0.
timestamp generator::time() {
  using namespace std::chrono;
  constexpr timestamp first = sys_days{year{1} / January / 1}, last = sys_days{year{9999} / December / 31};
  return timestamp{milliseconds{std::uniform_int_distribution<std::int64_t>(first.time_since_epoch().count(),
                                                                            last.time_since_epoch().count())(random_)}};
}

double generator::real() {
  switch (below(4)) {
    case 0:
      return static_cast<double>(below(11));
    case 1:
      return static_cast<double>(below(100)) / 10;
    case 2:
      return -1.5e-7 * static_cast<double>(below(1000) + 1);
    default:
      return 1e21 * (share() + 0.1);
  }
}

std::int64_t generator::count() {
  return coin() ? static_cast<std::int64_t>(below(1000)) : std::int64_t{1} << below(62);
}

uuid generator::id() {
  uuid id;
  for (auto& byte : id.bytes) byte = static_cast<std::uint8_t>(below(256));
  id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0f) | 0x80);
  id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3f) | 0x80);
  return id;
}

void generator::some_texts(std::vector<std::string>& values) {
  some(values, [&](std::string& s) { s = text(); });
}

party generator::make_party() {
  party p;
  p.who = any<role>();
  maybe([&] { p.display_name = text(); });
  some(p.identities, [&](identity& i) {
    i.uri = uri();
    i.verified = ++identities_ % 3 == 0;
    i.derived = identities_ % 3 == 1;
  });
  maybe([&] { p.locale = language(); });
  return p;
}

money generator::make_money() { return {of("123456789", 3) + "." + of("0123456789", 2), of("ABCDEFGHIJ", 3)}; }

scale generator::make_scale() { return {real(), real(), any<scale_best>()}; }

field generator::make_field() {
  field f;
  f.name = word();
  maybe([&] { f.label = text(); });
  maybe([&] { f.type = word(); });
  maybe([&] { f.value = text(); });
  some_texts(f.values);
  return f;
}

attachment generator::make_attachment() {
  attachment a;
  a.id = word();
  a.body = coin();
  a.kind = any<attachment_kind>();
  a.state = any<attachment_state>();
  maybe([&] { a.content_type = "image/jpeg"; });
  maybe([&] { a.detected_type = "image/png"; });
  maybe([&] { a.name = text(); });
  maybe(a.size, [&](auto& v) { v = count(); });
  maybe([&] { a.sha256 = sha256(); });
  maybe([&] { a.blob = blob(); });
  if (a.state == attachment_state::stored && a.blob.empty()) a.blob = blob();
  maybe(a.blob_expires_at, [&](auto& v) { v = time(); });
  maybe([&] { a.provider_ref = text(); });
  maybe([&] { a.url = "https://media.example.com/" + word(); });
  maybe(a.url_expires_at, [&](auto& v) { v = time(); });
  maybe([&] { a.inline_id = text(); });
  maybe(a.duration, [&](auto& v) { v = milliseconds{count()}; });
  maybe(a.transcript, [&](attachment::transcript_text& t) {
    t.text = text();
    maybe([&] { t.by = word(); });
    maybe(t.confidence, [&](double& v) { v = share(); });
    maybe([&] { t.language = language(); });
  });
  return a;
}

referral_info generator::make_referral() {
  referral_info r;
  r.kind = any<referral_kind>();
  maybe([&] { r.id = text(); });
  maybe([&] { r.url = "https://example.com/" + word(); });
  maybe([&] { r.headline = text(); });
  maybe([&] { r.campaign = text(); });
  maybe([&] { r.text = text(); });
  maybe([&] { r.ref = text(); });
  maybe([&] { r.click_id = text(); });
  maybe([&] { r.media_url = "https://example.com/" + word(); });
  return r;
}

schemas::message generator::make_message() {
  schemas::message m;
  m.kind = any<message_kind>();
  maybe([&] { m.subject = text(); });
  maybe(m.context, [&](message_context& c) {
    c.relation = any<context_rel>();
    maybe(c.kind, [&](auto& k) { k = any<context_kind>(); });
    maybe([&] { c.external_id = text(); });
    maybe([&] { c.url = "https://example.com/" + word(); });
  });
  maybe(m.interaction, [&](interaction& i) {
    i.kind = any<interaction_kind>();
    maybe([&] { i.payload = text(); });
    maybe([&] { i.title = text(); });
    some(i.fields, [&](field& f) { f = make_field(); });
  });
  maybe(m.location, [&](location& l) {
    l.latitude = share() * 180 - 90;
    l.longitude = share() * 360 - 180;
    maybe([&] { l.name = text(); });
    maybe([&] { l.address = text(); });
    maybe([&] { l.url = "https://example.com/" + word(); });
  });
  some(m.contact_cards, [&](contact_card& c) {
    c.name = text();
    some_texts(c.phones);
    some_texts(c.emails);
    maybe([&] { c.organization = text(); });
    some_texts(c.addresses);
    some_texts(c.urls);
    some(c.identities, [&](std::string& s) { s = uri(); });
  });
  maybe(m.order, [&](order& o) {
    maybe([&] { o.catalog_id = text(); });
    some(o.items, [&](order_item& i) {
      i.sku = text();
      i.quantity = count();
      maybe(i.unit_price, [&](money& v) { v = make_money(); });
      maybe([&] { i.exact_quantity = make_money().amount; });
    });
  });
  maybe(m.referral, [&](referral_info& r) { r = make_referral(); });
  maybe(m.forwarded, [&](forwarding& f) {
    f.often = coin();
    maybe([&] { f.from = text(); });
    maybe([&] { f.from_uri = uri(); });
    maybe(f.at, [&](auto& v) { v = time(); });
  });
  maybe(m.poll, [&](poll& p) {
    p.id = text();
    some(p.choices, [&](choice& c) {
      c.id = text();
      maybe([&] { c.label = text(); });
    });
    p.multiple = coin();
  });
  maybe(m.mail, [&](mail& v) {
    maybe([&] { v.message_id = text(); });
    maybe([&] { v.sender = uri(); });
    some(v.resent, [&](std::string& s) { s = uri(); });
    some(v.results, [&](mail_result& r) {
      r = {"dmarc", "pass", ""};
      maybe([&] { r.domain = word(); });
    });
    maybe([&] { v.list_id = text(); });
  });
  return m;
}

schemas::call generator::make_call() {
  schemas::call c;
  c.id = text();
  maybe([&] { c.parent_id = text(); });
  maybe(c.state, [&](auto& v) { v = any<call_state>(); });
  maybe(c.answered_by, [&](auto& v) { v = any<answered_by>(); });
  maybe(c.started_at, [&](auto& v) { v = time(); });
  maybe(c.answered_at, [&](auto& v) { v = time(); });
  maybe(c.ended_at, [&](auto& v) { v = time(); });
  maybe(c.duration, [&](auto& v) { v = milliseconds{count()}; });
  maybe([&] { c.cause = text(); });
  maybe([&] { c.forwarded_from = text(); });
  maybe([&] { c.attestation = "A"; });
  maybe(c.queue, [&](call::queue_info& q) {
    q.id = text();
    maybe([&] { q.result = word(); });
    maybe(q.waited, [&](auto& v) { v = milliseconds{count()}; });
  });
  some(c.metadata, [&](named_value& v) { v = {word(), text()}; });
  return c;
}

schemas::feedback generator::make_feedback() {
  schemas::feedback f;
  f.kind = any<feedback_kind>();
  maybe(f.survey, [&](feedback::survey_info& s) {
    s.id = text();
    maybe([&] { s.version = text(); });
    maybe([&] { s.response_id = text(); });
  });
  maybe(f.score, [&](double& v) {
    v = real();
    f.scale = make_scale();
  });
  maybe(f.complete, [&](bool& v) { v = coin(); });
  some(f.answers, [&](answer& a) {
    a.question_id = text();
    maybe([&] { a.question = text(); });
    maybe([&] { a.kind = word(); });
    maybe(a.score, [&](double& v) {
      v = real();
      a.scale = make_scale();
    });
    some(a.choices, [&](choice& c) {
      c.id = text();
      maybe([&] { c.label = text(); });
    });
    maybe([&] { a.text = text(); });
  });
  maybe(f.about, [&](feedback::about_info& a) { a = {word(), text()}; });
  return f;
}

schemas::transcript generator::make_transcript() {
  schemas::transcript t;
  t.by = word();
  maybe(t.confidence, [&](double& v) { v = share(); });
  some(t.segments, [&](transcript_segment& s) {
    s.start = milliseconds{count()};
    s.end = s.start + milliseconds{below(5000)};
    maybe([&] { s.speaker = word(); });
    s.text = text();
  });
  t.partial = coin();
  return t;
}

void generator::fill_common(event& e) {
  e.id = id();
  e.time = time();
  e.recorded_at = e.time + milliseconds{below(100'000)};
  e.tenant = word();
  maybe([&] { e.partition_key = hash(); });
  maybe([&] { e.traceparent = "00-" + of("0123456789abcdef", 32) + "-" + of("0123456789abcdef", 16) + "-01"; });
  e.channel = any<channel>();
  e.provider = word();
  maybe([&] { e.product = word(); });
  maybe([&] { e.account.id = text(); });
  maybe([&] { e.account.uri = uri(); });
  maybe([&] { e.account.name = text(); });
  e.source = {word(), word(), ""};
  maybe([&] { e.source.connector_version = "1"; });
  e.capture = any<capture>();
  maybe(e.recorded_by, [&](party& p) { p = make_party(); });
  e.direction = any<direction>();
  maybe(e.object.id, [&](uuid& v) { v = id(); });
  maybe([&] { e.object.external_id = text(); });
  maybe([&] { e.object.revision = text(); });
  maybe([&] { e.delivery_id = text(); });
  some(e.related, [&](related_thing& r) {
    r.relation = any<rel>();
    maybe([&] { r.object_id = to_string(id()); });
    maybe([&] { r.external_id = text(); });
    r.event_id = to_string(id());
  });
  maybe([&] { e.authentication.method = "hmac-sha256"; });
  e.authentication.result = any<authentication_result>();
  maybe(e.actor, [&](party& p) { p = make_party(); });
  some(e.recipients, [&](recipient& r) { r = {make_party(), any<recipient_as>()}; });
  some(e.reply_to, [&](std::string& s) { s = uri(); });
  maybe([&] { e.customer_uri = uri(); });
  e.conversation.id = hash();
  e.conversation.kind = any<conversation_kind>();
  maybe([&] { e.conversation.external_id = text(); });
  maybe([&] { e.conversation.thread_id = text(); });
  maybe([&] { e.conversation.subject = text(); });
  e.conversation.visibility = any<visibility>();
  some(e.conversation.alias_ids, [&](std::string& s) { s = hash(); });
  maybe(e.place, [&](event::place_info& p) {
    maybe([&] { p.store_id = text(); });
    maybe([&] { p.device_id = text(); });
    maybe([&] { p.timezone = "Asia/Ho_Chi_Minh"; });
    maybe([&] { p.country = "VN"; });
    maybe(p.device_time, [&](auto& v) { v = time(); });
  });
  maybe([&] { e.text = text(); });
  maybe([&] { e.text_unquoted = text(); });
  maybe([&] { e.language = language(); });
  some(e.attachments, [&](attachment& a) { a = make_attachment(); });
  maybe(e.automated, [&](auto& v) { v = any<automated>(); });
  maybe(e.handling, [&](event::handling_info& h) {
    maybe(h.category, [&](auto& v) { v = any<category>(); });
    maybe([&] { h.priority = "high"; });
    maybe(h.due_at, [&](auto& v) { v = time(); });
    h.decided_by = text();
  });
  maybe(e.provider_sequence, [&](event::sequence_info& s) {
    maybe([&] { s.scope = text(); });
    s.value = of("0123456789", 6);
  });
  maybe([&] {
    for (std::size_t n = 1 + below(4); n > 0; --n) e.add(any<flag>());
  });
  maybe(e.raw, [&](event::raw_info& r) {
    r = {hash(), count(), ""};
    maybe([&] { r.blob = blob(); });
  });
  maybe(e.origin, [&](event::origin_info& o) {
    o = {text(), text(), text(), "", "", {}};
    some(o.extensions, [&](named_value& v) { v = {word(), text()}; });
    maybe([&] { o.subject = text(); });
    maybe([&] { o.dataschema = text(); });
  });
  e.sensitive = coin();
  e.restricted = coin();
}

void generator::fill_blocks(event& e) {
  const std::string_view block = info(e.type).block;
  const std::string_view type = info(e.type).name;
  if (block == "message") e.message = make_message();
  if (block == "deletion") {
    e.deletion = schemas::deletion{any<deletion_reason>()};
    maybe(e.message, [&](schemas::message& m) { m = make_message(); });
  }
  if (block == "reaction") {
    auto& r = e.reaction.emplace();
    r.action = any<reaction_action>();
    maybe([&] { r.emoji = "👍🏽"; });
    maybe([&] { r.name = word(); });
    some_texts(r.current);
    maybe(r.count, [&](auto& v) { v = count(); });
  }
  if (block == "receipt") {
    auto& r = e.receipt.emplace();
    r.status = any<receipt_status>();
    maybe([&] { r.up_to = text(); });
    maybe([&] { r.recipient_uri = uri(); });
    maybe(r.error, [&](receipt::error_info& v) {
      v = {word(), text(), std::nullopt};
      maybe(v.retryable, [&](bool& b) { b = coin(); });
    });
    maybe(r.billing, [&](receipt::billing_info& v) {
      v.category = word();
      maybe([&] { v.model = word(); });
      maybe(v.amount, [&](money& m) { m = make_money(); });
    });
    maybe([&] { r.url = "https://example.com/" + word(); });
    some(r.metadata, [&](named_value& v) { v = {word(), text()}; });
  }
  if (block == "call") e.call = make_call();
  if (block == "input") {
    auto& i = e.input.emplace();
    i.kind = any<input_kind>();
    maybe([&] { i.digits = of("0123456789*#", 6); });
    maybe(i.confidence, [&](double& v) { v = share(); });
    i.partial = coin();
  }
  if (block == "recording") e.recording = schemas::recording{any<recording_purpose>()};
  if (block == "transcript") e.transcript = make_transcript();
  if (type == "contact.call.recorded.v1") maybe(e.transcript, [&](auto& v) { v = make_transcript(); });
  if (type == "contact.call.transcribed.v1" || type == "contact.attachment.updated.v1")
    maybe(e.recording, [&](auto& v) { v = schemas::recording{any<recording_purpose>()}; });
  if (block == "input" || block == "recording" || block == "transcript")
    maybe(e.call, [&](auto& v) { v = make_call(); });
  if (block == "feedback") e.feedback = make_feedback();
  if (type == "contact.feedback.deleted.v1")
    maybe(e.deletion, [&](auto& v) { v = schemas::deletion{any<deletion_reason>()}; });
  if (block == "form") {
    if (coin()) {
      auto& f = e.form.emplace();
      maybe([&] { f.id = text(); });
      maybe([&] { f.name = text(); });
      for (std::size_t n = 1 + below(3); n > 0; --n) f.fields.push_back(make_field());
    } else {
      e.payload = coin() ? schemas::payload{"application/json", text(), ""} : schemas::payload{"text/csv", "", blob()};
    }
  }
  if (block == "visit") {
    auto& v = e.visit.emplace();
    v.state = any<visit_state>();
    maybe([&] { v.purpose = text(); });
    maybe([&] { v.ticket = word(); });
    maybe(v.party_size, [&](auto& n) { n = count(); });
  }
  if (block == "callback") {
    auto& c = e.callback.emplace();
    c.phone_uri = uri();
    maybe(c.from, [&](auto& v) { v = time(); });
    maybe(c.until, [&](auto& v) { v = time(); });
    maybe([&] { c.topic = text(); });
  }
  if (block == "consent") {
    auto& c = e.consent.emplace();
    c.state = any<consent_state>();
    c.scope = any<consent_scope>();
    maybe([&] { c.applies_to = text(); });
    maybe([&] { c.evidence = text(); });
    maybe(c.expires_at, [&](auto& v) { v = time(); });
  }
  if (block == "membership") {
    auto& m = e.membership.emplace();
    m.state = any<membership_state>();
    maybe([&] { m.member = text(); });
  }
  if (block == "status") {
    auto& s = e.status.emplace();
    s.state = any<conversation_state>();
    maybe([&] { s.assignee = text(); });
    maybe([&] { s.queue = text(); });
  }
  if (block == "session") {
    auto& s = e.session.emplace();
    s.id = text();
    maybe([&] { s.page = text(); });
    maybe([&] { s.referrer = text(); });
    maybe([&] { s.reason = text(); });
  }
  if (block == "referral") e.referral = make_referral();
  if (block == "link") {
    auto& l = e.link.emplace();
    l.relation = any<link_relation>();
    l.from = uri();
    l.to = uri();
    maybe(l.valid_from, [&](auto& v) { v = time(); });
    maybe([&] {
      l.evidence_method = word();
      maybe([&] { l.evidence_external_id = text(); });
    });
  }
  if (block == "attachments") e.attachments = {make_attachment()};
  if (block == "erasure") e.erasure = schemas::erasure{word()};
  if (block == "unsupported") e.unsupported = schemas::unsupported{text()};
}

event generator::make(event_type type) {
  used_[typeid(event_type)].insert(static_cast<std::size_t>(type));
  event e;
  e.type = type;
  fill_common(e);
  fill_blocks(e);
  return e;
}

void generator::fill(original& o) {
  o.id = id();
  o.received_at = time();
  o.recorded_at = o.received_at + milliseconds{below(1000)};
  maybe([&] { o.tenant = word(); });
  o.source = {word(), word(), "1"};
  o.code = word();
  maybe([&] { o.reason = text(); });
  o.verdict.result = any<authentication_result>();
  maybe([&] { o.verdict.method = "hmac-sha256"; });
  maybe([&] { o.verdict.principal = text(); });
  o.inbound.key_id = word();
  o.inbound.size = count();
  (coin() ? o.inbound.bytes : o.inbound.blob) = blob();
}

quarantine_record generator::make_quarantine() {
  quarantine_record r;
  fill(r);
  maybe([&] { r.pointer = "/items/3"; });
  maybe(r.item, [&](auto& v) { v = count(); });
  return r;
}

raw_record generator::make_raw() {
  raw_record r;
  fill(r);
  some(r.event_ids, [&](uuid& v) { v = id(); });
  return r;
}

heartbeat_record generator::make_heartbeat() {
  heartbeat_record h;
  h.id = id();
  h.time = time();
  h.recorded_at = h.time;
  h.journal = id();
  maybe(h.oldest_unpublished, [&](auto& v) { v = time(); });
  some(h.topics, [&](heartbeat_record::topic_state& t) {
    t.topic = word();
    t.last_sequence = static_cast<std::uint64_t>(count());
    some(t.dead_lettered, [&](std::uint64_t& v) { v = static_cast<std::uint64_t>(count()); });
    t.dead_lettered_count = t.dead_lettered.size();
  });
  return h;
}

}  // namespace switchboard::schemas
