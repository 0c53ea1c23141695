#include "connectors/chat/meta_whatsapp/kinds.hpp"

namespace switchboard::connectors::meta_whatsapp {

namespace {

using schemas::event_type;

contact call_fact(json::reader& from, json::element whole, std::string_view what, schemas::direction direction,
                  const change& c) {
  contact fact = c.fact(event_type::call_progressed, direction);
  schemas::event& event = fact.event;
  event.channel = schemas::channel::voice;
  schemas::call& call = event.call.emplace();
  call.id = from.id("id");
  from.require(!call.id.empty(), "id");
  event.object.external_id = call.id;
  fact.key = call.id + "/" + std::string(what);
  fact.fingerprint = fingerprint_of(whole);
  set_time(from, "timestamp", c, event);
  if (std::string tracker = from.id("biz_opaque_callback_data", 512); !tracker.empty())
    call.metadata.push_back({"biz_opaque_callback_data", std::move(tracker)});
  return fact;
}

std::optional<timestamp> time_of(json::reader& from, std::string_view name) {
  const auto found = from.find(name);
  return found ? meta::time_of(*found) : std::nullopt;
}

void ended(json::reader& from, const change& c, schemas::event& event) {
  event.type = event_type::call_ended;
  schemas::call& call = *event.call;
  const std::string_view status = from.identifier("status", 64);
  if (status == "COMPLETED") call.state = schemas::call_state::completed;
  if (status == "FAILED") call.state = schemas::call_state::failed;
  call.answered_at = time_of(from, "start_time");  // these three only where somebody picked up
  call.ended_at = time_of(from, "end_time");
  constexpr std::int64_t most_seconds = 1'000'000;
  if (const auto found = from.find("duration"))
    if (const auto seconds = json::integer(*found); seconds && *seconds >= 0 && *seconds < most_seconds)
      call.duration = std::chrono::seconds(*seconds);
  json::reader beside(c.value, c.update.pointer);
  auto error = first_error(from);
  if (!error) error = first_error(beside);
  if (error) call.cause = error->code + (error->title.empty() ? "" : " " + error->title);
}

void decode_call(json::reader& from, json::element whole, const change& c, std::vector<item>& out) {
  const std::string_view what = from.identifier("event", 64), initiated = from.identifier("direction", 64);
  const bool outbound = initiated == "BUSINESS_INITIATED";
  contact fact = call_fact(from, whole, what, outbound ? schemas::direction::outbound : schemas::direction::inbound, c);
  const person caller{.phone = from.identifier("from"),
                      .user_id = from.identifier("from_user_id"),
                      .parent_user_id = from.identifier("from_parent_user_id"),
                      .name = {}};
  const person called{.phone = from.identifier("to"),
                      .user_id = from.identifier("to_user_id"),
                      .parent_user_id = from.identifier("to_parent_user_id"),
                      .name = {}};
  c.concern(fact, outbound ? called : caller);
  if (what == "connect") {
    fact.event.type = event_type::call_started;
    fact.event.call->state = schemas::call_state::ringing;
    fact.event.call->started_at = fact.event.time;
  } else if (what == "terminate") {
    ended(from, c, fact.event);
  } else {
    out.emplace_back(keep(std::move(fact), "calls/" + std::string(what), whole));
    return;
  }
  out.emplace_back(std::move(fact));
}

// How a call of the company's is taken.
void decode_progress(json::reader& from, json::element whole, const change& c, std::vector<item>& out) {
  const std::string_view status = from.identifier("status", 64);
  contact fact = call_fact(from, whole, status, schemas::direction::outbound, c);
  schemas::call& call = *fact.event.call;
  c.concern(fact, {.phone = from.identifier("recipient_id"),
                   .user_id = from.identifier("recipient_user_id"),
                   .parent_user_id = from.identifier("parent_recipient_user_id"),
                   .name = {}});
  if (status == "RINGING") {
    call.state = schemas::call_state::ringing;
  } else if (status == "ACCEPTED") {
    call.state = schemas::call_state::answered;
    call.answered_at = fact.event.time;
  } else if (status == "REJECTED") {
    call.state = schemas::call_state::rejected;
  } else {
    out.emplace_back(keep(std::move(fact), "calls/" + std::string(status), whole));
    return;
  }
  out.emplace_back(std::move(fact));
}

}  // namespace

void decode_calls(const change& c, std::vector<item>& out) {
  for_each(c, "calls", out,
           [&](json::reader& r, json::element whole, std::vector<item>& made) { decode_call(r, whole, c, made); });
  for_each(c, "statuses", out,
           [&](json::reader& r, json::element whole, std::vector<item>& made) { decode_progress(r, whole, c, made); });
}

}  // namespace switchboard::connectors::meta_whatsapp
