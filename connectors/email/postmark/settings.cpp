#include "connectors/email/postmark/settings.hpp"

#include <algorithm>
#include <boost/json/array.hpp>

#include "connectors/common/idn.hpp"
#include "connectors/common/settings.hpp"

namespace switchboard::connectors::postmark {

namespace {

constexpr option credential_table[] = {
    {.name = "username", .text = "The name before the colon in the webhook's URL, https://name:password@…"},
    {.name = "password", .type = value_type::secret, .text = "The password behind it."},
    {.name = "header",
     .text = "The name of a header that the webhook was told to send; instead of a name and password, or with them."},
    {.name = "value", .type = value_type::secret, .text = "That header's secret value."},
};

constexpr option setting_table[] = {
    {.name = "allowed_peers",
     .type = value_type::list,
     .text = "Addresses and ranges (192.0.2.0/24) that may call, as a second lock; without it, any."},
    {.name = "account",
     .text = "The account of every event; without it the mailbox that a mail came to, and the number of Postmark's "
             "server for receipts."},
    {.name = "domains",
     .type = value_type::list,
     .text = "The company's mail domains: recipients in them are the business. Without it those in To and in the "
             "domain of the mailbox are."},
    {.name = "conversation_metadata",
     .default_value = "conversation_id",
     .text = "The metadata in which whoever sends mail through Postmark puts the conversation's id, so that receipts "
             "come into it."},
    {.name = "max_attachments",
     .type = value_type::integer,
     .default_value = "200",
     .text = "Attachments that are listed; of a mail with more the whole request is kept beside them. 1 to 200."},
    {.name = "max_attachment_bytes",
     .type = value_type::integer,
     .default_value = "36700160",
     .text = "Bytes of one attachment, decoded, up to 64 MiB; a larger one is listed with state failed."},
};

}  // namespace

const std::span<const option> credential_options = credential_table, setting_options = setting_table;

prepare_result prepare(const boost::json::object& settings, std::span<const credential> credentials) {
  std::vector<settings_error> errors;
  auto made = std::make_shared<configuration>();
  const no_credential none{"nothing tells Postmark from anybody else",
                           "list {username, password}, {header, value} or all four, and put them into the webhook"};
  read_credentials(credentials, credential_table, none, errors, [&](settings_reader& reader) {
    const std::string user = reader.text("username"), password = reader.text("password");
    secret one{{}, reader.text("header"), reader.text("value")};
    if (user.empty() != !reader.raw("password"))
      reader.error("password", "basic credentials need both 'username' and 'password'", "write both or neither");
    if (one.header.empty() != !reader.raw("value"))
      reader.error("value", "a secret header needs both 'header' and 'value'", "write both or neither");
    if (user.contains(':')) reader.error("username", "'username' holds a colon", "HTTP ends the name at the first one");
    if (user.empty() && one.header.empty() && !reader.raw("password") && !reader.raw("value"))
      reader.error("username", "the credential is empty", "write username and password, or header and value");
    if (!user.empty()) one.basic = user + ":" + password;
    made->secrets.push_back(std::move(one));
  });

  settings_reader reader(settings, setting_table, "/settings", errors);
  for (const auto& text : reader.texts("allowed_peers")) {
    if (const auto range = address_range::parse(text))
      made->peers.push_back(*range);
    else
      reader.error("allowed_peers", "'" + text + "' is no address", "192.0.2.7, 192.0.2.0/24, 2001:db8::/32");
  }
  for (const auto& text : reader.texts("domains")) {
    if (auto domain = domain_to_ascii(text))
      made->domains.push_back(std::move(*domain));
    else
      reader.error("domains", "'" + text + "' is no domain", "acme.example");
  }
  made->account = reader.text("account");
  made->conversation_metadata = reader.text("conversation_metadata");
  made->attachments = static_cast<std::size_t>(reader.integer("max_attachments", 1, 200));
  made->attachment_bytes = static_cast<std::size_t>(reader.integer("max_attachment_bytes", 1, 64 << 20));
  if (!errors.empty()) return std::unexpected(std::move(errors));
  return made;
}

}  // namespace switchboard::connectors::postmark
