#include "connectors/chat/wechat/settings.hpp"

#include "connectors/common/settings.hpp"
#include "connectors/common/text.hpp"

namespace switchboard::connectors::wechat {

namespace {

constexpr option credential_table[] = {
    {.name = "token",
     .type = value_type::secret,
     .required = true,
     .text = "The Token that you typed under Basic configuration; you make it up."},
    {.name = "encoding_aes_key",
     .type = value_type::secret,
     .text = "The EncodingAESKey, 43 characters, for the compatible and the secure mode. List an entry for each old "
             "token or key while you change it."},
    {.name = "app_id", .text = "The AppID (wx…) that sealed messages have to be for; needed with the EncodingAESKey."},
};

constexpr option setting_table[] = {
    {.name = "accept_plain",
     .type = value_type::boolean,
     .default_value = "false",
     .text =
         "Take requests that are not encrypted although there is an EncodingAESKey: while the mode is being changed. "
         "A plain signature does not cover the body."},
    {.name = "tolerance",
     .type = value_type::duration,
     .default_value = "0s",
     .text = "How far a request's timestamp may lie from ours; 0s: as far as it wants."},
    {.name = "mini_program",
     .type = value_type::boolean,
     .default_value = "false",
     .text = "The accounts are mini programs: the events' product. JSON bodies are always theirs."},
    {.name = "reply", .text = "Text sent back to whoever writes a message, of whatever kind; without it nothing is."},
    {.name = "replies",
     .type = value_type::map,
     .text = "Texts by MsgType or Event (text, voice, subscribe, scan, click …) that go before 'reply'; an empty one: "
             "nothing is sent back."},
    {.name = "to_staff",
     .type = value_type::boolean,
     .default_value = "false",
     .text = "Hand messages that get no text to WeChat's own staff chat (transfer_customer_service)."},
};

std::optional<access> read_access(settings_reader& reader) {
  access out{reader.text("token"), reader.text("app_id"), std::nullopt};
  const std::string key = reader.text("encoding_aes_key");
  if (out.token.empty()) return std::nullopt;
  if (key.empty()) return out;
  out.key = message_key::from_text(key);
  if (!out.key)
    reader.error("encoding_aes_key", "'encoding_aes_key' is no EncodingAESKey",
                 "43 letters and digits, as Basic configuration shows it, without =");
  if (out.app_id.empty())
    reader.error("app_id", "an EncodingAESKey needs 'app_id'", "the AppID under Basic configuration: wx…");
  return out;
}

}  // namespace

const std::span<const option> credential_options = credential_table, setting_options = setting_table;

prepare_result prepare(const boost::json::object& settings, std::span<const credential> credentials) {
  std::vector<settings_error> errors;
  auto made = std::make_shared<configuration>();
  read_credentials(credentials, credential_table, {"no token is configured", "list {token, encoding_aes_key, app_id}"},
                   errors, [&](settings_reader& reader) {
                     auto one = read_access(reader);
                     if (!one) return;
                     made->has_keys = made->has_keys || one->key;
                     made->accounts.push_back(std::move(*one));
                   });

  settings_reader reader(settings, setting_table, "/settings", errors);
  made->accept_plain = reader.boolean("accept_plain");
  made->tolerance = reader.duration("tolerance");
  made->mini_program = reader.boolean("mini_program");
  made->reply = reader.text("reply");
  for (auto& [kind, text] : reader.map("replies")) made->replies.insert_or_assign(lower(kind), std::move(text));
  made->to_staff = reader.boolean("to_staff");
  if (!errors.empty()) return std::unexpected(std::move(errors));
  return made;
}

}  // namespace switchboard::connectors::wechat
