#include "connectors/generic/webhook/decode.hpp"

#include "connectors/common/mapped_item.hpp"
#include "connectors/common/text.hpp"
#include "connectors/generic/webhook/settings.hpp"
#include "connectors/generic/webhook/verify.hpp"
#include "connectors/generic/webhook/webhook.hpp"

namespace switchboard::connectors::webhook {

namespace {

bool is_json(std::string_view media_type) noexcept {
  return media_type.empty() || media_type == "application/json" || media_type == "text/json" ||
         media_type.ends_with("+json");
}

}  // namespace

decoded decode(const inbound& request, const prepared& settings, const authentic&, const limits& limits) {
  decoded out;
  const auto& configured = static_cast<const configuration&>(settings);
  const std::string type = repaired(media_type(request.find("Content-Type").value_or("")));
  mapped_delivery delivery{.carrier = name,
                           .id = std::string(headers_of(request).id),
                           .raw = request.body,
                           .content_type = type,
                           .received_at = request.received_at};
  const auto root = json::parse(request.body, limits.depth);
  if (!root && !is_json(type)) {
    out.items.push_back(opaque_item(delivery, configured.mapping));
    return out;
  }
  if (!root) {
    out.whole = {root.error(), "", std::string(request.body)};
    return out;
  }
  if (type.empty()) delivery.content_type = "application/json";
  map_body(*root, std::move(delivery), configured.mapping, limits, out);
  return out;
}

response reply(const inbound&, const prepared&, const decoded&, std::span<const item_outcome>) {
  return {200, "application/json", "{}", {}};
}

}  // namespace switchboard::connectors::webhook
