#include "schemas/body.hpp"

#include "schemas/names.hpp"

namespace switchboard::schemas {

namespace {

void write_party(json_writer& w, const party& p) {
  w.name("role", p.who);
  w.text("display_name", p.display_name);
  w.objects("identities", p.identities, [&](const identity& i) {
    w.text("uri", i.uri);
    w.only_true("verified", i.verified);
    w.only_true("derived", i.derived);
  });
  w.text("locale", p.locale);
}

void write_attachment(json_writer& w, const attachment& a) {
  w.text("id", a.id);
  w.constant("role", a.body ? "body" : "file");
  w.name("kind", a.kind);
  w.text("content_type", a.content_type);
  w.text("detected_type", a.detected_type);
  w.text("name", a.name);
  w.integer("size", a.size);
  w.text("sha256", a.sha256);
  w.name("state", a.state);
  w.text("blob", a.blob);
  w.time("blob_expires_at", a.blob_expires_at);
  w.text("provider_ref", a.provider_ref);
  w.text("url", a.url);
  w.time("url_expires_at", a.url_expires_at);
  w.text("inline_id", a.inline_id);
  w.duration("duration_ms", a.duration);
  if (a.transcript)
    w.object("transcript", [&] {
      w.text("text", a.transcript->text);
      w.text("by", a.transcript->by);
      w.real("confidence", a.transcript->confidence);
      w.text("language", a.transcript->language);
    });
}

void write_origin_of_the_contact(json_writer& w, const event& e) {
  w.name("channel", e.channel);
  w.text("provider", e.provider);
  w.text("product", e.product);
  w.object("account", [&] {
    w.text("id", e.account.id);
    w.text("uri", e.account.uri);
    w.text("name", e.account.name);
  });
  w.object("source", [&] {
    w.text("id", e.source.id);
    w.text("connector", e.source.connector);
    w.text("connector_version", e.source.connector_version);
  });
  w.name("capture", e.capture);
  if (e.recorded_by) w.object("recorded_by", [&] { write_party(w, *e.recorded_by); });
  w.name("direction", e.direction);
  w.object("object", [&] {
    if (e.object.id) w.id("id", *e.object.id);
    w.text("external_id", e.object.external_id);
    w.text("revision", e.object.revision);
  });
  w.text("delivery_id", e.delivery_id);
  w.objects("related", e.related, [&](const related_thing& r) {
    w.name("rel", r.relation);
    w.text("object_id", r.object_id);
    w.text("external_id", r.external_id);
    w.text("event_id", r.event_id);
  });
  w.object("authentication", [&] {
    w.text("method", e.authentication.method);
    w.name("result", e.authentication.result);
  });
}

void write_people_and_conversation(json_writer& w, const event& e) {
  if (e.actor) w.object("actor", [&] { write_party(w, *e.actor); });
  w.objects("recipients", e.recipients, [&](const recipient& r) {
    w.name("as", r.as);
    write_party(w, r.who);
  });
  w.texts("reply_to", e.reply_to);
  w.text("customer_uri", e.customer_uri);
  w.object("conversation", [&] {
    w.text("id", e.conversation.id);
    w.name("kind", e.conversation.kind);
    w.text("external_id", e.conversation.external_id);
    w.text("thread_id", e.conversation.thread_id);
    w.text("subject", e.conversation.subject);
    w.name("visibility", e.conversation.visibility);
    w.texts("alias_ids", e.conversation.alias_ids);
  });
  if (e.place)
    w.object("place", [&] {
      w.text("store_id", e.place->store_id);
      w.text("device_id", e.place->device_id);
      w.text("timezone", e.place->timezone);
      w.text("country", e.place->country);
      w.time("device_time", e.place->device_time);
    });
}

void write_handling_and_provenance(json_writer& w, const event& e) {
  w.name("automated", e.automated);
  if (e.handling)
    w.object("handling", [&] {
      w.name("category", e.handling->category);
      w.text("priority", e.handling->priority);
      w.time("due_at", e.handling->due_at);
      w.text("decided_by", e.handling->decided_by);
    });
  if (e.provider_sequence)
    w.object("provider_sequence", [&] {
      w.text("scope", e.provider_sequence->scope);
      w.text("value", e.provider_sequence->value);
    });
  if (e.raw)
    w.object("raw", [&] {
      w.text("hmac", e.raw->hmac);
      w.integer("size", e.raw->size);
      w.text("blob", e.raw->blob);
    });
  if (e.origin)
    w.object("origin", [&] {
      w.text("id", e.origin->id);
      w.text("source", e.origin->source);
      w.text("type", e.origin->type);
      w.text("subject", e.origin->subject);
      w.text("dataschema", e.origin->dataschema);
      write_named(w, "extensions", e.origin->extensions);
    });
}

}  // namespace

void write_named(json_writer& w, std::string_view name, const std::vector<named_value>& values) {
  w.objects(name, values, [&](const named_value& v) {
    w.text("name", v.name);
    w.text("value", v.value);
  });
}

void append_head(std::string& out, const uuid& id, timestamp recorded_at, std::string_view type, timestamp time,
                 std::string_view tenant) {
  out += body_before_id;
  append_uuid(out, id);
  out += body_before_recorded_at;
  append_timestamp(out, recorded_at);
  out += '"';
  json_writer w(out);
  w.constant("type", type);
  w.time("time", time);
  w.text("tenant", tenant);
  out += '}';
}

void append_body(std::string& out, const event& e) {
  append_head(out, e.id, e.recorded_at, to_string(e.type), e.time, e.tenant);
  json_writer w(out);
  write_origin_of_the_contact(w, e);
  write_people_and_conversation(w, e);
  w.text("text", e.text);
  w.text("text_unquoted", e.text_unquoted);
  w.text("language", e.language);
  write_blocks(w, e);
  w.objects("attachments", e.attachments, [&](const attachment& a) { write_attachment(w, a); });
  write_handling_and_provenance(w, e);
  w.values("flags", e.flags, [](std::string& to, flag f) {
    to += '"';
    to += to_string(f);
    to += '"';
  });
  out += '}';
}

}  // namespace switchboard::schemas
