// What Messenger and Instagram share: the items of messaging[] and standby[], and how the facts of either, private or
// public, begin. Pure, any thread.
#pragma once

#include "connectors/common/json.hpp"
#include "connectors/common/meta.hpp"
#include "connectors/contract.hpp"

namespace switchboard::connectors::meta {

// One entry of a request: whose it is, and what its items have in common. Lives while the request is decoded.
struct entry_context {
  std::string_view product;  // "messenger", "facebook", "instagram": also the scheme of its identities
  schemas::channel channel = schemas::channel::chat;
  std::string_view web;      // what the provider's relative URLs are relative to: "https://www.facebook.com"
  std::string_view account;  // the Page's or the Instagram account's id
  std::optional<timestamp> time{};
  timestamp received_at{};
  const connectors::limits& limits;
};

// One of the two: the value of "object", its products, and who decodes a change that is no item of messaging[].
struct platform {
  std::string_view object, product, public_product, web;
  item (*decode_change)(const update&, const entry_context&);
};
decoded decode_entries(const inbound&, const limits&, const platform&);

// An item of messaging[] or standby[], or the value of a change that has their shape. Appends at least one item.
void decode_messaging(json::element, const std::string& pointer, const entry_context&, std::vector<item>& out);

// As Meta writes times, ISO 8601 with +0000 among them. nullopt for everything else: a time that cannot be read is
// replaced, it rejects nothing.
std::optional<timestamp> time_of(json::reader&, std::string_view name);
std::string uri_of(const entry_context&, std::string_view person);
std::string app_uri(std::string_view app_id);

// A fact of this entry that happened then; without a time, when the entry was made; without that, now.
contact begin_fact(const entry_context&, std::optional<timestamp> at);
// Who did it and whom it concerns. `customer`: the URI, empty when the provider hides it; `name`: of whoever acted.
enum class doer : std::uint8_t { customer, company, nobody };
void set_people(contact&, std::string customer, std::string_view name, doer);

// The public conversation below a post: all that is said there names the post.
void set_post(contact&, std::string_view post_id);
// An attachment without a URL cannot be fetched: `expired`. Two with one URL are one.
void add_attachment(schemas::event&, schemas::attachment);

// What no type of event fits is kept whole, with what is known about it.
item as_unsupported(contact, std::string_view product, std::string_view kind, json::element whole);

}  // namespace switchboard::connectors::meta
