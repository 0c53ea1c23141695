#include "connectors/chat/telegram/verify.hpp"

#include <cassert>

#include "connectors/chat/telegram/settings.hpp"
#include "connectors/common/crypto.hpp"
#include "connectors/common/sample.hpp"
#include "connectors/common/url.hpp"

namespace switchboard::connectors::telegram {

namespace {
constexpr std::string_view token_header = "X-Telegram-Bot-Api-Secret-Token";
}

verdict verify(const inbound& request, const prepared& settings, const fetched_keys&) {
  const auto& configured = static_cast<const configuration&>(settings);
  const auto given = request.find(token_header);
  if (!given || given->empty())
    return rejected{reject_code::missing_signature,
                    "there is no X-Telegram-Bot-Api-Secret-Token: call setWebhook with secret_token"};
  for (const std::string& each : configured.secret_tokens)
    if (equal_in_constant_time(each, *given)) return authentic{configured.bot, "secret-token"};
  return rejected{reject_code::bad_signature, "X-Telegram-Bot-Api-Secret-Token is no secret_token of this source"};
}

outbound sign(const sample& what, const prepared& settings, std::string_view public_url, const freshness& fresh) {
  const auto& configured = static_cast<const configuration&>(settings);
  assert(!configured.secret_tokens.empty());
  return {std::string(what.method),
          std::string(target_of(public_url)),
          {{"Content-Type", std::string(what.content_type)},
           {std::string(token_header), configured.secret_tokens[fresh.random % configured.secret_tokens.size()]}},
          filled(what.body, fresh)};
}

}  // namespace switchboard::connectors::telegram
