#include "connectors/chat/meta_whatsapp/content.hpp"
#include "connectors/chat/meta_whatsapp/kinds.hpp"
#include "connectors/chat/meta_whatsapp/message.hpp"
#include "connectors/common/identity.hpp"

namespace switchboard::connectors::meta_whatsapp {

namespace {

constexpr auto imported = schemas::capture::import;

// From whom, is told by the number alone.
schemas::direction direction_of(json::reader& m, const change& c) {
  const bool ours = !c.account_uri.empty() && whatsapp_uri(m.identifier("from")) == c.account_uri;
  return ours ? schemas::direction::outbound : schemas::direction::inbound;
}

void thread(json::reader& from, const change& c, std::vector<item>& out) {
  const std::string_view customer = from.identifier("id");
  const auto messages = from.list("messages");
  if (!messages) return;
  for_each(
      c, *messages, from.path("messages"), out, [&](json::reader& m, json::element whole, std::vector<item>& made) {
        decode_message(m, whole, c, {.direction = direction_of(m, c), .capture = imported, .thread = customer}, made);
      });
}

// The media of messages that came before, as placeholders, under the same ids.
void late_media(json::reader& m, json::element whole, const change& c, std::vector<item>& out) {
  const std::size_t before = out.size();
  decode_message(m, whole, c, {.direction = direction_of(m, c), .capture = imported}, out);
  if (out.size() == before) return;
  auto* fact = std::get_if<contact>(&out.back());
  if (!fact || fact->event.attachments.empty()) return;
  fact->event.type = schemas::event_type::attachment_updated;
  fact->event.message.reset();
}

}  // namespace

void decode_history(const change& c, std::vector<item>& out) {
  for_each(c, "messages", out,
           [&](json::reader& m, json::element whole, std::vector<item>& made) { late_media(m, whole, c, made); });
  for_each(c, "history", out, [&](json::reader& chunk, json::element whole, std::vector<item>& made) {
    const std::size_t before = made.size();
    if (const auto threads = chunk.list("threads"))
      for_each(c, *threads, chunk.path("threads"), made,
               [&](json::reader& one, json::element, std::vector<item>& each) { thread(one, c, each); });
    if (made.size() > before) return;
    // Nothing in it, or the number's owner declined to share it.
    const auto error = first_error(chunk);
    contact fact = c.fact(schemas::event_type::unsupported, schemas::direction::system);
    fact.event.time = c.update.entry_time.value_or(c.received_at);
    made.emplace_back(keep(std::move(fact), error ? "history/" + error->code : "history", whole));
  });
}

}  // namespace switchboard::connectors::meta_whatsapp
