#include "schemas/body.hpp"

namespace switchboard::schemas {

namespace {

void write_money(json_writer& w, std::string_view name, const std::optional<money>& m) {
  if (!m) return;
  w.object(name, [&] {
    w.text("amount", m->amount);
    w.text("currency", m->currency);
  });
}

void write_fields(json_writer& w, const std::vector<field>& fields) {
  w.objects("fields", fields, [&](const field& f) {
    w.text("name", f.name);
    w.text("label", f.label);
    w.text("type", f.type);
    w.text("value", f.value);
    w.texts("values", f.values);
  });
}

void write_scale(json_writer& w, const std::optional<scale>& s) {
  if (!s) return;
  w.object("scale", [&] {
    w.real("min", s->min);
    w.real("max", s->max);
    w.name("best", s->best);
  });
}

void write_choices(json_writer& w, const std::vector<choice>& choices) {
  w.objects("choices", choices, [&](const choice& c) {
    w.text("id", c.id);
    w.text("label", c.label);
  });
}

void write_referral(json_writer& w, const std::optional<referral_info>& r) {
  if (!r) return;
  w.object("referral", [&] {
    w.name("kind", r->kind);
    w.text("id", r->id);
    w.text("url", r->url);
    w.text("headline", r->headline);
    w.text("campaign", r->campaign);
    w.text("text", r->text);
    w.text("ref", r->ref);
    w.text("click_id", r->click_id);
    w.text("media_url", r->media_url);
  });
}

void write_message_parts(json_writer& w, const message& m) {
  if (m.context)
    w.object("context", [&] {
      w.name("rel", m.context->relation);
      w.name("kind", m.context->kind);
      w.text("external_id", m.context->external_id);
      w.text("url", m.context->url);
    });
  if (m.interaction)
    w.object("interaction", [&] {
      w.name("kind", m.interaction->kind);
      w.text("payload", m.interaction->payload);
      w.text("title", m.interaction->title);
      write_fields(w, m.interaction->fields);
    });
  if (m.location)
    w.object("location", [&] {
      w.real("latitude", m.location->latitude);
      w.real("longitude", m.location->longitude);
      w.text("name", m.location->name);
      w.text("address", m.location->address);
      w.text("url", m.location->url);
    });
  w.objects("contact_cards", m.contact_cards, [&](const contact_card& c) {
    w.text("name", c.name);
    w.texts("phones", c.phones);
    w.texts("emails", c.emails);
    w.text("organization", c.organization);
    w.texts("addresses", c.addresses);
    w.texts("urls", c.urls);
    w.texts("identities", c.identities);
  });
  if (m.order)
    w.object("order", [&] {
      w.text("catalog_id", m.order->catalog_id);
      w.objects("items", m.order->items, [&](const order_item& i) {
        w.text("sku", i.sku);
        w.integer("quantity", i.quantity);
        write_money(w, "unit_price", i.unit_price);
        w.text("exact_quantity", i.exact_quantity);
      });
    });
  write_referral(w, m.referral);
  if (m.forwarded)
    w.object("forwarded", [&] {
      w.boolean("often", m.forwarded->often);
      w.text("from", m.forwarded->from);
      w.text("from_uri", m.forwarded->from_uri);
      w.time("at", m.forwarded->at);
    });
  if (m.poll)
    w.object("poll", [&] {
      w.text("id", m.poll->id);
      write_choices(w, m.poll->choices);
      w.only_true("multiple", m.poll->multiple);
    });
  if (m.mail)
    w.object("mail", [&] {
      w.text("message_id", m.mail->message_id);
      w.text("sender", m.mail->sender);
      w.texts("resent", m.mail->resent);
      w.objects("results", m.mail->results, [&](const mail_result& r) {
        w.text("method", r.method);
        w.text("result", r.result);
        w.text("domain", r.domain);
      });
      w.text("list_id", m.mail->list_id);
    });
}

void write_receipt(json_writer& w, const receipt& r) {
  w.name("status", r.status);
  w.text("up_to", r.up_to);
  w.text("recipient_uri", r.recipient_uri);
  if (r.error)
    w.object("error", [&] {
      w.text("code", r.error->code);
      w.text("title", r.error->title);
      w.boolean("retryable", r.error->retryable);
    });
  if (r.billing)
    w.object("billing", [&] {
      w.text("category", r.billing->category);
      w.text("model", r.billing->model);
      if (r.billing->amount) {
        w.text("amount", r.billing->amount->amount);
        w.text("currency", r.billing->amount->currency);
      }
    });
  w.text("url", r.url);
  write_named(w, "metadata", r.metadata);
}

void write_call(json_writer& w, const call& c) {
  w.text("id", c.id);
  w.text("parent_id", c.parent_id);
  w.name("state", c.state);
  w.name("answered_by", c.answered_by);
  w.time("started_at", c.started_at);
  w.time("answered_at", c.answered_at);
  w.time("ended_at", c.ended_at);
  w.duration("duration_ms", c.duration);
  w.text("cause", c.cause);
  w.text("forwarded_from", c.forwarded_from);
  w.text("attestation", c.attestation);
  if (c.queue)
    w.object("queue", [&] {
      w.text("id", c.queue->id);
      w.text("result", c.queue->result);
      w.duration("waited_ms", c.queue->waited);
    });
  write_named(w, "metadata", c.metadata);
}

void write_feedback(json_writer& w, const feedback& f) {
  w.name("kind", f.kind);
  if (f.survey)
    w.object("survey", [&] {
      w.text("id", f.survey->id);
      w.text("version", f.survey->version);
      w.text("response_id", f.survey->response_id);
    });
  w.real("score", f.score);
  write_scale(w, f.scale);
  w.boolean("complete", f.complete);
  w.objects("answers", f.answers, [&](const answer& a) {
    w.text("question_id", a.question_id);
    w.text("question", a.question);
    w.text("kind", a.kind);
    w.real("score", a.score);
    write_scale(w, a.scale);
    write_choices(w, a.choices);
    w.text("text", a.text);
  });
  if (f.about)
    w.object("about", [&] {
      w.text("kind", f.about->kind);
      w.text("id", f.about->id);
    });
}

void write_transcript(json_writer& w, const transcript& t) {
  w.text("by", t.by);
  w.real("confidence", t.confidence);
  w.objects("segments", t.segments, [&](const transcript_segment& s) {
    w.integer("start_ms", s.start.count());
    w.integer("end_ms", s.end.count());
    w.text("speaker", s.speaker);
    w.text("text", s.text);
  });
  w.only_true("partial", t.partial);
}

void write_contact_blocks(json_writer& w, const event& e) {
  if (e.message)
    w.object("message", [&] {
      w.name("kind", e.message->kind);
      w.text("subject", e.message->subject);
      write_message_parts(w, *e.message);
    });
  if (e.deletion) w.object("deletion", [&] { w.name("reason", e.deletion->reason); });
  if (e.reaction)
    w.object("reaction", [&] {
      w.name("action", e.reaction->action);
      w.text("emoji", e.reaction->emoji);
      w.text("name", e.reaction->name);
      w.texts("current", e.reaction->current);
      w.integer("count", e.reaction->count);
    });
  if (e.receipt) w.object("receipt", [&] { write_receipt(w, *e.receipt); });
  if (e.feedback) w.object("feedback", [&] { write_feedback(w, *e.feedback); });
  if (e.form)
    w.object("form", [&] {
      w.text("id", e.form->id);
      w.text("name", e.form->name);
      write_fields(w, e.form->fields);
    });
  if (e.payload)
    w.object("payload", [&] {
      w.text("content_type", e.payload->content_type);
      w.text("text", e.payload->text);
      w.text("blob", e.payload->blob);
    });
  if (e.visit)
    w.object("visit", [&] {
      w.name("state", e.visit->state);
      w.text("purpose", e.visit->purpose);
      w.text("ticket", e.visit->ticket);
      w.integer("party_size", e.visit->party_size);
    });
  if (e.callback)
    w.object("callback", [&] {
      w.text("phone_uri", e.callback->phone_uri);
      w.time("from", e.callback->from);
      w.time("until", e.callback->until);
      w.text("topic", e.callback->topic);
    });
}

void write_call_blocks(json_writer& w, const event& e) {
  if (e.call) w.object("call", [&] { write_call(w, *e.call); });
  if (e.input)
    w.object("input", [&] {
      w.name("kind", e.input->kind);
      w.text("digits", e.input->digits);
      w.real("confidence", e.input->confidence);
      w.only_true("partial", e.input->partial);
    });
  if (e.recording) w.object("recording", [&] { w.name("purpose", e.recording->purpose); });
  if (e.transcript) w.object("transcript", [&] { write_transcript(w, *e.transcript); });
}

void write_state_blocks(json_writer& w, const event& e) {
  if (e.consent)
    w.object("consent", [&] {
      w.name("state", e.consent->state);
      w.name("scope", e.consent->scope);
      w.text("applies_to", e.consent->applies_to);
      w.text("evidence", e.consent->evidence);
      w.time("expires_at", e.consent->expires_at);
    });
  if (e.membership)
    w.object("membership", [&] {
      w.name("state", e.membership->state);
      w.text("member", e.membership->member);
    });
  if (e.status)
    w.object("status", [&] {
      w.name("state", e.status->state);
      w.text("assignee", e.status->assignee);
      w.text("queue", e.status->queue);
    });
  if (e.session)
    w.object("session", [&] {
      w.text("id", e.session->id);
      w.text("page", e.session->page);
      w.text("referrer", e.session->referrer);
      w.text("reason", e.session->reason);
    });
  write_referral(w, e.referral);
  if (e.link)
    w.object("link", [&] {
      w.name("relation", e.link->relation);
      w.text("from", e.link->from);
      w.text("to", e.link->to);
      w.time("valid_from", e.link->valid_from);
      w.object("evidence", [&] {
        w.text("method", e.link->evidence_method);
        w.text("external_id", e.link->evidence_external_id);
      });
    });
  if (e.erasure) w.object("erasure", [&] { w.text("scope", e.erasure->scope); });
  if (e.unsupported) w.object("unsupported", [&] { w.text("kind", e.unsupported->kind); });
}

}  // namespace

void write_blocks(json_writer& w, const event& e) {
  write_contact_blocks(w, e);
  write_call_blocks(w, e);
  write_state_blocks(w, e);
}

}  // namespace switchboard::schemas
