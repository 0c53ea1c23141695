#include "tests/connectors/support/fuzz.hpp"

#include <array>
#include <cstdlib>

#include "connectors/common/text.hpp"
#include "schemas/codec.hpp"

namespace switchboard::tests {

namespace {

using namespace connectors;

void must(bool holds) {
  if (!holds) std::abort();
}

void check(const contact& fact, std::size_t index) {
  for (const auto& part : fact.blobs) must(part.attachment < fact.event.attachments.size());
  must(!fact.derived_from || *fact.derived_from < index);
  must(valid_utf8(fact.event.text));
  must(valid_utf8(fact.event.object.external_id));
  must(fact.event.time != timestamp{});
  must(!fact.event.provider.empty());
  static_cast<void>(schemas::encode(fact.event, {}));
}

}  // namespace

void fuzz_one(const configured& source, std::string_view bytes) {
  constexpr std::array<std::string_view, 6> types{
      "application/x-www-form-urlencoded", "application/json", "text/plain", "",
      "application/octet-stream",          "application/json"};
  const std::uint8_t choice = bytes.empty() ? 0 : static_cast<std::uint8_t>(bytes.front());
  if (!bytes.empty()) bytes.remove_prefix(1);

  request r;
  r.method = choice & 1 ? "GET" : "POST";
  r.target = "/in/x";
  // A GET carries its parameters in the query.
  if (r.method == "GET") r.target += "?" + std::string(bytes.substr(0, 4096));
  r.public_url = source.public_url + r.target;
  r.body = bytes;
  r.received_at = timestamp(std::chrono::milliseconds(1'777'975'200'000));
  r.headers = {{"Content-Type", std::string(types[(choice >> 1) % types.size()])},
               {"webhook-id", "msg_1"},
               {"webhook-timestamp", "1777975200"},
               {"webhook-signature", "v1," + std::string(bytes.substr(0, 60))},
               {"Kiosk-Device", choice & 64 ? "door-7" : "till-1"},
               {"Kiosk-Signature", "v1=" + std::string(bytes.substr(0, 64))},
               {"X-Twilio-Signature", std::string(bytes.substr(0, 28))},
               {"I-Twilio-Idempotency-Token", "token-1"}};

  const inbound in = r.view();
  static_cast<void>(source.connector->verify(in, *source.prepared, no_keys{}));
  const authentic who{choice & 128 ? "nobody" : choice & 64 ? "door-7" : "till-1", "fuzz"};
  const decoded first = source.connector->decode(in, *source.prepared, who, source.connector->limits);
  const decoded again = source.connector->decode(in, *source.prepared, who, source.connector->limits);
  must(first.items.size() == again.items.size() && first.whole.has_value() == again.whole.has_value());
  must(first.whole || first.handshake || !first.items.empty() || r.body.size() <= 4096);

  std::vector<item_outcome> outcomes;
  for (std::size_t i = 0; i < first.items.size(); ++i) {
    must(first.items[i].index() == again.items[i].index());
    if (const auto* fact = std::get_if<contact>(&first.items[i])) {
      check(*fact, i);
      const auto& same = std::get<contact>(again.items[i]);
      must(fact->key == same.key && fact->fingerprint == same.fingerprint && fact->conversation == same.conversation);
    }
    if (const auto* unknown = std::get_if<unsupported>(&first.items[i])) must(!unknown->kind.empty());
    outcomes.push_back(std::holds_alternative<item_rejected>(first.items[i]) ? item_outcome::quarantined
                                                                             : item_outcome::accepted);
  }
  const response reply = source.connector->reply(in, *source.prepared, first, outcomes);
  must(reply.status / 100 == 2 && valid_utf8(reply.body));
}

}  // namespace switchboard::tests
