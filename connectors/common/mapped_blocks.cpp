#include "connectors/common/identity.hpp"
#include "connectors/common/mapped_item.hpp"
#include "connectors/common/text.hpp"

namespace switchboard::connectors {

namespace {

using schemas::event_type;

// Beyond these a body is carried as it is instead of field by field.
constexpr std::size_t most_fields = 500, most_field_bytes = 64 << 10, most_payload_bytes = 64 << 10;

std::string_view type_of(json::element e) {
  if (e.is_string()) return "string";
  if (e.is_bool()) return "boolean";
  return e.is_int64() || e.is_uint64() ? "integer" : "number";
}

// The leaves of an object, named by their way down: "data.rating". False when they are too many.
class flattening {
 public:
  explicit flattening(std::vector<schemas::field>& out) : out_(out) {}

  bool object(json::object from, const std::string& name) {
    for (const auto member : from) {
      std::string inner = name.empty() ? std::string(member.key) : name + "." + std::string(member.key);
      if (!value(member.value, inner.empty() ? "." : std::move(inner))) return false;
    }
    return true;
  }

 private:
  bool value(json::element e, std::string name) {
    if (e.is_null()) return true;
    if (json::object inner; !e.get(inner)) return object(inner, name);
    if (json::array list; !e.get(list)) return array(list, std::move(name));
    return add({.name = std::move(name), .type = std::string(type_of(e)), .value = json::scalar(e).value_or("")});
  }

  bool array(json::array list, std::string name) {
    schemas::field field{.name = std::move(name), .type = "list"};
    std::size_t index = 0;
    for (const json::element each : list) {
      if (auto text = json::scalar(each)) {
        bytes_ += text->size();
        if (!text->empty()) field.values.push_back(std::move(*text));
      } else if (!value(each, field.name + "." + std::to_string(index))) {
        return false;
      }
      ++index;
    }
    return field.values.empty() || add(std::move(field));
  }

  bool add(schemas::field field) {
    bytes_ += field.name.size() + field.value.size();
    out_.push_back(std::move(field));
    return out_.size() <= most_fields && bytes_ <= most_field_bytes;
  }

  std::vector<schemas::field>& out_;
  std::size_t bytes_ = 0;
};

void message(mapping& from, contact& fact) {
  fact.event.type = event_type::message_received;
  schemas::message& message = fact.event.message.emplace();
  message.subject = from.text("subject");
}

void feedback(mapping& from, contact& fact) {
  fact.event.type = event_type::feedback_submitted;
  schemas::feedback& feedback = fact.event.feedback.emplace();
  if (const auto kind = from.choice<schemas::feedback_kind>("feedback.kind")) feedback.kind = *kind;
  feedback.score = from.number("feedback.score");
  if (feedback.score) {
    const auto min = from.number("feedback.min"), max = from.number("feedback.max");
    const auto best = from.choice<schemas::scale_best>("feedback.best");
    from.require(min.has_value(), "feedback.min");
    from.require(max.has_value(), "feedback.max");
    if (min && max && best) {
      feedback.scale = {*min, *max, *best};
      if (*feedback.score < *min || *feedback.score > *max || *min >= *max)
        from.fail(reject_code::out_of_range, "feedback.score");
    }
  }
  if (std::string survey = from.identifier("feedback.survey"); !survey.empty())
    feedback.survey = {std::move(survey), {}, {}};
  if (std::string about = from.identifier("feedback.about"); !about.empty())
    feedback.about = {from.text("feedback.about_kind"), std::move(about)};
  from.require(feedback.score.has_value() || !fact.event.text.empty(), "feedback.score");
}

void callback(mapping& from, const mapping_settings& settings, contact& fact) {
  fact.event.type = event_type::callback_requested;
  schemas::callback& callback = fact.event.callback.emplace();
  const std::string phone = from.text("callback.phone");
  from.require(!phone.empty(), "callback.phone");
  callback.phone_uri = sender_uri(phone, settings.provider, fact.event.account.id, settings.calling_code);
  if (!phone.empty() && callback.phone_uri.empty()) from.fail(reject_code::out_of_range, "callback.phone");
  callback.from = from.time("callback.from");
  callback.until = from.time("callback.until");
  callback.topic = from.text("callback.topic");
}

void visit(mapping& from, contact& fact) {
  fact.event.type = event_type::visit_recorded;
  schemas::visit& visit = fact.event.visit.emplace();
  const auto state = from.choice<schemas::visit_state>("visit.state");
  from.require(state.has_value(), "visit.state");
  if (state) visit.state = *state;
  visit.purpose = from.text("visit.purpose");
  visit.ticket = from.text("visit.ticket");
  visit.party_size = from.integer("visit.party_size");
}

void consent(mapping& from, contact& fact) {
  fact.event.type = event_type::consent_changed;
  schemas::consent& consent = fact.event.consent.emplace();
  const std::string state = from.text("consent.state");
  from.require(!state.empty(), "consent.state");
  if (state == "true")
    consent.state = schemas::consent_state::granted;
  else if (state == "false")
    consent.state = schemas::consent_state::withdrawn;
  else if (const auto known = from.choice<schemas::consent_state>("consent.state"))
    consent.state = *known;
  if (const auto scope = from.choice<schemas::consent_scope>("consent.scope")) consent.scope = *scope;
  consent.applies_to = from.text("consent.applies_to");
  consent.evidence = from.text("consent.evidence");
}

std::string bytes_of(json::element item, const mapped_delivery& d) {
  return d.raw.empty() ? json::minified(item) : std::string(d.raw);
}

void form(mapping& from, json::element item, const mapped_delivery& d, contact& fact) {
  fact.event.type = event_type::form_submitted;
  schemas::form form{.id = from.text("form.id"), .name = from.text("form.name"), .fields = {}};
  json::object answers;
  const bool readable = !from.element("form.fields").value_or(item).get(answers);
  if (readable && flattening(form.fields).object(answers, "") && !form.fields.empty())
    fact.event.form = std::move(form);
  else
    fill_payload(bytes_of(item, d), d.content_type, fact);
}

}  // namespace

void fill_block(meaning what, mapping& from, json::element item, const mapped_delivery& d,
                const mapping_settings& settings, contact& fact) {
  switch (what) {
    case meaning::message:
      return message(from, fact);
    case meaning::feedback:
      return feedback(from, fact);
    case meaning::form:
      return form(from, item, d, fact);
    case meaning::callback:
      return callback(from, settings, fact);
    case meaning::visit:
      return visit(from, fact);
    case meaning::consent:
      return consent(from, fact);
    case meaning::whole:
      return fill_payload(bytes_of(item, d), d.content_type, fact);
    case meaning::ignored:
      return;
  }
}

void fill_payload(std::string text, std::string_view content_type, contact& fact) {
  schemas::event& event = fact.event;
  event.type = event_type::form_submitted;
  event.payload = {std::string(content_type.empty() ? "application/octet-stream" : content_type), text, {}};
  if (text.size() <= most_payload_bytes) return;
  event.payload->text.resize(cut(text, most_payload_bytes).size());
  event.add(schemas::flag::truncated);
  schemas::attachment whole;
  whole.id = "payload";
  whole.kind = schemas::attachment_kind::document;
  whole.content_type = event.payload->content_type;
  whole.size = static_cast<std::int64_t>(text.size());
  whole.state = schemas::attachment_state::stored;
  fact.blobs.push_back({event.attachments.size(), std::move(text)});
  event.attachments.push_back(std::move(whole));
}

}  // namespace switchboard::connectors
