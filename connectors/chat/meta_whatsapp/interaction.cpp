#include "connectors/chat/meta_whatsapp/interaction.hpp"

#include "connectors/common/fields.hpp"

namespace switchboard::connectors::meta_whatsapp {

namespace {

constexpr std::size_t depth_of_flows = 16;

void set(schemas::event& event, schemas::interaction_kind kind, std::string_view payload, std::string_view title) {
  event.message->interaction = {kind, std::string(payload), std::string(title), {}};
  event.text = title;
}

// The answers of a flow: JSON in a text, mostly an object of the form's own fields beside flow_token. What is no object
// is kept as it came.
void flow(json::reader& from, schemas::event& event) {
  const std::string_view answers = from.text("response_json"), name = from.text("name");
  set(event, schemas::interaction_kind::flow, {}, {});
  schemas::interaction& out = *event.message->interaction;
  event.text = from.text("body");
  if (name != "flow") out.title = name;
  const auto parsed = json::parse_copy(answers, depth_of_flows);
  if (json::object object; parsed && !parsed->get(object)) out.fields = fields_of(object);
  if (out.fields.empty()) out.payload = answers;
}

void call_permission(json::reader& from, schemas::event& event) {
  const std::string_view response = from.identifier("response", 64);
  set(event, schemas::interaction_kind::button, response, {});
  schemas::interaction& out = *event.message->interaction;
  out.title = "call_permission";
  for (const std::string_view name : {"response", "response_source", "expiration_timestamp"})
    if (std::string value = from.id(name); !value.empty())
      out.fields.push_back(
          {.name = std::string(name), .label = {}, .type = {}, .value = std::move(value), .values = {}});
}

}  // namespace

void button(json::reader& from, std::string_view, const change&, schemas::event& event) {
  event.message->kind = schemas::message_kind::interaction;
  set(event, schemas::interaction_kind::button, from.text("payload"), from.text("text"));
}

bool interactive(json::reader& from, schemas::event& event) {
  event.message->kind = schemas::message_kind::interaction;
  const std::string_view type = from.text("type");
  const auto answer = from.sub(type);
  if (!answer) return from.failed();
  json::reader part(*answer, from.path(type));
  if (type == "button_reply") {
    set(event, schemas::interaction_kind::button, part.text("id"), part.text("title"));
  } else if (type == "list_reply") {
    set(event, schemas::interaction_kind::list, part.text("id"), part.text("title"));
    if (const auto description = part.text("description"); !description.empty())
      event.message->interaction->fields.push_back(
          {.name = "description", .label = {}, .type = {}, .value = std::string(description), .values = {}});
  } else if (type == "nfm_reply") {
    flow(part, event);
  } else if (type == "call_permission_reply") {
    call_permission(part, event);
  } else {
    return false;
  }
  from.merge(part);
  return true;
}

}  // namespace switchboard::connectors::meta_whatsapp
