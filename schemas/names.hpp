// Wire names of the enums of event.hpp: one table each, in the order of the enumerators. A table of another length
// fails to compile.
//
// Pure constant data, any thread. On the wire enums are open: consumers meet names that an older from_string() does not
// know.
#pragma once

#include <array>
#include <cassert>
#include <concepts>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>

#include "schemas/event.hpp"

namespace switchboard::schemas {

namespace detail {

template <class E>
struct names;

template <auto Last>
using table = std::array<std::string_view, static_cast<std::size_t>(Last) + 1>;

template <>
struct names<event_type> {
  static constexpr table<event_type::unsupported> values{"contact.message.received.v1",
                                                         "contact.message.sent.v1",
                                                         "contact.message.edited.v1",
                                                         "contact.message.deleted.v1",
                                                         "contact.reaction.v1",
                                                         "contact.receipt.v1",
                                                         "contact.call.started.v1",
                                                         "contact.call.progressed.v1",
                                                         "contact.call.ended.v1",
                                                         "contact.call.input.v1",
                                                         "contact.call.recorded.v1",
                                                         "contact.call.transcribed.v1",
                                                         "contact.feedback.submitted.v1",
                                                         "contact.feedback.edited.v1",
                                                         "contact.feedback.deleted.v1",
                                                         "contact.form.submitted.v1",
                                                         "contact.visit.recorded.v1",
                                                         "contact.callback.requested.v1",
                                                         "contact.consent.changed.v1",
                                                         "contact.membership.changed.v1",
                                                         "contact.conversation.changed.v1",
                                                         "contact.session.started.v1",
                                                         "contact.session.ended.v1",
                                                         "contact.referral.v1",
                                                         "contact.identity.linked.v1",
                                                         "contact.conversation.linked.v1",
                                                         "contact.attachment.updated.v1",
                                                         "contact.erasure.requested.v1",
                                                         "contact.unsupported.v1"};
  static_assert(values.size() == event_type_count);
};
template <>
struct names<topic_class> {
  static constexpr table<topic_class::dead_letter> values{"inbound", "activity", "quarantine",
                                                          "raw",     "control",  "dead_letter"};
};
template <>
struct names<channel> {
  static constexpr table<channel::visit> values{"email", "voice", "sms", "chat",   "social",
                                                "kiosk", "form",  "fax", "letter", "visit"};
};
template <>
struct names<direction> {
  static constexpr table<direction::system> values{"inbound", "outbound", "system"};
};
template <>
struct names<capture> {
  static constexpr table<capture::import> values{"automatic", "manual", "import"};
};
template <>
struct names<role> {
  static constexpr table<role::system> values{"customer", "business", "agent", "bot", "system"};
};
template <>
struct names<recipient_as> {
  static constexpr table<recipient_as::envelope> values{"to", "cc", "bcc", "envelope"};
};
template <>
struct names<conversation_kind> {
  static constexpr table<conversation_kind::call> values{"direct", "group", "thread", "post", "call"};
};
template <>
struct names<visibility> {
  static constexpr table<visibility::public_> values{"private", "public"};
};
template <>
struct names<automated> {
  static constexpr table<automated::bot> values{"human", "auto_reply", "bulk", "bot"};
};
template <>
struct names<category> {
  static constexpr table<category::other> values{"complaint", "question", "request", "praise", "other"};
};
template <>
struct names<rel> {
  static constexpr table<rel::supersedes> values{"in_reply_to",    "about",        "part_of",
                                                 "forwarded_from", "derived_from", "supersedes"};
};
template <>
struct names<flag> {
  static constexpr table<flag::test> values{"skewed",
                                            "truncated",
                                            "masked",
                                            "id_conflict",
                                            "id_from_content",
                                            "time_from_receipt",
                                            "conversation_unresolved",
                                            "encrypted",
                                            "type_mismatch",
                                            "test"};
};
template <>
struct names<attachment_kind> {
  static constexpr table<attachment_kind::other> values{"image",   "video",   "audio",    "voice", "document",
                                                        "sticker", "contact", "calendar", "other"};
};
template <>
struct names<attachment_state> {
  static constexpr table<attachment_state::expired> values{"stored", "pending", "failed", "expired"};
};
template <>
struct names<message_kind> {
  static constexpr table<message_kind::poll> values{"text",        "media", "location",    "contact_card", "sticker",
                                                    "interaction", "order", "unsupported", "poll"};
};
template <>
struct names<interaction_kind> {
  static constexpr table<interaction_kind::flow> values{"button", "list", "postback", "menu", "keyword", "flow"};
};
template <>
struct names<context_rel> {
  static constexpr table<context_rel::comments_on> values{"replies_to", "mentions", "comments_on"};
};
template <>
struct names<context_kind> {
  static constexpr table<context_kind::comment> values{"story", "post", "ad", "product", "message", "comment"};
};
template <>
struct names<deletion_reason> {
  static constexpr table<deletion_reason::expired> values{"unsent", "removed", "hidden", "moderated", "expired"};
};
template <>
struct names<reaction_action> {
  static constexpr table<reaction_action::counted> values{"added", "removed", "replaced", "counted"};
};
template <>
struct names<receipt_status> {
  static constexpr table<receipt_status::clicked> values{"queued",  "accepted", "sent",   "delivered",
                                                         "read",    "played",   "failed", "bounced",
                                                         "delayed", "expired",  "clicked"};
};
template <>
struct names<call_state> {
  static constexpr table<call_state::rejected> values{"ringing",   "answered", "completed", "busy",
                                                      "no_answer", "failed",   "canceled",  "rejected"};
};
template <>
struct names<answered_by> {
  static constexpr table<answered_by::human> values{"agent", "bot", "machine", "human"};
};
template <>
struct names<input_kind> {
  static constexpr table<input_kind::speech> values{"dtmf", "speech"};
};
template <>
struct names<recording_purpose> {
  static constexpr table<recording_purpose::voicemail> values{"call", "voicemail"};
};
template <>
struct names<feedback_kind> {
  static constexpr table<feedback_kind::poll> values{"csat", "nps", "ces", "rating", "review", "comment", "poll"};
};
template <>
struct names<scale_best> {
  static constexpr table<scale_best::max> values{"min", "max"};
};
template <>
struct names<visit_state> {
  static constexpr table<visit_state::missed> values{"arrived", "waiting", "served", "left", "missed"};
};
template <>
struct names<consent_state> {
  static constexpr table<consent_state::withdrawn> values{"granted", "withdrawn"};
};
template <>
struct names<consent_scope> {
  static constexpr table<consent_scope::calls> values{"all", "marketing", "service", "recording", "calls"};
};
template <>
struct names<membership_state> {
  static constexpr table<membership_state::removed> values{"followed", "unfollowed", "joined", "left",
                                                           "blocked",  "unblocked",  "removed"};
};
template <>
struct names<conversation_state> {
  static constexpr table<conversation_state::closed> values{"open", "pending", "resolved", "closed"};
};
template <>
struct names<referral_kind> {
  static constexpr table<referral_kind::post> values{"ad", "link", "qr", "widget", "post"};
};
template <>
struct names<link_relation> {
  static constexpr table<link_relation::separates> values{"same", "replaces", "separates"};
};
template <>
struct names<authentication_result> {
  static constexpr table<authentication_result::skipped> values{"pass", "skipped"};
};

}  // namespace detail

// An enum that has wire names.
template <class E>
concept wire_enum = std::is_enum_v<E> && requires { detail::names<E>::values; };

// All names, index = enumerator.
template <wire_enum E>
constexpr std::span<const std::string_view> wire_names() noexcept {
  return detail::names<E>::values;
}

template <wire_enum E>
constexpr std::string_view to_string(E e) noexcept {
  const auto index = static_cast<std::size_t>(e);
  assert(index < detail::names<E>::values.size());
  return detail::names<E>::values[index];
}

// nullopt when unknown.
template <wire_enum E>
constexpr std::optional<E> from_string(std::string_view name) noexcept {
  for (std::size_t i = 0; i < detail::names<E>::values.size(); ++i)
    if (detail::names<E>::values[i] == name) return static_cast<E>(i);
  return std::nullopt;
}

}  // namespace switchboard::schemas
