#include "connectors/generic/cloudevents/settings.hpp"

#include <algorithm>

#include "connectors/common/mapping_options.hpp"
#include "connectors/common/text.hpp"
#include "connectors/common/time.hpp"

namespace switchboard::connectors::cloudevents {

namespace {

constexpr option credential_table[] = {
    {.name = "token",
     .type = value_type::secret,
     .text = "A bearer token: in Authorization, or in the query as access_token."},
    {.name = "secret", .type = value_type::secret, .text = "A key with which the sender signs the body (HMAC-SHA256)."},
    {.name = "header",
     .default_value = "X-Hub-Signature-256",
     .text = "With secret: the header that holds the signature."},
    {.name = "prefix", .default_value = "sha256=", .text = "With secret: what stands there before it; may be empty."},
    {.name = "encoding", .default_value = "hex", .text = "With secret: hex or base64."},
    {.name = "user", .text = "The name for HTTP Basic authentication."},
    {.name = "password", .type = value_type::secret, .text = "Its password."},
};

constexpr option own_table[] = {
    {.name = "handshake.origins",
     .type = value_type::list,
     .text = "The senders (WebHook-Request-Origin) whose OPTIONS request is granted; * is any. "
             "Without it OPTIONS is answered with 405."},
    {.name = "handshake.rate",
     .default_value = "*",
     .text = "Requests a minute that are granted (WebHook-Allowed-Rate); * is any number."},
    {.name = "handshake.callback_hosts",
     .type = value_type::list,
     .text = "Hosts whose WebHook-Request-Callback is fetched, over https; they must be in fetch_hosts too."},
    {.name = "provider", .default_value = "cloudevents", .text = "Who delivers: written into the events."},
    {.name = "event",
     .default_value = "whole",
     .text = "What an event is unless its type stands in events: whole (as it came), message, feedback, form, "
             "callback, visit, consent or ignored (unsupported)."},
    {.name = "fields.time",
     .type = value_type::pointer,
     .text = "When it happened, where the data say it better than the attribute time."},
};

constexpr auto setting_table = joined(std::to_array(own_table), mapping_options);

bool header_name(std::string_view s) noexcept {
  constexpr std::string_view others = "!#$%&'*+-.^_`|~";
  const auto allowed = [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || others.contains(c);
  };
  return !s.empty() && std::ranges::all_of(s, allowed);
}

void read_key(settings_reader& reader, std::string secret, configuration& made) {
  signing_key key{std::move(secret), reader.text("header"), reader.text("prefix")};
  const std::string encoding = reader.text("encoding");
  key.base64 = encoding == "base64";
  if (!key.base64 && encoding != "hex") reader.error("encoding", "'encoding' is neither hex nor base64", "write one");
  if (!header_name(key.header)) reader.error("header", "'header' is no name of a header", "such as X-Signature");
  made.keys.push_back(std::move(key));
}

void read_credential(settings_reader& reader, configuration& made) {
  std::string token = reader.text("token"), secret = reader.text("secret");
  const std::string user = reader.text("user"), password = reader.text("password");
  const auto given = [&](std::string_view name) { return reader.raw(name) != nullptr; };
  if (given("token") + given("secret") + given("user") != 1)
    return reader.error("", "a credential is one of 'token', 'secret' or 'user' with 'password'",
                        "write an entry for each");
  if (given("user") != given("password"))
    return reader.error("password", "'user' and 'password' belong together", "write both");
  for (const auto* each : {"header", "prefix", "encoding"})
    if (given(each) && !given("secret"))
      reader.error(each, "'" + std::string(each) + "' belongs to a 'secret'", "take it out");
  if (user.contains(':')) reader.error("user", "'user' holds a colon", "HTTP Basic ends the name at the first colon");
  if (given("user") && user.empty()) reader.error("user", "'user' is empty", "write a name");
  if (!token.empty()) made.tokens.push_back(std::move(token));
  if (!user.empty() && !password.empty()) made.logins.push_back(user + ":" + password);
  if (!secret.empty()) read_key(reader, std::move(secret), made);
}

std::vector<std::string> names(settings_reader& reader, std::string_view option, bool any_allowed) {
  std::vector<std::string> out;
  const boost::json::value* value = reader.raw(option);
  if (!value || value->is_null()) return out;
  const auto wrong = [&] {
    reader.error(option, "'" + std::string(option) + "' must be a list of host names", "such as [hooks.example.com]");
    return std::vector<std::string>{};
  };
  const auto* list = value->if_array();
  if (!list) return wrong();
  for (const auto& each : *list) {
    const auto text = scalar_text(each);
    const bool any = any_allowed && text && *text == "*";
    if (!text || text->empty() || (!any && text->find_first_of(" */:@,") != std::string::npos)) return wrong();
    out.push_back(lower(*text));
  }
  return out;
}

void read_handshake(settings_reader& reader, handshake_policy& made) {
  made.origins = names(reader, "handshake.origins", true);
  made.callback_hosts = names(reader, "handshake.callback_hosts", false);
  made.rate = reader.text("handshake.rate");
  if (const auto number = plain_integer(made.rate); made.rate != "*" && (!number || *number < 1))
    reader.error("handshake.rate", "'handshake.rate' must be a number of requests a minute, or *", "such as 120");
}

}  // namespace

const std::span<const option> credential_options = credential_table, setting_options = setting_table;

prepare_result prepare(const boost::json::object& settings, std::span<const credential> credentials) {
  std::vector<settings_error> errors;
  auto made = std::make_shared<configuration>();
  read_credentials(credentials, credential_table,
                   {"no credential is configured",
                    "list {token: …}, {secret: …} or {user: …, password: …}; the handshake is no authentication"},
                   errors, [&](settings_reader& reader) { read_credential(reader, *made); });
  settings_reader reader(settings, setting_table, "/settings", errors);
  read_handshake(reader, made->handshake);
  made->mapping = read_mapping(reader, setting_table);
  if (!errors.empty()) return std::unexpected(std::move(errors));
  return made;
}

}  // namespace switchboard::connectors::cloudevents
