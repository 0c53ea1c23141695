#include "connectors/voice/twilio_voice/decode.hpp"

#include "connectors/common/identity.hpp"
#include "connectors/common/json.hpp"
#include "connectors/common/text.hpp"
#include "connectors/common/url.hpp"
#include "connectors/voice/twilio_voice/facts.hpp"

namespace switchboard::connectors::twilio_voice {

namespace {

std::vector<item> decode_hook(const hook_request& m, hook which) {
  switch (which) {
    case hook::incoming:
    case hook::outgoing:
    case hook::redirect:
    case hook::status:
      return decode_status(m);
    case hook::gather:
      return decode_gather(m);
    case hook::partial:
      return decode_partial(m);
    case hook::record:
    case hook::recording:
      return decode_recording(m);
    case hook::dial:
      return decode_dial(m);
    case hook::enqueue:
    case hook::dequeue:
      return decode_queue(m, which);
    case hook::refer:
      return decode_refer(m);
    case hook::machine_detection:
      return decode_machine_detection(m);
    case hook::transcription:
      return decode_transcription(m);
    case hook::live_transcription:
      return decode_live_transcription(m);
    case hook::conference:
      return decode_conference(m);
    case hook::stream:
      return decode_stream(m);
    case hook::wait:
    case hook::other:
      break;
  }
  return {twilio::unknown_hook(m.request, m.from, schemas::channel::voice, kind_of_other(m.from))};
}

// The identifier without which a hook says nothing; empty for those that look for themselves.
std::string_view subject_of(hook which) {
  switch (which) {
    case hook::conference:
      return "ConferenceSid";
    case hook::recording:
    case hook::transcription:
    case hook::other:
      return {};
    default:
      return "CallSid";
  }
}

std::vector<item> items_of(const hook_request& m, hook which, std::string_view raw) {
  const std::string_view subject = subject_of(which);
  std::vector<item> out;
  if (!subject.empty() && !identifier(m.get(subject), 128))
    out.push_back(missing(subject));
  else
    out = decode_hook(m, which);
  for (item& each : out) {
    if (auto* refused = std::get_if<item_rejected>(&each)) {
      refused->raw = raw;
      refused->account = account_of(m);
    }
    if (auto* unknown = std::get_if<unsupported>(&each)) unknown->raw = raw;
  }
  return out;
}

// Event Streams repeats what a status callback said: the same facts under the same keys.
std::vector<item> decode_event(json::element event, const configuration& configured, const inbound& request) {
  json::object object, parameters;
  if (event.get(object)) return {};
  json::reader from(object, "");
  const std::string_view type = from.text("type");
  const auto sent = json::at(event, "/data/request/parameters");
  if (!type.starts_with("com.twilio.voice.") || !type.contains("status-callback.call.")) return {};
  if (!sent || sent->get(parameters)) return {};
  std::string encoded;
  for (const auto [name, value] : parameters) {
    append_escaped(encoded.append(encoded.empty() ? "" : "&"), name);
    append_escaped(encoded += '=', json::scalar(value).value_or(""));
  }
  const auto given = form::parse(encoded), url = form::parse({});
  if (!given || hook_of(*given) != hook::status) return {};
  std::vector<item> out = items_of({*given, *url, configured, request}, hook::status, json::minified(event));
  for (item& each : out)
    if (auto* fact = std::get_if<contact>(&each)) fact->event.delivery_id = from.identifier("id");
  return out;
}

std::string_view document_name(hook which) {
  switch (which) {
    case hook::incoming:
      return "incoming";
    case hook::outgoing:
      return "outgoing";
    case hook::redirect:
      return "redirect";
    case hook::gather:
      return "gather";
    case hook::record:
      return "record";
    case hook::dial:
      return "dial";
    case hook::enqueue:
      return "enqueue";
    case hook::dequeue:
      return "dequeue";
    case hook::wait:
      return "wait";
    case hook::refer:
      return "refer";
    default:
      return {};
  }
}

response answer(hook which, const form& from, const configuration& configured) {
  const auto document = configured.documents.find(document_name(which));
  if (document == configured.documents.end()) return twilio::twiml({});
  return {200, "text/xml", fill_document(document->second, from), {}};
}

}  // namespace

item unknown(contact fact, std::string_view kind) {
  fact.event.call.reset();
  return unsupported{std::move(fact), std::string("twilio/").append(kind), {}};
}

item missing(std::string_view parameter) {
  return item_rejected{reject_code::out_of_range, std::string(parameter), {}};
}

decoded decode(const inbound& request, const prepared& settings, const authentic& who, const limits& limits) {
  if (twilio::packing_of(request) == twilio::packing::json)
    return twilio::decode_event_streams(request, schemas::channel::voice, who, limits, [&](json::element each) {
      return decode_event(each, static_cast<const configuration&>(settings), request);
    });
  decoded out;
  const std::string_view raw = twilio::encoded_parameters(request);
  const auto from = form::parse(raw), url = form::parse(query_of(request.target));
  if (!from || !url) {
    out.whole = {from ? url.error() : from.error(), "", std::string(raw)};
    return out;
  }
  const auto& configured = static_cast<const configuration&>(settings);
  const hook which = hook_of(*from);
  if (which == hook::wait) {
    const response music = answer(which, *from, configured);
    out.handshake = {.status = music.status,
                     .content_type = music.content_type,
                     .body = music.body,
                     .headers = {},
                     .confirm_url = {}};
    return out;
  }
  out.items = items_of({*from, *url, configured, request}, which, raw);
  return out;
}

// The caller is on the line, whatever became of the event.
response reply(const inbound& request, const prepared& settings, const decoded&, std::span<const item_outcome>) {
  const auto& configured = static_cast<const configuration&>(settings);
  if (configured.documents.empty() || twilio::packing_of(request) == twilio::packing::json) return twilio::twiml({});
  const auto from = form::parse(twilio::encoded_parameters(request));
  return from ? answer(hook_of(*from), *from, configured) : twilio::twiml({});
}

}  // namespace switchboard::connectors::twilio_voice
