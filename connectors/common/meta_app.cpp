#include "connectors/common/meta_app.hpp"

#include "connectors/common/settings.hpp"

namespace switchboard::connectors::meta {

namespace {

// Immutable, shared by all threads.
struct configuration final : prepared {
  access app;
};
const access& app_of(const prepared& made) { return static_cast<const configuration&>(made).app; }

}  // namespace

prepare_result prepare_app(const boost::json::object& settings, std::span<const credential> credentials) {
  std::vector<settings_error> errors;
  auto made = std::make_shared<configuration>();
  made->app = read_access(credentials, errors);
  settings_reader none(settings, {}, "/settings", errors);
  if (!errors.empty()) return std::unexpected(std::move(errors));
  return made;
}

verdict verify_app(const inbound& request, const prepared& made, const fetched_keys&) {
  return verify(request, app_of(made));
}

response reply_received(const inbound&, const prepared&, const decoded&, std::span<const item_outcome>) {
  return {200, "text/plain", "EVENT_RECEIVED", {}};
}

outbound sign_app(const sample& what, const prepared& made, std::string_view public_url, const freshness& fresh) {
  return sign(what, app_of(made), public_url, fresh);
}

}  // namespace switchboard::connectors::meta
