#include "connectors/chat/meta_whatsapp/settings.hpp"

#include "connectors/common/settings.hpp"

namespace switchboard::connectors::meta_whatsapp {

prepare_result prepare(const boost::json::object& settings, std::span<const credential> credentials) {
  std::vector<settings_error> errors;
  auto made = std::make_shared<configuration>();
  made->access = meta::read_access(credentials, errors);
  const settings_reader none(settings, {}, "/settings", errors);
  if (!errors.empty()) return std::unexpected(std::move(errors));
  return made;
}

verdict verify(const inbound& request, const prepared& settings, const fetched_keys&) {
  return meta::verify(request, static_cast<const configuration&>(settings).access);
}

outbound sign(const sample& what, const prepared& settings, std::string_view public_url, const freshness& fresh) {
  return meta::sign(what, static_cast<const configuration&>(settings).access, public_url, fresh);
}

}  // namespace switchboard::connectors::meta_whatsapp
