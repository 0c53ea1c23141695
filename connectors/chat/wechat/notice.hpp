// One message or event of WeChat's, opened, and the facts that are begun from it.
#pragma once

#include "connectors/chat/wechat/envelope.hpp"

namespace switchboard::connectors::wechat {

struct notice {
  const letter& from;
  const configuration& settings;
  const connectors::limits& limits;
  timestamp received_at;
  std::string_view account;  // ToUserName: gh_…; of the open platform its AppId
  std::string_view sender;   // FromUserName: an openid, or a system's id
  std::string kind;          // MsgType, Event or InfoType, in lower case
  std::uint64_t fingerprint = 0;

  const document& says() const noexcept { return from.says; }
  std::string_view get(std::string_view name) const noexcept { return from.says.get(name); }
};

// Who did it.
enum class by : std::uint8_t {
  customer,          // the sender: inbound
  us_with_customer,  // a receipt, a staff session: system, about the sender
  nobody,            // the account itself, a system: no customer is concerned
};

// A fact with everything that does not hang on its kind. Its key is (account, sender, time, kind, EventKey): events
// have no id, and their times are whole seconds.
contact start(const notice&, schemas::event_type, by);
// The same about somebody else than the sender.
contact start(const notice&, schemas::event_type, by, std::string_view openid);

// An optional text of WeChat's own: identifiers, URLs, titles.
std::string value_of(const notice&, document::id parent, std::string_view name);
std::string value_of(const notice&, std::string_view name);

// Two members with decimal degrees; nullopt where they are none.
std::optional<schemas::location> location_of(const notice&, document::id parent, std::string_view latitude,
                                             std::string_view longitude);

// What has no block of its own: a form of everything that was told, named wechat.{kind}; nested names are joined with
// dots, repeated ones are values. Codes that open something at WeChat are left out.
void fill_form(const notice&, schemas::event&);

item unknown(const notice&, std::string_view prefix, by);
item refused(const notice&, reject_code, std::string pointer);

std::vector<item> decode_message(const notice&);
std::vector<item> decode_event(const notice&);

}  // namespace switchboard::connectors::wechat
