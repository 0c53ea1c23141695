#include "connectors/chat/telegram/settings.hpp"

#include <algorithm>
#include <limits>

#include "connectors/common/settings.hpp"

namespace switchboard::connectors::telegram {

namespace {

constexpr option credential_table[] = {
    {.name = "secret_token",
     .type = value_type::secret,
     .required = true,
     .text = "What setWebhook got as secret_token: 1 to 256 of A-Z, a-z, 0-9, _ and -; list the new one too while you "
             "rotate."},
};

constexpr option setting_table[] = {
    {.name = "bot_id",
     .type = value_type::integer,
     .required = true,
     .text = "The bot's id: the digits before the colon of its token."},
    {.name = "username", .text = "The bot's username, such as @acme_bot; the account's name in events."},
};

constexpr std::size_t longest_token = 256;

bool in_token(char c) noexcept {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

}  // namespace

const std::span<const option> credential_options = credential_table, setting_options = setting_table;

prepare_result prepare(const boost::json::object& settings, std::span<const credential> credentials) {
  std::vector<settings_error> errors;
  auto made = std::make_shared<configuration>();
  read_credentials(credentials, credential_table,
                   {"no secret token is configured", "list {secret_token}, as given to setWebhook"}, errors,
                   [&](settings_reader& reader) {
                     std::string token = reader.text("secret_token");
                     if (token.size() > longest_token || !std::ranges::all_of(token, in_token))
                       reader.error("secret_token", "'secret_token' is none that Telegram takes",
                                    "1 to 256 of A-Z, a-z, 0-9, _ and -: openssl rand -hex 32");
                     else if (!token.empty())
                       made->secret_tokens.push_back(std::move(token));
                   });

  settings_reader reader(settings, setting_table, "/settings", errors);
  made->bot_id = reader.integer("bot_id", 1, std::numeric_limits<std::int64_t>::max());
  made->bot = std::to_string(made->bot_id);
  made->username = reader.text("username");
  if (!made->username.empty() && !made->username.starts_with('@')) made->username.insert(0, 1, '@');
  if (!errors.empty()) return std::unexpected(std::move(errors));
  return made;
}

}  // namespace switchboard::connectors::telegram
