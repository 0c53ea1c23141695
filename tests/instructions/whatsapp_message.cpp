#include "tests/instructions/whatsapp_message.hpp"

#include <stdexcept>

#include "connectors/registry.hpp"
#include "tests/broker/intake/tiny_connector.hpp"

namespace switchboard::tests {
namespace {

constexpr std::size_t body_bytes = 1024;

// The sample with its text drawn out.
std::string long_text(const connectors::sample& sample, std::size_t more) {
  constexpr std::string_view end = "has not arrived.", words = " Please call me back before noon.";
  std::string out(sample.body);
  std::string text;
  while (text.size() < more) text += words;
  text.resize(more);
  return out.insert(out.find(end) + end.size(), text);
}

}  // namespace

workload::workload(const connectors::connector& connector, const connectors::sample& sample) {
  const auto configured =
      configure_file(SWITCHBOARD_SOURCE_DIR "/tests/connectors/" + folder_of(connector) + "/source.json");
  source = intake::test::tiny_source();
  source.connector = configured.connector;
  source.prepared = configured.prepared;
  source.public_url = configured.public_url;
  source.limits = connector.limits;
  const connectors::freshness fresh{.now = *schemas::timestamp_from_rfc3339("2026-05-05T10:00:00Z")};
  sent = request::from_outbound(connector.sign(sample, *source.prepared, source.public_url + "/in/x", fresh),
                                source.public_url, fresh.now);
  in = sent.view();
}

std::unique_ptr<workload> whatsapp_message() {
  const auto* connector = connectors::find("meta-whatsapp");
  const auto sample = std::ranges::find(connector->samples, "text", &connectors::sample::name);
  const auto usual = workload(*connector, *sample).in.body.size();
  const auto body = long_text(*sample, body_bytes - usual);
  auto drawn_out = *sample;
  drawn_out.body = body;
  auto made = std::make_unique<workload>(*connector, drawn_out);
  if (made->in.body.size() != body_bytes) throw std::runtime_error("the message is not of a kibibyte");
  return made;
}

std::vector<journal::unit> whatsapp_units(std::uint64_t first, std::size_t made) {
  static const auto one = [] {
    const auto message = whatsapp_message();
    return intake::process(message->source, message->in, {}).unit;
  }();
  std::vector<journal::unit> units(made, one);
  for (auto& unit : units) unit.messages.front().event.id = numbered_id(first++);
  return units;
}

schemas::uuid numbered_id(std::uint64_t n) {
  schemas::uuid id;
  for (std::size_t half = 0; half < 2; ++half) {
    n = (n + 0x9E3779B97F4A7C15) * 0xBF58476D1CE4E5B9;
    n ^= n >> 32;
    std::memcpy(id.bytes.data() + 8 * half, &n, sizeof n);
  }
  return id;
}

}  // namespace switchboard::tests
