#include "connectors/common/authorization.hpp"

#include "connectors/common/encoding.hpp"
#include "connectors/common/text.hpp"

namespace switchboard::connectors {

namespace {

std::optional<std::string_view> after_scheme(const inbound& request, std::string_view scheme) noexcept {
  const auto header = request.find("authorization");
  if (!header || header->size() <= scheme.size() || (*header)[scheme.size()] != ' ' ||
      !equal_without_case(header->substr(0, scheme.size()), scheme))
    return std::nullopt;
  const auto value = trimmed(header->substr(scheme.size()));
  return value.empty() ? std::nullopt : std::optional(value);
}

}  // namespace

std::optional<std::string> basic_credentials(const inbound& request) {
  const auto encoded = after_scheme(request, "Basic");
  auto plain = encoded ? from_base64(*encoded) : std::nullopt;
  return plain && plain->contains(':') ? std::move(plain) : std::nullopt;
}

std::optional<std::string_view> bearer_token(const inbound& request) noexcept {
  return after_scheme(request, "Bearer");
}

}  // namespace switchboard::connectors
