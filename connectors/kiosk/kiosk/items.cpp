#include "connectors/kiosk/kiosk/items.hpp"

#include <algorithm>

#include "connectors/common/encoding.hpp"
#include "connectors/common/identity.hpp"
#include "connectors/common/text.hpp"

namespace switchboard::connectors::kiosk {

namespace {

using schemas::event_type;

constexpr std::size_t most_answers = 200, most_choices = 100;

std::optional<schemas::scale> read_scale(json::reader& from, std::string_view kind, const configuration& settings) {
  if (const auto written = from.sub("scale")) {
    json::reader part(*written, from.path("scale"));
    const auto min = part.number("min"), max = part.number("max");
    const auto best = part.choice<schemas::scale_best>("best");
    part.require(min.has_value(), "min");
    part.require(max.has_value(), "max");
    part.require(best.has_value(), "best");
    if (min && max && *min >= *max) part.fail(reject_code::out_of_range, "max");
    from.merge(part);
    if (part.failed()) return std::nullopt;
    return schemas::scale{*min, *max, *best};
  }
  const auto known = settings.scales.find(kind);
  return known == settings.scales.end() ? std::nullopt : std::optional(known->second);
}

// A score never comes without its scale, and lies on it.
struct scored {
  std::optional<double> score;
  std::optional<schemas::scale> scale;
};
scored read_score(json::reader& from, std::string_view kind, const configuration& settings) {
  scored out{from.number("score"), std::nullopt};
  if (!out.score) return out;
  out.scale = read_scale(from, kind, settings);
  if (!from.failed()) from.require(out.scale.has_value(), "scale");
  if (out.scale && (*out.score < out.scale->min || *out.score > out.scale->max))
    from.fail(reject_code::out_of_range, "score");
  return out;
}

// Smileys are a rating whose answers are pictures.
std::optional<schemas::feedback_kind> feedback_kind_of(std::string_view name) {
  if (name == "smiley") return schemas::feedback_kind::rating;
  return schemas::from_string<schemas::feedback_kind>(name);
}

void read_about(json::reader& from, schemas::feedback& feedback) {
  const auto about = from.sub("about");
  if (!about) return;
  json::reader part(*about, from.path("about"));
  feedback.about = {std::string(part.identifier("kind")), std::string(part.identifier("id"))};
  part.require(!feedback.about->id.empty(), "id");
  from.merge(part);
}

void read_survey(json::reader& from, schemas::feedback& feedback) {
  const auto survey = from.sub("survey");
  if (!survey) return;
  json::reader part(*survey, from.path("survey"));
  feedback.survey = {std::string(part.identifier("id")), std::string(part.identifier("version")),
                     std::string(part.identifier("response_id"))};
  part.require(!feedback.survey->id.empty(), "id");
  from.merge(part);
}

schemas::answer read_answer(json::reader& from, const item_context& context, schemas::event& event) {
  schemas::answer out;
  out.question_id = from.identifier("question_id");
  from.require(!out.question_id.empty(), "question_id");
  out.question = words(from.text("question"), 4096, event);
  out.kind = from.identifier("kind");
  const auto [score, scale] = read_score(from, out.kind, context.settings);
  out.score = score;
  out.scale = scale;
  if (const auto choices = from.list("choices")) {
    for (const json::element each : *choices) {
      json::object object;
      if (out.choices.size() == most_choices) return from.fail(reject_code::too_many_items, "choices"), out;
      if (each.get(object)) return from.fail(reject_code::wrong_type, "choices"), out;
      json::reader part(object, from.path("choices"));
      out.choices.push_back({std::string(part.identifier("id")), words(part.text("label"), 4096, event)});
      part.require(!out.choices.back().id.empty() || !out.choices.back().label.empty(), "id");
      from.merge(part);
    }
  }
  out.text = words(from.text("text"), context.limits.text_bytes, event);
  return out;
}

void read_answers(json::reader& from, const item_context& context, schemas::event& event) {
  const auto answers = from.list("answers");
  if (!answers) return;
  std::size_t index = 0;
  for (const json::element each : *answers) {
    if (index == most_answers) return from.fail(reject_code::too_many_items, "answers");
    json::object object;
    if (each.get(object)) return from.fail(reject_code::wrong_type, "answers/" + std::to_string(index));
    json::reader part(object, from.path("answers/" + std::to_string(index++)));
    event.feedback->answers.push_back(read_answer(part, context, event));
    from.merge(part);
  }
}

void rating(json::reader& from, const item_context& context, contact& fact) {
  fact.event.type = event_type::feedback_submitted;
  schemas::feedback& feedback = fact.event.feedback.emplace();
  const std::string_view kind = from.text("kind");
  const auto known = feedback_kind_of(kind.empty() ? "rating" : kind);
  if (!known) return from.fail(reject_code::out_of_range, "kind");
  feedback.kind = *known;
  const auto [score, scale] = read_score(from, kind.empty() ? "rating" : kind, context.settings);
  from.require(score.has_value(), "score");
  feedback.score = score;
  feedback.scale = scale;
  read_about(from, feedback);
  read_survey(from, feedback);
}

void survey(json::reader& from, const item_context& context, contact& fact) {
  fact.event.type = event_type::feedback_submitted;
  schemas::feedback& feedback = fact.event.feedback.emplace();
  read_survey(from, feedback);
  from.require(feedback.survey.has_value(), "survey");
  read_about(from, feedback);
  read_answers(from, context, fact.event);
  feedback.complete = from.boolean("complete");

  const std::string_view kind = from.text("kind");
  const auto scored = [](const schemas::answer& a) { return a.score && feedback_kind_of(a.kind); };
  const auto leads = [&](const schemas::answer& a) { return scored(a) && (kind.empty() || a.kind == kind); };
  const auto leading = std::ranges::find_if(feedback.answers, leads);
  if (leading != feedback.answers.end()) {
    feedback.kind = *feedback_kind_of(leading->kind);
    feedback.score = leading->score;
    feedback.scale = leading->scale;
  } else if (!kind.empty()) {
    const auto known = feedback_kind_of(kind);
    if (!known) return from.fail(reject_code::out_of_range, "kind");
    feedback.kind = *known;
  }
}

void comment(json::reader& from, const item_context&, contact& fact) {
  fact.event.type = event_type::feedback_submitted;
  fact.event.feedback.emplace().kind = schemas::feedback_kind::comment;
  read_about(from, *fact.event.feedback);
  read_survey(from, *fact.event.feedback);
  from.require(!fact.event.text.empty() || from.find("attachments").has_value(), "text");
}

void visit(json::reader& from, const item_context&, contact& fact) {
  fact.event.type = event_type::visit_recorded;
  schemas::visit& visit = fact.event.visit.emplace();
  const auto state = from.choice<schemas::visit_state>("state");
  from.require(state.has_value(), "state");
  if (state) visit.state = *state;
  visit.purpose = words(from.text("purpose"), 4096, fact.event);
  visit.ticket = from.identifier("ticket");
  visit.party_size = from.count("party_size");
}

void callback(json::reader& from, const item_context& context, contact& fact) {
  fact.event.type = event_type::callback_requested;
  schemas::callback& callback = fact.event.callback.emplace();
  std::string_view phone = from.text("phone");
  if (const auto person = from.sub("contact"); phone.empty() && person)
    phone = json::reader(*person, from.path("contact")).text("phone");
  from.require(!phone.empty(), "phone");
  callback.phone_uri = sender_uri(phone, "kiosk", context.owner.account, context.settings.calling_code);
  if (!phone.empty() && callback.phone_uri.empty()) from.fail(reject_code::out_of_range, "phone");
  callback.from = from.time("from");
  callback.until = from.time("until");
  callback.topic = words(from.text("topic"), 4096, fact.event);
  if (fact.event.customer_uri.empty() && !callback.phone_uri.empty()) {
    fact.event.actor.emplace().identities.push_back({callback.phone_uri});
    fact.event.customer_uri = callback.phone_uri;
  }
}

// The device's own words on what its full store made it forget: a gap that is known, and that consumers can count.
void dropped(json::reader& from, const item_context&, contact& fact) {
  schemas::event& event = fact.event;
  event.type = event_type::form_submitted;
  event.direction = schemas::direction::system;
  event.actor = {.who = schemas::role::system};
  event.form = {.id = "kiosk.dropped", .name = "Items that the device dropped"};
  const auto add = [&](std::string_view name, bool required) {
    const auto value = from.count(name);
    if (required) from.require(value.has_value(), name);
    if (value)
      event.form->fields.push_back({.name = std::string(name), .type = "integer", .value = std::to_string(*value)});
  };
  add("count", true);
  add("first_seq", false);
  add("last_seq", false);
  if (const std::string_view reason = from.identifier("reason"); !reason.empty())
    event.form->fields.push_back({.name = "reason", .type = "string", .value = std::string(reason)});
}

}  // namespace

bool fill_block(std::string_view type, json::reader& from, const item_context& context, contact& fact) {
  struct kind {
    std::string_view name;
    void (*fill)(json::reader&, const item_context&, contact&);
    std::optional<schemas::category> category;
  };
  static constexpr kind kinds[] = {{"rating", rating, {}},      {"survey", survey, {}},
                                   {"suggestion", comment, {}}, {"complaint", comment, schemas::category::complaint},
                                   {"visit", visit, {}},        {"callback", callback, {}},
                                   {"dropped", dropped, {}}};
  const auto known = std::ranges::find(kinds, type, &kind::name);
  if (known == std::end(kinds)) return false;
  known->fill(from, context, fact);
  auto category = from.choice<schemas::category>("category");
  if (!category) category = known->category;
  if (category) fact.event.handling = {.category = category, .priority = {}, .due_at = {}, .decided_by = "customer"};
  return true;
}

void fill_attachments(json::reader& from, const item_context& context, contact& fact) {
  const auto list = from.list("attachments");
  if (!list) return;
  std::size_t index = 0;
  for (const json::element each : *list) {
    const std::string place = "attachments/" + std::to_string(index);
    json::object object;
    if (index == context.settings.attachments) return from.fail(reject_code::too_many_items, "attachments");
    if (each.get(object)) return from.fail(reject_code::wrong_type, place);
    json::reader part(object, from.path(place));
    schemas::attachment a;
    a.id = std::to_string(index);
    a.content_type = media_type(part.identifier("content_type"));
    part.require(!a.content_type.empty(), "content_type");
    const auto kind = part.choice<schemas::attachment_kind>("kind");
    a.kind = kind.value_or(attachment_kind_of(a.content_type));
    a.name = part.identifier("name");
    if (const auto ms = part.count("duration_ms")) a.duration = std::chrono::milliseconds(*ms);
    const std::string_view data = part.text("data");
    part.require(!data.empty(), "data");
    if (data.size() / 4 * 3 > context.settings.attachment_bytes + 2) part.fail(reject_code::too_large, "data");
    auto bytes = part.failed() ? std::nullopt : from_base64(data, padding::optional);
    if (!bytes) part.fail(reject_code::malformed_body, "data");
    from.merge(part);
    if (part.failed()) return;
    a.size = static_cast<std::int64_t>(bytes->size());
    a.state = schemas::attachment_state::stored;
    fact.event.attachments.push_back(std::move(a));
    fact.blobs.push_back({index++, std::move(*bytes)});
  }
}

}  // namespace switchboard::connectors::kiosk
