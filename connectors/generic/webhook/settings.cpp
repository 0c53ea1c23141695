#include "connectors/generic/webhook/settings.hpp"

#include "connectors/common/encoding.hpp"
#include "connectors/common/mapping_options.hpp"

namespace switchboard::connectors::webhook {

namespace {

constexpr option credential_table[] = {
    {.name = "secret",
     .type = value_type::secret,
     .text = "A symmetric key (v1): whsec_ and base64, as the sender shows it. List two while one replaces the other."},
    {.name = "public_key", .text = "The sender's Ed25519 key (v1a): whpk_ and base64 of 32 bytes."},
    {.name = "private_key",
     .type = value_type::secret,
     .text = "Ed25519 key (whsk_ and base64) with which `send` signs samples; not needed to receive."},
};

constexpr option own_table[] = {
    {.name = "tolerance",
     .type = value_type::duration,
     .default_value = "5m",
     .text = "How far webhook-timestamp may be from now, either way."},
    {.name = "provider", .default_value = "webhook", .text = "Who delivers: written into the events."},
    {.name = "event",
     .default_value = "form",
     .text = "What a body is: message, feedback, form, callback, visit, consent, whole (as it came) or ignored "
             "(unsupported)."},
    {.name = "event_pointer",
     .type = value_type::pointer,
     .default_value = "/type",
     .text = "Where the body says what it is; looked up in events."},
    {.name = "fields.time",
     .type = value_type::pointer,
     .default_value = "/timestamp",
     .text = "When it happened: RFC 3339 or unix seconds or milliseconds."},
};

constexpr auto setting_table = joined(std::to_array(own_table), mapping_options);

std::optional<std::string> key_bytes(std::string_view written, std::string_view prefix) {
  if (written.starts_with(prefix)) written.remove_prefix(prefix.size());
  return from_base64(written, padding::optional);
}

void read_credential(settings_reader& reader, configuration& made) {
  const std::string secret = reader.text("secret"), open = reader.text("public_key"),
                    closed = reader.text("private_key");
  if (!reader.raw("secret") && open.empty())
    reader.error("secret", "neither 'secret' nor 'public_key' is given", "copy one of them from the sender's page");
  if (!secret.empty()) {
    auto bytes = key_bytes(secret, "whsec_");
    if (bytes && !bytes->empty())
      made.secrets.push_back(std::move(*bytes));
    else
      reader.error("secret", "'secret' is no key", "it is whsec_ and base64");
  }
  if (!open.empty()) {
    const auto bytes = key_bytes(open, "whpk_");
    key_handle key = bytes && bytes->size() == 32 ? ed25519_public_key(*bytes) : nullptr;
    if (key)
      made.public_keys.push_back(std::move(key));
    else
      reader.error("public_key", "'public_key' is no Ed25519 key", "it is whpk_ and base64 of 32 bytes");
  }
  if (!closed.empty()) {
    // whsk_ holds the seed, by some senders followed by the public key.
    const auto bytes = key_bytes(closed, "whsk_");
    key_handle key = bytes && (bytes->size() == 32 || bytes->size() == 64)
                         ? ed25519_private_key(std::string_view(*bytes).substr(0, 32))
                         : nullptr;
    if (key)
      made.private_keys.push_back(std::move(key));
    else
      reader.error("private_key", "'private_key' is no Ed25519 key", "it is whsk_ and base64 of 32 or 64 bytes");
  }
}

}  // namespace

const std::span<const option> credential_options = credential_table, setting_options = setting_table;

prepare_result prepare(const boost::json::object& settings, std::span<const credential> credentials) {
  std::vector<settings_error> errors;
  auto made = std::make_shared<configuration>();
  read_credentials(credentials, credential_table,
                   {"no key is configured", "list {secret: whsec_…} or {public_key: whpk_…}"}, errors,
                   [&](settings_reader& reader) { read_credential(reader, *made); });

  settings_reader reader(settings, setting_table, "/settings", errors);
  made->tolerance = reader.duration("tolerance");
  if (made->tolerance <= std::chrono::milliseconds::zero())
    reader.error("tolerance", "'tolerance' must be more than nothing", "5m is what senders reckon with");
  made->mapping = read_mapping(reader, setting_table);
  if (!errors.empty()) return std::unexpected(std::move(errors));
  return made;
}

}  // namespace switchboard::connectors::webhook
