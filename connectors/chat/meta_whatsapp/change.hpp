// One change of a request, and what all its elements share: the company's number, and who is who in contacts[].
//
// Views live as long as the parsed request.
#pragma once

#include "connectors/common/fingerprint.hpp"
#include "connectors/common/meta.hpp"

namespace switchboard::connectors::meta_whatsapp {

// A customer as far as one element names him. The number is hidden from businesses he never gave it to; then there is
// only the id that WhatsApp made for him and this business (BSUID), and perhaps one for a group of businesses.
struct person {
  std::string_view phone, user_id, parent_user_id, name;
  bool unknown() const noexcept { return phone.empty() && user_id.empty() && parent_user_id.empty(); }
};

struct change {
  const meta::update& update;
  json::object value;
  const connectors::limits& limits;
  timestamp received_at;
  std::string_view account_id;  // phone_number_id; without one the business account's id
  std::string account_uri;      // of the number
  std::vector<person> contacts;

  change(const meta::update&, json::object value, const connectors::limits&, timestamp received_at);

  bool names_number() const noexcept { return account_id != update.entry_id; }
  // With what contacts[] says about the same person.
  person completed(person) const;
  // The stable one first: the business-scoped id, the parent's, the number, and the number as tel:.
  std::vector<schemas::identity> identities_of(const person&) const;

  contact fact(schemas::event_type, schemas::direction) const;
  // Who it concerns, and the conversation with him: (our number, his stable id), the others as aliases; or the group.
  // Inbound he is the actor, outbound the recipient.
  void concern(contact&, const person&, std::string_view group_id = {}) const;
};

// The time that an element carries, else that of the receipt, flagged.
void set_time(json::reader& from, std::string_view name, const change&, schemas::event&);
// Everything in the element but URLs, which are signed anew for every delivery.
std::uint64_t fingerprint_of(json::element);
// Well-formed, but no contact or of a kind that is not known: kept whole.
unsupported keep(contact, std::string kind, json::element);
// "131026", "Message undeliverable: details" of the first of an element's errors[].
std::optional<schemas::receipt::error_info> first_error(json::reader& from);

// Calls f(reader, element, out) for each object of a list of the value; an element that is none, or whose reader
// failed, becomes an item_rejected in place of what f made of it.
template <class F>
void for_each(const change& c, json::array list, const std::string& pointer, std::vector<item>& out, const F& f) {
  std::size_t index = 0;
  for (const json::element each : list) {
    if (out.size() > c.limits.items) return;
    const std::string place = pointer + "/" + std::to_string(index++);
    json::object object;
    if (each.get(object)) {
      out.emplace_back(item_rejected{reject_code::wrong_type, place, json::minified(each)});
      continue;
    }
    const std::size_t before = out.size();
    json::reader reader(object, place);
    f(reader, each, out);
    if (!reader.failed()) continue;
    out.erase(out.begin() + static_cast<std::ptrdiff_t>(before), out.end());
    out.emplace_back(item_rejected{reader.code(), reader.wrong(), json::minified(each)});
  }
}

// The same for a list of the value's own; what stands there and is no list is kept too.
template <class F>
void for_each(const change& c, std::string_view name, std::vector<item>& out, const F& f) {
  json::element member;
  if (c.value.at_key(name).get(member) || member.is_null()) return;
  const std::string pointer = c.update.pointer + "/" + std::string(name);
  if (json::array list; !member.get(list))
    for_each(c, list, pointer, out, f);
  else
    out.emplace_back(item_rejected{reject_code::wrong_type, pointer, json::minified(c.update.whole)});
}

}  // namespace switchboard::connectors::meta_whatsapp
