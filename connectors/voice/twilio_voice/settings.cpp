#include "connectors/voice/twilio_voice/settings.hpp"

#include "connectors/common/identity.hpp"
#include "connectors/common/settings.hpp"
#include "connectors/common/xml.hpp"

namespace switchboard::connectors::twilio_voice {

namespace {

constexpr std::size_t longest_document = 64 << 10;  // what Twilio takes

constexpr option setting_table[] = {
    {.name = "twiml.incoming", .text = "TwiML that answers a call, such as a greeting and a menu."},
    {.name = "twiml.outgoing", .text = "TwiML for a call of your own once it is answered."},
    {.name = "twiml.redirect", .text = "TwiML where a call under way asks for more, as after `<Redirect>`."},
    {.name = "twiml.gather", .text = "TwiML after `<Gather>`."},
    {.name = "twiml.record", .text = "TwiML after `<Record>`."},
    {.name = "twiml.dial", .text = "TwiML after `<Dial>`."},
    {.name = "twiml.enqueue", .text = "TwiML after `<Enqueue>`."},
    {.name = "twiml.dequeue", .text = "TwiML for a caller who leaves the queue to be connected (`<Queue url>`)."},
    {.name = "twiml.wait", .text = "TwiML for callers who wait in a queue (waitUrl)."},
    {.name = "twiml.refer", .text = "TwiML after `<Refer>`."},
    {.name = "voicemail",
     .type = value_type::boolean,
     .default_value = "true",
     .text = "Take what `<Record>` recorded for a voicemail; false: for the recording of a call."},
    {.name = "calling_code", .text = "Calling code for numbers that come without one, such as 1."},
};

}  // namespace

const std::span<const option> setting_options = setting_table;

prepare_result prepare(const boost::json::object& settings, std::span<const credential> credentials) {
  std::vector<settings_error> errors;
  auto made = std::make_shared<configuration>();
  made->tokens = twilio::read_tokens(credentials, errors);
  settings_reader reader(settings, setting_table, "/settings", errors);
  constexpr std::string_view group = "twiml.";
  for (const option& each : setting_table) {
    if (!each.name.starts_with(group) || !reader.raw(each.name)) continue;
    std::string document = reader.text(each.name);
    if (document.size() > longest_document)
      reader.error(each.name, "'" + std::string(each.name) + "' is longer than 64 KiB", "Twilio takes no more");
    else if (const auto wrong = wrong_in_xml(document, "Response"))
      reader.error(each.name, "'" + std::string(each.name) + "' is no TwiML: " + *wrong,
                   "write a whole document: <Response><Say>…</Say></Response>");
    made->documents.emplace(each.name.substr(group.size()), std::move(document));
  }
  made->voicemail = reader.boolean("voicemail");
  made->calling_code = reader.text("calling_code");
  if (!errors.empty()) return std::unexpected(std::move(errors));
  return made;
}

std::string fill_document(std::string_view document, const form& parameters) {
  std::string out;
  while (true) {
    const std::size_t open = document.find("{{"), close = document.find("}}", open);
    if (open == std::string_view::npos || close == std::string_view::npos) break;
    out += document.substr(0, open);
    append_escaped(out, parameters.get(document.substr(open + 2, close - open - 2)));
    document.remove_prefix(close + 2);
  }
  return out += document;
}

}  // namespace switchboard::connectors::twilio_voice
