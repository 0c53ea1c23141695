#include "broker/intake/rules.hpp"

#include <algorithm>
#include <charconv>

#include "connectors/common/idn.hpp"
#include "schemas/codec.hpp"

namespace switchboard::intake {
namespace {

constexpr std::string_view customers_choice = "customer";

std::string folded(std::string_view text) { return connectors::lower_utf8(text).value_or(std::string(text)); }

bool equal_without_case(std::string_view a, std::string_view b) noexcept {
  return std::ranges::equal(a, b, [](char x, char y) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    return lower(x) == lower(y);
  });
}

// What an event says, as conditions see it; what costs is worked out once and only when asked for.
class subject {
 public:
  explicit subject(const schemas::event& e) : e_(e) {}

  bool matches(const rule::condition& condition) {
    return std::ranges::any_of(condition.any_of,
                               [&](const std::string& wanted) { return matches(condition.field, wanted); });
  }

 private:
  bool matches(std::string_view field, std::string_view wanted) {
    using schemas::to_string;
    const auto is = [&](std::string_view value) { return !value.empty() && equal_without_case(value, wanted); };
    if (field == "text") return contains(wanted);
    if (field == "category") return e_.handling && e_.handling->category && is(to_string(*e_.handling->category));
    if (field == "priority") return e_.handling && is(e_.handling->priority);
    if (field == "channel") return is(to_string(e_.channel));
    if (field == "direction") return is(to_string(e_.direction));
    if (field == "type") return is_type(wanted);
    if (field == "provider") return is(e_.provider);
    if (field == "product") return is(e_.product);
    if (field == "account") return is(e_.account.id) || is(e_.account.uri);
    if (field == "customer") return is(e_.customer_uri);
    if (field == "language")
      return is(e_.language) || is(std::string_view(e_.language).substr(0, e_.language.find('-')));
    if (field == "store") return e_.place && is(e_.place->store_id);
    if (field == "device") return e_.place && is(e_.place->device_id);
    if (field == "country") return e_.place && is(e_.place->country);
    if (field == "visibility") return is(to_string(e_.conversation.visibility));
    if (field == "automated") return e_.automated && is(to_string(*e_.automated));
    if (field == "message.kind") return e_.message && is(to_string(e_.message->kind));
    if (field == "feedback.kind") return e_.feedback && is(to_string(e_.feedback->kind));
    if (field == "feedback.score") return is_score(wanted);
    if (field == "consent.state") return e_.consent && is(to_string(e_.consent->state));
    if (field == "flag") return std::ranges::any_of(e_.flags, [&](schemas::flag f) { return is(to_string(f)); });
    return false;
  }

  bool contains(std::string_view wanted) {
    if (!folded_text_) {
      folded_text_ = folded(e_.text);
      if (e_.message && !e_.message->subject.empty()) *folded_text_ += '\n' + folded(e_.message->subject);
    }
    return !wanted.empty() && folded_text_->contains(folded(wanted));
  }
  bool is_type(std::string_view wanted) const {
    auto type = schemas::info(e_.type).name;
    if (type == wanted) return true;
    type.remove_prefix(type.find('.') + 1);
    return type.substr(0, type.rfind('.')) == wanted;
  }
  bool is_score(std::string_view wanted) const {
    if (!e_.feedback || !e_.feedback->score) return false;
    double value = 0;
    const auto [end, error] = std::from_chars(wanted.data(), wanted.data() + wanted.size(), value);
    return error == std::errc() && end == wanted.data() + wanted.size() && value == *e_.feedback->score;
  }

  const schemas::event& e_;
  std::optional<std::string> folded_text_;
};

constexpr rule_field fields[] = {
    {"text", "words in the text or subject, in any case"},
    {"category", "complaint, question, request, praise, other: the customer's choice or an earlier rule's"},
    {"priority", "as an earlier rule set it"},
    {"channel", "email, voice, sms, chat, social, kiosk, form, fax, letter, visit"},
    {"direction", "inbound, outbound, system"},
    {"type", "contact.message.received.v1, or message.received for short"},
    {"provider", "who delivered it: twilio, meta"},
    {"product", "what of theirs: whatsapp, programmable-messaging"},
    {"account", "the company's end, its id or URI"},
    {"customer", "the customer's URI: tel:+84901234567"},
    {"language", "BCP 47: vi-VN, or vi for all of Vietnamese"},
    {"store", "place.store_id"},
    {"device", "place.device_id"},
    {"country", "place.country"},
    {"visibility", "private, public"},
    {"automated", "human, auto_reply, bulk, bot"},
    {"message.kind", "text, media, location, interaction, order, …"},
    {"feedback.kind", "csat, nps, ces, rating, review, comment"},
    {"feedback.score", "a number: 1"},
    {"consent.state", "granted, withdrawn"},
    {"flag", "truncated, masked, test, …"},
};

}  // namespace

std::span<const rule_field> rule_fields() noexcept { return fields; }

std::vector<std::string> apply_rules(std::span<const rule> rules, schemas::event& e, schemas::timestamp received_at) {
  std::vector<std::string> topics;
  if (e.handling) e.handling->decided_by = customers_choice;
  if (rules.empty()) return topics;

  schemas::event::handling_info none;
  const bool by_customer = e.handling.has_value();
  subject seen(e);
  for (const auto& rule : rules) {
    if (!std::ranges::all_of(rule.when, [&](const rule::condition& c) { return seen.matches(c); })) continue;
    auto& handling = e.handling ? *e.handling : none;
    bool decided = false;
    if (rule.category && !handling.category) handling.category = rule.category, decided = true;
    if (!rule.priority.empty() && handling.priority.empty()) handling.priority = rule.priority, decided = true;
    if (rule.due_within && !handling.due_at) {
      handling.due_at = std::min(e.time, received_at) + *rule.due_within;
      decided = true;
    }
    if (decided && !by_customer && handling.decided_by.empty()) handling.decided_by = "rule " + rule.name;
    if (decided && !e.handling) e.handling = std::move(none);
    for (const auto& topic : rule.also_to)
      if (std::ranges::find(topics, topic) == topics.end()) topics.push_back(topic);
  }
  return topics;
}

}  // namespace switchboard::intake
