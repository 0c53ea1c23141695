#include "connectors/generic/amazon_sns/settings.hpp"

#include "connectors/common/mapping_options.hpp"

namespace switchboard::connectors::amazon_sns {

namespace {

constexpr auto own_table = std::to_array<option>({
    {.name = "provider", .default_value = "amazon", .text = "Who delivers: written into the events."},
    {.name = "event",
     .default_value = "whole",
     .text = "What a message is: whole (as it came), message, feedback, form, callback, visit, consent or ignored "
             "(unsupported)."},
    {.name = "event_pointer",
     .type = value_type::pointer,
     .default_value = "/type",
     .text = "Where the message says what it is; looked up in events."},
    {.name = "fields.time",
     .type = value_type::pointer,
     .text = "When it happened: RFC 3339 or unix seconds or milliseconds. Default: when it was published."},
});

constexpr auto setting_table = joined(joined(sns::setting_options, own_table), mapping_options);

}  // namespace

const std::span<const option> setting_options = setting_table;

prepare_result prepare(const boost::json::object& settings, std::span<const credential> credentials) {
  std::vector<settings_error> errors;
  auto made = std::make_shared<configuration>();
  settings_reader reader(settings, setting_table, "/settings", errors);
  made->access = sns::read_access(reader, credentials, errors);
  made->mapping = read_mapping(reader, setting_table);
  if (made->mapping.product.empty()) made->mapping.product = "sns";
  made->untouched = made->mapping.otherwise == meaning::whole && made->mapping.kinds.empty() && !made->mapping.items;
  if (!errors.empty()) return std::unexpected(std::move(errors));
  return made;
}

}  // namespace switchboard::connectors::amazon_sns
