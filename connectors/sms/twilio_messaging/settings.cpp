#include "connectors/sms/twilio_messaging/settings.hpp"

#include "connectors/common/settings.hpp"

namespace switchboard::connectors::twilio_messaging {

namespace {

constexpr option credential_table[] = {
    {.name = "account_sid",
     .text = "The account or sub-account (AC…) whose requests this token signs; without it, any account's."},
    {.name = "auth_token",
     .type = value_type::secret,
     .text = "Its Auth Token; list the secondary one too while you rotate."},
    {.name = "shared_key_id",
     .text = "The id of a shared key, where Twilio signs with one (X-Twilio-Webhooks-Signature-Settings)."},
    {.name = "shared_key", .type = value_type::secret, .text = "That shared key's secret."},
};

constexpr option setting_table[] = {
    {.name = "reply", .text = "Text sent back to whoever wrote; without it Twilio is told to send nothing."},
    {.name = "keywords",
     .type = value_type::boolean,
     .default_value = "true",
     .text = "Take STOP, START and their like in an SMS for a change of consent even where Twilio does not say "
             "OptOutType."},
    {.name = "calling_code", .text = "Calling code for numbers that come without one, such as 1."},
};

}  // namespace

const std::span<const option> credential_options = credential_table, setting_options = setting_table;

prepare_result prepare(const boost::json::object& settings, std::span<const credential> credentials) {
  std::vector<settings_error> errors;
  auto made = std::make_shared<configuration>();
  for (std::size_t i = 0; i < credentials.size(); ++i) {
    settings_reader reader(credentials[i], credential_table, "/credentials/" + std::to_string(i), errors);
    const std::string account = reader.text("account_sid");
    const std::string auth_token = reader.text("auth_token"), shared = reader.text("shared_key");
    const std::string shared_id = reader.text("shared_key_id");
    if (!account.empty() && !account.starts_with("AC"))
      reader.error("account_sid", "'account_sid' is no account", "it begins with AC; Console, Account Info");
    if (!reader.raw("auth_token") && !reader.raw("shared_key"))
      reader.error("auth_token", "'auth_token' is missing", "Console, Account Info, Auth Token");
    if (shared_id.empty() != shared.empty())
      reader.error("shared_key", "a shared key needs both 'shared_key_id' and 'shared_key'", "write both or neither");
    if (!auth_token.empty()) made->tokens.push_back({account, auth_token, {}});
    if (!shared.empty() && !shared_id.empty()) made->tokens.push_back({account, shared, shared_id});
  }
  if (credentials.empty())
    errors.push_back({"/credentials", "no token is configured", "list {account_sid, auth_token} for each account"});

  settings_reader reader(settings, setting_table, "/settings", errors);
  made->reply_text = reader.text("reply");
  made->keywords = reader.boolean("keywords");
  made->calling_code = reader.text("calling_code");
  if (!errors.empty()) return std::unexpected(std::move(errors));
  return made;
}

}  // namespace switchboard::connectors::twilio_messaging
