#include "connectors/common/meta_parts.hpp"
#include "connectors/common/text.hpp"
#include "connectors/common/time.hpp"

namespace switchboard::connectors::meta {

namespace {

constexpr std::size_t most_answers = 200, longest_value = 4096;

// The scales on which Meta's feedback template asks; more is better on each.
std::optional<schemas::scale> scale_of(std::string_view kind) {
  if (kind == "csat") return schemas::scale{1, 5, schemas::scale_best::max};
  if (kind == "nps") return schemas::scale{0, 10, schemas::scale_best::max};
  if (kind == "ces") return schemas::scale{1, 7, schemas::scale_best::max};
  return std::nullopt;
}

schemas::answer read_question(std::string_view id, json::reader& from, schemas::event& event) {
  schemas::answer out{.question_id = std::string(id), .kind = std::string(from.identifier("type"))};
  const std::string given = from.id("payload");
  const auto number = plain_integer(given);
  const double value = number ? static_cast<double>(*number) : 0;
  const auto scale = scale_of(out.kind);
  if (number && scale && value >= scale->min && value <= scale->max) {
    out.score = value;
    out.scale = scale;
  } else if (!given.empty()) {
    out.choices.push_back({given, {}});
  }
  if (const auto more = from.sub("follow_up")) {
    json::reader follow_up(*more, from.path("follow_up"));
    out.text = words(follow_up.text("payload"), longest_value, event);
    from.merge(follow_up);
  }
  return out;
}

// The objects of a list; what is none, or too many, stays in the reader.
template <class Each>
void for_each_object(json::reader& from, std::string_view name, Each&& each) {
  const auto list = from.list(name);
  from.require(list.has_value(), name);
  if (!list) return;
  std::size_t index = 0;
  for (const json::element element : *list) {
    const std::string place = std::string(name) + "/" + std::to_string(index);
    json::object object;
    if (index++ == most_answers) return from.fail(reject_code::too_many_items, name);
    if (element.get(object)) return from.fail(reject_code::wrong_type, place);
    json::reader one(object, from.path(place));
    each(one);
    from.merge(one);
    if (from.failed()) return;
  }
}

void read_questions(json::reader& screen, schemas::event& event) {
  const auto questions = screen.sub("questions");
  if (!questions) return;
  for (const auto [id, element] : *questions) {
    const std::string place = "questions/" + std::string(id);
    json::object object;
    if (event.feedback->answers.size() == most_answers) return screen.fail(reject_code::too_many_items, "questions");
    if (id.empty() || element.get(object)) return screen.fail(reject_code::wrong_type, place);
    json::reader question(object, screen.path(place));
    event.feedback->answers.push_back(read_question(id, question, event));
    screen.merge(question);
  }
}

schemas::field field_of(std::string_view name, std::optional<json::element> value, schemas::event& event) {
  schemas::field out{.name = std::string(name)};
  if (!value || value->is_null()) return out;
  out.value = words(json::scalar(*value).value_or(json::minified(*value)), longest_value, event);
  return out;
}

}  // namespace

bool fill_survey(json::reader& from, const entry_context&, contact& fact) {
  schemas::event& event = fact.event;
  event.type = schemas::event_type::feedback_submitted;
  schemas::feedback& feedback = event.feedback.emplace();
  for_each_object(from, "feedback_screens", [&](json::reader& screen) {
    if (std::string id = screen.id("screen_id"); !feedback.survey && !id.empty())
      feedback.survey = {.id = std::move(id), .version = {}, .response_id = {}};
    read_questions(screen, event);
  });
  bool leads = true;
  for (const schemas::answer& answer : feedback.answers) {
    if (!answer.text.empty()) event.text += (event.text.empty() ? "" : "\n") + answer.text;
    const auto kind = schemas::from_string<schemas::feedback_kind>(answer.kind);
    if (!leads || !kind || !answer.score) continue;
    feedback.kind = *kind;
    feedback.score = answer.score;
    feedback.scale = answer.scale;
    leads = false;
  }
  return true;
}

bool fill_response_feedback(json::reader& from, const entry_context&, contact& fact) {
  schemas::event& event = fact.event;
  event.type = schemas::event_type::feedback_submitted;
  schemas::feedback& feedback = event.feedback.emplace();
  feedback.kind = schemas::feedback_kind::rating;
  const std::string_view given = from.identifier("feedback");
  from.require(!given.empty(), "feedback");
  const std::string word = lower(given);
  const bool good = word.starts_with("good") || word == "positive", bad = word.starts_with("bad") || word == "negative";
  if (good || bad) {
    feedback.score = good ? 1 : 0;
    feedback.scale = {0, 1, schemas::scale_best::max};
  }
  feedback.answers.push_back({.question_id = "feedback",
                              .kind = "rating",
                              .score = feedback.score,
                              .scale = feedback.scale,
                              .choices = {{std::string(given), {}}}});
  if (std::string mid = from.id("mid"); !mid.empty()) {
    feedback.about = {"message", mid};
    event.related.push_back({schemas::rel::about, {}, std::move(mid), {}});
  }
  return true;
}

bool fill_customer_information(json::reader& from, const entry_context&, contact& fact) {
  schemas::event& event = fact.event;
  event.type = schemas::event_type::form_submitted;
  schemas::form& form = event.form.emplace();
  for_each_object(from, "screens", [&](json::reader& screen) {
    if (form.id.empty()) form.id = screen.id("screen_id");
    for_each_object(screen, "responses", [&](json::reader& response) {
      const std::string_view name = response.identifier("key");
      response.require(!name.empty(), "key");
      if (form.fields.size() == most_answers) return response.fail(reject_code::too_many_items, "");
      form.fields.push_back(field_of(name, response.find("value"), event));
    });
  });
  from.require(!form.fields.empty(), "screens");
  return true;
}

bool fill_game(json::reader& from, const entry_context&, contact& fact) {
  schemas::event& event = fact.event;
  schemas::form form{.id = "game_play"};
  for (const std::string_view name : {"game_id", "player_id", "context_type", "context_id", "score", "payload"})
    if (const auto value = from.find(name)) form.fields.push_back(field_of(name, value, event));
  if (form.fields.empty()) return false;
  event.type = schemas::event_type::form_submitted;
  event.form = std::move(form);
  return true;
}

}  // namespace switchboard::connectors::meta
