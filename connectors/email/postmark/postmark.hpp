// Postmark: inbound mail, and what becomes of mail that was sent; docs/connectors/postmark.md.
#pragma once

#include "connectors/contract.hpp"

namespace switchboard::connectors::postmark {

inline constexpr std::string_view name = "postmark";
extern const connector definition;

}  // namespace switchboard::connectors::postmark
