#include "connectors/kiosk/kiosk/settings.hpp"

#include <algorithm>
#include <cmath>

#include "connectors/common/settings.hpp"
#include "connectors/common/text.hpp"

namespace switchboard::connectors::kiosk {

namespace {

constexpr option credential_table[] = {
    {.name = "device", .required = true, .text = "The device's id, as it is sent in Kiosk-Device."},
    {.name = "key",
     .type = value_type::secret,
     .required = true,
     .text = "The device's HMAC key. List a device twice while a new key replaces an old one."},
};

constexpr option setting_table[] = {
    {.name = "devices",
     .type = value_type::list,
     .text = "What is known of each device: {id, store, timezone (IANA), country, account}."},
    {.name = "account", .text = "The account of every device that names none; without it a device is its own account."},
    {.name = "timezone", .text = "The time zone (IANA) of every device that names none."},
    {.name = "country", .text = "The country (ISO 3166 alpha-2) of every device that names none."},
    {.name = "scales",
     .type = value_type::map,
     .text = "The scale of ratings that carry none, by kind: {csat: \"1..5\", smiley: \"1..4\", ces: \"7..1\"}; the "
             "second end is the good one."},
    {.name = "calling_code", .text = "Calling code for telephone numbers typed without one, such as 49."},
    {.name = "max_attachments",
     .type = value_type::integer,
     .default_value = "10",
     .text = "Attachments that one item may carry; 1 to 100."},
    {.name = "max_attachment_bytes",
     .type = value_type::integer,
     .default_value = "5242880",
     .text = "Bytes of one attachment, decoded; up to 64 MiB."},
};

constexpr option device_table[] = {
    {.name = "id", .required = true, .text = "The device's id, as in its credentials."},
    {.name = "store", .text = "The store it stands in."},
    {.name = "timezone", .text = "Its time zone (IANA)."},
    {.name = "country", .text = "Its country (ISO 3166 alpha-2)."},
    {.name = "account", .text = "The account that its contacts belong to."},
};

// "1..5": from the bad end to the good one.
std::optional<schemas::scale> parse_scale(std::string_view text) {
  const std::size_t dots = text.find("..");
  if (dots == std::string_view::npos) return std::nullopt;
  const auto end = [](std::string_view s) -> std::optional<double> {
    char* stop = nullptr;
    const std::string copy(trimmed(s));
    const double value = std::strtod(copy.c_str(), &stop);
    if (copy.empty() || *stop != '\0' || !std::isfinite(value)) return std::nullopt;
    return value;
  };
  const auto bad = end(text.substr(0, dots)), good = end(text.substr(dots + 2));
  if (!bad || !good || *bad == *good) return std::nullopt;
  return *bad < *good ? schemas::scale{*bad, *good, schemas::scale_best::max}
                      : schemas::scale{*good, *bad, schemas::scale_best::min};
}

void check_country(settings_reader& reader, std::string_view country) {
  const bool code = country.size() == 2 && std::ranges::all_of(country, [](char c) { return c >= 'A' && c <= 'Z'; });
  if (!country.empty() && !code) reader.error("country", "'country' is no country", "two capital letters: DE, VN, US");
}

}  // namespace

const std::span<const option> credential_options = credential_table, setting_options = setting_table;

prepare_result prepare(const boost::json::object& settings, std::span<const credential> credentials) {
  std::vector<settings_error> errors;
  auto made = std::make_shared<configuration>();

  const no_credential none{"no device has a key", "list {device, key} for each device"};
  read_credentials(credentials, credential_table, none, errors, [&](settings_reader& reader) {
    const std::string id = reader.text("device");
    std::string key = reader.text("key");
    if (!id.empty() && (!identifier(id, 128) || id.find('/') != std::string::npos))
      reader.error("device", "'device' is no device id", "1 to 128 characters without '/' and control characters");
    if (!id.empty() && !key.empty()) made->devices[id].keys.push_back(std::move(key));
  });

  settings_reader reader(settings, setting_table, "/settings", errors);
  const std::string account = reader.text("account"), timezone = reader.text("timezone"),
                    country = reader.text("country");
  check_country(reader, country);
  made->calling_code = reader.text("calling_code");
  made->attachments = static_cast<std::size_t>(reader.integer("max_attachments", 1, 100));
  made->attachment_bytes = static_cast<std::size_t>(reader.integer("max_attachment_bytes", 1, 64 << 20));
  for (auto& [id, device] : made->devices) {
    device.account = account.empty() ? id : account;
    device.place = {.store_id = {}, .device_id = id, .timezone = timezone, .country = country};
  }

  made->scales.emplace("nps", schemas::scale{0, 10, schemas::scale_best::max});
  for (const auto& [kind, text] : reader.map("scales")) {
    if (const auto scale = parse_scale(text))
      made->scales.insert_or_assign(kind, *scale);
    else
      reader.error("scales." + kind, "'" + kind + "' is no scale", "write it from the bad end to the good one: 1..5");
  }

  const auto list = reader.objects("devices");
  for (std::size_t i = 0; i < list.size(); ++i) {
    settings_reader entry(*list[i], device_table, "/settings/devices/" + std::to_string(i), errors);
    const std::string id = entry.text("id");
    const auto found = made->devices.find(id);
    if (found == made->devices.end()) {
      if (!id.empty()) entry.error("id", "device '" + id + "' has no key", "add it to the credentials");
      continue;
    }
    device& d = found->second;
    d.place.store_id = entry.text("store");
    if (const std::string own = entry.text("timezone"); !own.empty()) d.place.timezone = own;
    if (const std::string own = entry.text("country"); !own.empty()) d.place.country = own;
    check_country(entry, entry.text("country"));
    if (const std::string own = entry.text("account"); !own.empty()) d.account = own;
  }

  if (!errors.empty()) return std::unexpected(std::move(errors));
  return made;
}

}  // namespace switchboard::connectors::kiosk
