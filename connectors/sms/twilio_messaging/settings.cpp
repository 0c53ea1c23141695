#include "connectors/sms/twilio_messaging/settings.hpp"

#include "connectors/common/settings.hpp"

namespace switchboard::connectors::twilio_messaging {

namespace {

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

const std::span<const option> setting_options = setting_table;

prepare_result prepare(const boost::json::object& settings, std::span<const credential> credentials) {
  std::vector<settings_error> errors;
  auto made = std::make_shared<configuration>();
  made->tokens = twilio::read_tokens(credentials, errors);
  settings_reader reader(settings, setting_table, "/settings", errors);
  made->reply_text = reader.text("reply");
  made->keywords = reader.boolean("keywords");
  made->calling_code = reader.text("calling_code");
  if (!errors.empty()) return std::unexpected(std::move(errors));
  return made;
}

}  // namespace switchboard::connectors::twilio_messaging
