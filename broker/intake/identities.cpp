#include "broker/intake/identities.hpp"

#include <algorithm>

#include "connectors/common/identity.hpp"

namespace switchboard::intake {
namespace {

bool is_e164_after(std::string_view uri, std::string_view scheme) noexcept {
  if (!uri.starts_with(scheme)) return false;
  uri.remove_prefix(scheme.size());
  if (uri.size() < 7 || uri.size() > 16 || uri[0] != '+') return false;
  return std::ranges::all_of(uri.substr(1), [](char c) { return c >= '0' && c <= '9'; });
}

std::string_view company_calling_code(const schemas::event& e) noexcept {
  const std::string_view uri = e.account.uri;
  const auto plus = uri.find('+');
  if (plus == std::string_view::npos || !(uri.starts_with("tel:") || uri.starts_with("whatsapp:"))) return {};
  return connectors::calling_code_of(uri.substr(plus));
}

class normaliser {
 public:
  explicit normaliser(const schemas::event& e) : event_(e), calling_code_(company_calling_code(e)) {}

  void operator()(std::string& uri) const {
    if (uri.empty()) return;
    auto normal = connectors::normalised_uri(uri, calling_code_);
    if (normal.empty() && uri.starts_with("tel:"))
      normal =
          connectors::sender_uri(std::string_view(uri).substr(4), event_.provider, event_.account.id, calling_code_);
    uri = std::move(normal);
  }
  void operator()(schemas::party& who) const {
    for (auto& identity : who.identities) {
      (*this)(identity.uri);
      identity.verified = identity.verified && !identity.derived;
    }
    std::erase_if(who.identities, [](const schemas::identity& identity) { return identity.uri.empty(); });
  }
  void operator()(std::optional<schemas::party>& who) const {
    if (who) (*this)(*who);
  }
  void operator()(std::vector<std::string>& uris) const {
    for (auto& uri : uris) (*this)(uri);
    std::erase(uris, std::string());
  }

 private:
  const schemas::event& event_;
  std::string_view calling_code_;
};

}  // namespace

void normalise_identities(schemas::event& e) {
  if (!is_e164_after(e.account.uri, "tel:")) e.account.uri = connectors::normalised_uri(e.account.uri);
  const normaliser normalise(e);
  normalise(e.actor);
  normalise(e.recorded_by);
  for (auto& recipient : e.recipients) normalise(recipient.who);
  normalise(e.reply_to);
  normalise(e.customer_uri);
  if (e.receipt) normalise(e.receipt->recipient_uri);
  if (e.message) {
    for (auto& card : e.message->contact_cards) normalise(card.identities);
    if (e.message->forwarded) normalise(e.message->forwarded->from_uri);
  }
  if (e.callback) normalise(e.callback->phone_uri);
  if (e.link) {
    normalise(e.link->from);
    normalise(e.link->to);
  }
}

void normalise_parts(const schemas::event& e, std::vector<std::string>& parts) {
  const normaliser normalise(e);
  for (auto& part : parts) {
    const std::string_view text = part;
    const bool is_identity = text.starts_with("tel:") || text.starts_with("mailto:") || text.starts_with("sip:") ||
                             text.starts_with("sips:") || text.starts_with("whatsapp:");
    if (!is_identity || is_e164_after(text, "tel:") || is_e164_after(text, "whatsapp:")) continue;
    std::string uri = part;
    normalise(uri);
    if (!uri.empty()) part = std::move(uri);
  }
}

}  // namespace switchboard::intake
