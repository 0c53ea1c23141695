#include "tests/connectors/support/fuzz.hpp"

#include <algorithm>
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

struct seed {
  request made;
  std::string principal = "somebody";
};

seed read(const configured& source, std::string_view bytes) {
  constexpr std::size_t most_headers = 32;
  seed out;
  request& r = out.made;
  r.target = "/in/x";
  r.received_at = timestamp(std::chrono::milliseconds(1'777'975'200'000));
  const auto& methods = source.connector->methods;
  const auto end = bytes.find("\n\n");
  if (const auto space = bytes.find(' ');
      end == bytes.npos || space > end || std::ranges::find(methods, bytes.substr(0, space)) == methods.end()) {
    r.headers = {{"Content-Type", "application/json"}};
    r.body = bytes;
  } else {
    std::string_view head = bytes.substr(0, end);
    r.body = bytes.substr(end + 2);
    r.method = head.substr(0, space);
    const std::string_view line =
        head.substr(space + 1, head.find('\n') == head.npos ? head.npos : head.find('\n') - space - 1);
    if (line.starts_with('/')) r.target = line.substr(0, line.find(' '));
    if (const auto last = line.rfind(' '); last != line.npos) out.principal = repaired(line.substr(last + 1));
    while (head.contains('\n') && r.headers.size() < most_headers) {
      head.remove_prefix(head.find('\n') + 1);
      const std::string_view field = head.substr(0, head.find('\n'));
      if (const auto colon = field.find(": "); colon != field.npos)
        r.headers.emplace_back(field.substr(0, colon), field.substr(colon + 2));
    }
  }
  r.public_url = source.public_url + r.target;
  return out;
}

}  // namespace

void fuzz_one(const configured& source, std::string_view bytes) {
  seed s = read(source, bytes);
  const inbound in = s.made.view();
  const verdict verified = source.connector->verify(in, *source.prepared, no_keys{});
  const auto* passed = std::get_if<authentic>(&verified);
  const authentic who = passed ? *passed : authentic{s.principal, "fuzz"};
  const decoded first = source.connector->decode(in, *source.prepared, who, source.connector->limits);
  const decoded again = source.connector->decode(in, *source.prepared, who, source.connector->limits);
  must(first.items.size() == again.items.size() && first.whole.has_value() == again.whole.has_value());
  must(first.whole || first.handshake || !first.items.empty() || in.body.size() <= 4096);

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
