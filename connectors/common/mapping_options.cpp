#include "connectors/common/mapping_options.hpp"

#include <algorithm>

#include "schemas/names.hpp"

namespace switchboard::connectors {

std::optional<meaning> meaning_of(std::string_view name) noexcept {
  static constexpr std::pair<std::string_view, meaning> names[] = {
      {"message", meaning::message},   {"feedback", meaning::feedback}, {"form", meaning::form},
      {"callback", meaning::callback}, {"visit", meaning::visit},       {"consent", meaning::consent},
      {"whole", meaning::whole},       {"ignored", meaning::ignored}};
  const auto found = std::ranges::find(names, name, &std::pair<std::string_view, meaning>::first);
  return found == std::end(names) ? std::nullopt : std::optional(found->second);
}

mapping_settings read_mapping(settings_reader& reader, std::span<const option> table) {
  constexpr std::string_view fields_prefix = "fields.";
  mapping_settings made;
  if (const auto channel = schemas::from_string<schemas::channel>(reader.text("channel")))
    made.channel = *channel;
  else
    reader.error("channel", "'channel' is none", "email, voice, sms, chat, social, kiosk, form, fax, letter or visit");
  made.provider = reader.text("provider");
  made.product = reader.text("product");
  made.account = reader.text("account");
  made.calling_code = reader.text("calling_code");
  constexpr std::string_view meanings = "message, feedback, form, callback, visit, consent, whole or ignored";
  if (const auto otherwise = meaning_of(reader.text("event")))
    made.otherwise = *otherwise;
  else
    reader.error("event", "'event' is none that a body can be", std::string(meanings));
  for (const auto& [name, value] : reader.map("events")) {
    if (const auto known = meaning_of(value))
      made.kinds.emplace(name, *known);
    else
      reader.error("events", "'" + value + "' is nothing that a body can be", std::string(meanings));
  }
  const auto path = [&](std::string_view name, std::string_view such_as) -> std::optional<std::string> {
    const auto pointer = reader.pointer(name);
    if (!pointer) return std::nullopt;
    if (pointer->constant)
      reader.error(name, "'" + std::string(name) + "' must be a JSON Pointer", std::string(such_as));
    return pointer->value;
  };
  made.items = path("items", "such as /data/events");
  if (std::ranges::find(table, "event_pointer", &option::name) != table.end())
    made.kind_pointer = path("event_pointer", "such as /type");
  for (const option& each : table) {
    if (!each.name.starts_with(fields_prefix)) continue;
    if (auto from = reader.pointer(each.name))
      made.fields.emplace(each.name.substr(fields_prefix.size()), origin{from->constant, std::move(from->value)});
  }
  made.time_mapped = reader.raw("fields.time") != nullptr;
  return made;
}

}  // namespace switchboard::connectors
