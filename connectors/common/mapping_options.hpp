// The settings and the events that every connector with a mapping has, to be joined to its own. Constant; what is read
// from them is read at start-up and reload, on any one thread.
#pragma once

#include <array>

#include "connectors/common/mapping.hpp"
#include "connectors/common/settings.hpp"

namespace switchboard::connectors {

// A connector adds those whose defaults are its own: `provider`, `event`, `fields.time`, and
// `event_pointer` unless something else than the body tells its kind.
inline constexpr auto mapping_options = std::to_array<option>({
    {.name = "channel", .default_value = "form", .text = "The channel of the events: form, chat, email, social, …"},
    {.name = "product", .text = "What of theirs: written into the events."},
    {.name = "account", .text = "The account where no field names one; without it the source is one account."},
    {.name = "calling_code", .text = "Calling code for telephone numbers that come without one, such as 49."},
    {.name = "events", .type = value_type::map, .text = "What the sender's types are: {review.created: feedback}."},
    {.name = "items",
     .type = value_type::pointer,
     .text = "A list in the body, each element an event of its own; "
             "the other pointers then begin at the element."},
    {.name = "fields.object",
     .type = value_type::pointer,
     .text = "The id of the thing it is about. Default: the delivery's id."},
    {.name = "fields.revision", .type = value_type::pointer, .text = "The version of that thing."},
    {.name = "fields.account", .type = value_type::pointer, .text = "The company's end: shop, mailbox, page."},
    {.name = "fields.conversation", .type = value_type::pointer, .text = "The id of the conversation."},
    {.name = "fields.subject", .type = value_type::pointer, .text = "Its subject."},
    {.name = "fields.text", .type = value_type::pointer, .text = "The customer's own words."},
    {.name = "fields.language", .type = value_type::pointer, .text = "Their language (BCP 47)."},
    {.name = "fields.category",
     .type = value_type::pointer,
     .text = "complaint, question, request, praise or other, as the customer chose."},
    {.name = "fields.sequence", .type = value_type::pointer, .text = "The sender's own order within the conversation."},
    {.name = "fields.actor.id", .type = value_type::pointer, .text = "The customer's id at the sender."},
    {.name = "fields.actor.name", .type = value_type::pointer, .text = "The customer's name."},
    {.name = "fields.actor.email", .type = value_type::pointer, .text = "The customer's mail address."},
    {.name = "fields.actor.phone", .type = value_type::pointer, .text = "The customer's telephone number."},
    {.name = "fields.store", .type = value_type::pointer, .text = "The store where it happened."},
    {.name = "fields.feedback.kind",
     .type = value_type::pointer,
     .default_value = "=rating",
     .text = "csat, nps, ces, rating, review or comment."},
    {.name = "fields.feedback.score", .type = value_type::pointer, .text = "The score; it needs min and max."},
    {.name = "fields.feedback.min", .type = value_type::pointer, .text = "The lowest score, such as =1."},
    {.name = "fields.feedback.max", .type = value_type::pointer, .text = "The highest score, such as =5."},
    {.name = "fields.feedback.best",
     .type = value_type::pointer,
     .default_value = "=max",
     .text = "Which end is good: min or max."},
    {.name = "fields.feedback.survey", .type = value_type::pointer, .text = "The id of the survey."},
    {.name = "fields.feedback.about", .type = value_type::pointer, .text = "The id of what was judged."},
    {.name = "fields.feedback.about_kind",
     .type = value_type::pointer,
     .default_value = "=thing",
     .text = "What kind of thing that is."},
    {.name = "fields.form.id", .type = value_type::pointer, .text = "The id of the form."},
    {.name = "fields.form.name", .type = value_type::pointer, .text = "Its name."},
    {.name = "fields.form.fields",
     .type = value_type::pointer,
     .text = "An object with the answers; without it the whole body is."},
    {.name = "fields.callback.phone", .type = value_type::pointer, .text = "The number to call."},
    {.name = "fields.callback.from", .type = value_type::pointer, .text = "Not before: a time."},
    {.name = "fields.callback.until", .type = value_type::pointer, .text = "Not after: a time."},
    {.name = "fields.callback.topic", .type = value_type::pointer, .text = "What it is about."},
    {.name = "fields.visit.state", .type = value_type::pointer, .text = "arrived, waiting, served, left or missed."},
    {.name = "fields.visit.purpose", .type = value_type::pointer, .text = "What the customer came for."},
    {.name = "fields.visit.ticket", .type = value_type::pointer, .text = "The number drawn."},
    {.name = "fields.visit.party_size", .type = value_type::pointer, .text = "How many people."},
    {.name = "fields.consent.state",
     .type = value_type::pointer,
     .text = "granted or withdrawn; true and false are taken too."},
    {.name = "fields.consent.scope",
     .type = value_type::pointer,
     .default_value = "=all",
     .text = "all, marketing, service or recording."},
    {.name = "fields.consent.applies_to", .type = value_type::pointer, .text = "What it covers beyond this account."},
    {.name = "fields.consent.evidence", .type = value_type::pointer, .text = "What proves it."},
});

inline constexpr auto mapping_emissions = std::to_array<emission>({
    {"`message`", schemas::event_type::message_received, ""},
    {"`feedback`", schemas::event_type::feedback_submitted,
     "needs `text`, or `feedback.score` with `feedback.min` and `feedback.max`"},
    {"`form`", schemas::event_type::form_submitted,
     "the leaves of the body (or of `form.fields`) by their way down, `data.customer.email`; bodies that are no "
     "object, have more than 500 leaves or more than 64 KiB of them are carried whole in `payload`"},
    {"`callback`", schemas::event_type::callback_requested, "needs `callback.phone`"},
    {"`visit`", schemas::event_type::visit_recorded, "needs `visit.state`"},
    {"`consent`", schemas::event_type::consent_changed, "needs `consent.state`: `granted`, `withdrawn`, true or false"},
    {"`whole`", schemas::event_type::form_submitted, "carried as it came, in `payload`"},
    {"`ignored`", schemas::event_type::unsupported, "kept whole"},
});

template <class T, std::size_t A, std::size_t B>
constexpr std::array<T, A + B> joined(const std::array<T, A>& a, const std::array<T, B>& b) {
  std::array<T, A + B> out{};
  std::ranges::copy(a, out.begin());
  std::ranges::copy(b, out.begin() + A);
  return out;
}

// Reads them from a table that contains them. Errors go to the reader's.
mapping_settings read_mapping(settings_reader&, std::span<const option> table);

}  // namespace switchboard::connectors
