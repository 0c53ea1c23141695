#include "broker/intake/event_builder.hpp"

#include <algorithm>

#include "broker/intake/identities.hpp"
#include "broker/intake/ids.hpp"
#include "broker/intake/masking.hpp"
#include "broker/intake/rules.hpp"
#include "broker/intake/sniffing.hpp"
#include "broker/observe/traceparent.hpp"
#include "connectors/common/text.hpp"

namespace switchboard::intake {
namespace {

using connectors::reject_code;
using schemas::event_type;
using schemas::flag;

constexpr std::size_t longest_kind = 128;
constexpr std::string_view full_text_id = "full-text";

// The whole of a request in 64 bits, for a fact that the connector gave neither a key nor a fingerprint.
std::uint64_t fingerprint_of_request(const connectors::inbound& in, std::uint32_t item) {
  const auto number = std::to_string(item);
  const auto digest = sha256({in.target, "\n", number, "\n", in.body});
  std::uint64_t out = 0;
  for (int i = 0; i < 8; ++i) out = out << 8 | digest[static_cast<std::size_t>(i)];
  return out;
}

void add_related(schemas::event& e, schemas::rel relation, const uuid& id) {
  schemas::related_thing thing;
  thing.relation = relation;
  thing.event_id = schemas::to_string(id);
  e.related.push_back(std::move(thing));
}

}  // namespace

event_builder::event_builder(const source& from, const connectors::inbound& in, const environment& env,
                             const schemas::verdict_info& verdict, unit_builder& unit)
    : source_(from), in_(in), environment_(env), verdict_(verdict), unit_(unit) {}

std::expected<std::size_t, reject_code> event_builder::build(connectors::contact& fact, std::uint32_t item,
                                                             const tenant& owner,
                                                             const connectors::unsupported* unknown,
                                                             std::span<const std::optional<uuid>> earlier) {
  auto& e = fact.event;
  if (unknown != nullptr) {
    e.type = event_type::unsupported;
    e.unsupported = schemas::unsupported{std::string(connectors::cut(unknown->kind, longest_kind))};
  }
  complete_envelope(e, owner);
  identify(fact, item, unknown);  // before anything is rewritten: no id hangs on how identities are spelt
  normalise_identities(e);
  normalise_parts(e, fact.conversation);
  for (auto& alias : fact.conversation_aliases) normalise_parts(e, alias);
  name_conversation(fact, owner);
  relate(fact, owner, earlier);
  mask(e);
  auto also_to = apply_rules(source_.rules, e, in_.received_at);
  classify(e, unknown);
  point_to_raw(e, owner, unknown);
  store_attachments(fact, owner);
  if (e.text.size() > source_.limits.text_bytes || e.text_unquoted.size() > source_.limits.text_bytes)
    shorten(e, owner, source_.limits.text_bytes);

  auto encoded = encode_within_limit(e, owner);
  if (!encoded) return std::unexpected(reject_code::too_large);
  const auto index = unit_.add(std::move(*encoded), fact.fingerprint, std::move(also_to));
  if (fact.sequence)
    unit_.message(index).sequence = journal::sequence_mark{
        schemas::to_string(source_.name_space) + '/' + fact.sequence->scope, fact.sequence->value};
  return index;
}

void event_builder::complete_envelope(schemas::event& e, const tenant& owner) {
  e.tenant = owner.id;
  e.source = {source_.id, std::string(source_.connector->name), std::string(source_.connector->version)};
  if (e.provider.empty()) e.provider = source_.connector->provider;
  e.authentication = {verdict_.method, verdict_.result};
  // What the event itself carries leads further back than the request that brought it.
  const auto carried = observe::traceparent::parse(e.traceparent);
  e.traceparent = carried ? carried->to_string() : unit_.traceparent();
  e.recorded_at = in_.received_at;
  if (e.time == schemas::timestamp{}) {
    e.time = in_.received_at;
    e.add(flag::time_from_receipt);
  }
  if (e.time > in_.received_at + source_.skew_allowed) e.add(flag::skewed);
  if (source_.test) e.add(flag::test);
}

void event_builder::identify(connectors::contact& fact, std::uint32_t item, const connectors::unsupported* unknown) {
  auto& e = fact.event;
  const auto type = schemas::info(e.type).name;
  if (fact.key.empty()) {
    if (fact.fingerprint == 0) fact.fingerprint = fingerprint_of_request(in_, item);
    e.add(flag::id_from_content);
  }
  if (unknown != nullptr)
    e.id = unsupported_id(source_.name_space, fact.key, fact.fingerprint, fact.ordinal);
  else if (fact.key.empty())
    e.id = content_event_id(source_.name_space, fact.fingerprint, fact.conversation, type, fact.ordinal);
  else
    e.id = event_id(source_.name_space, fact.key, type, fact.ordinal);

  if (environment_.supersede.empty()) return;
  const auto superseded = e.id;
  e.id = superseding_id(superseded, environment_.supersede);
  add_related(e, schemas::rel::supersedes, superseded);
  if (!e.object.revision.empty()) e.object.revision += '.';
  e.object.revision += environment_.supersede;
}

void event_builder::name_conversation(connectors::contact& fact, const tenant& owner) {
  auto& e = fact.event;
  std::vector<std::string_view> parts;
  const auto hashed = [&](const std::vector<std::string>& named) {
    parts.assign(1, e.provider);
    parts.insert(parts.end(), named.begin(), named.end());
    return keyed_hash(owner, hash_purpose::conversation, parts);
  };
  if (!fact.conversation_id.empty()) {
    e.conversation.id = fact.conversation_id;
    fact.conversation_aliases.insert(fact.conversation_aliases.begin(), fact.conversation);
  } else if (!fact.conversation.empty()) {
    e.conversation.id = hashed(fact.conversation);
  } else {
    e.conversation.id = hashed({std::string("event"), schemas::to_string(e.id)});
    e.add(flag::conversation_unresolved);
  }
  for (const auto& alias : fact.conversation_aliases) {
    if (alias.empty()) continue;
    auto id = hashed(alias);
    auto& known = e.conversation.alias_ids;
    if (id != e.conversation.id && std::ranges::find(known, id) == known.end()) known.push_back(std::move(id));
  }
  e.partition_key = source_.key == key_by::party && !e.customer_uri.empty()
                        ? keyed_hash(owner, hash_purpose::party, {e.customer_uri})
                        : e.conversation.id;
}

void event_builder::relate(connectors::contact& fact, const tenant& owner,
                           std::span<const std::optional<uuid>> earlier) {
  auto& e = fact.event;
  if (!e.object.external_id.empty()) e.object.id = object_id(owner.id, e.provider, e.object.external_id);
  for (auto& thing : e.related)
    if (!thing.external_id.empty() && thing.object_id.empty())
      thing.object_id = schemas::to_string(object_id(owner.id, e.provider, thing.external_id));
  if (fact.derived_from && *fact.derived_from < earlier.size() && earlier[*fact.derived_from])
    add_related(e, schemas::rel::derived_from, *earlier[*fact.derived_from]);
}

void event_builder::mask(schemas::event& e) {
  mask_event(e);
  if (!e.input) return;
  // What a prompt asked for stands in `related` as what the input is about.
  const bool unmasked = std::ranges::any_of(e.related, [&](const schemas::related_thing& thing) {
    return thing.relation == schemas::rel::about && !thing.external_id.empty() &&
           std::ranges::find(source_.unmasked_prompts, thing.external_id) != source_.unmasked_prompts.end();
  });
  if (unmasked) return;
  const auto& call = e.call && !e.call->id.empty() ? e.call->id : e.object.external_id;
  auto known = std::ranges::find(call_digits_, call, &std::pair<std::string, std::size_t>::first);
  if (known == call_digits_.end()) known = call_digits_.insert(known, {call, 0});
  known->second = mask_call_digits(e, known->second, source_.call_digits);
}

void event_builder::classify(schemas::event& e, const connectors::unsupported* unknown) {
  const bool spoken =
      e.type == event_type::call_input || e.type == event_type::call_recorded || e.type == event_type::call_transcribed;
  const bool masked = std::ranges::find(e.flags, flag::masked) != e.flags.end();
  e.restricted = e.restricted || e.sensitive || spoken || masked || unknown != nullptr;
}

void event_builder::point_to_raw(schemas::event& e, const tenant& owner, const connectors::unsupported* unknown) {
  schemas::event::raw_info raw;
  if (unknown != nullptr && !unknown->raw.empty()) {
    raw.hmac = keyed_hash(owner, hash_purpose::raw, {unknown->raw});
    raw.size = static_cast<std::int64_t>(unknown->raw.size());
    raw.blob = unit_.store_sealed(owner, unknown->raw).uri;
    e.raw = std::move(raw);
    return;
  }
  const auto bytes = in_.body.empty() ? in_.target : in_.body;
  if (raw_owner_ != &owner) {
    raw_hash_ = keyed_hash(owner, hash_purpose::raw, {bytes});
    raw_owner_ = &owner;
  }
  raw.hmac = raw_hash_;
  raw.size = static_cast<std::int64_t>(bytes.size());
  if (unknown != nullptr) raw.blob = unit_.store_sealed(owner, bytes).uri;
  e.raw = std::move(raw);
}

void event_builder::store_attachments(connectors::contact& fact, const tenant& owner) {
  for (auto& part : fact.blobs) {
    if (part.attachment >= fact.event.attachments.size()) continue;
    auto& attachment = fact.event.attachments[part.attachment];
    attachment.size = static_cast<std::int64_t>(part.bytes.size());
    const auto shown = detected_media_type(part.bytes);
    attachment.detected_type = shown == no_known_type ? std::string_view() : shown;
    if (!may_be(shown, connectors::media_type(attachment.content_type))) fact.event.add(flag::type_mismatch);
    auto stored = unit_.store(owner, std::move(part.bytes));
    attachment.blob = std::move(stored.uri);
    attachment.sha256 = std::move(stored.sha256);
    attachment.state = schemas::attachment_state::stored;
    attachment.blob_expires_at = unit_.blobs_expire_at();
    if (auto& payload = fact.event.payload; payload && payload->text.empty() && attachment.id == "payload")
      payload->blob = attachment.blob;
  }
}

// Cuts the texts; the whole of the longer one goes to the blob store and is referenced, once.
void event_builder::shorten(schemas::event& e, const tenant& owner, std::size_t text_bytes) {
  const bool kept =
      std::ranges::any_of(e.attachments, [](const schemas::attachment& a) { return a.id == full_text_id; });
  if (!kept && e.text.size() > text_bytes) {
    schemas::attachment whole;
    whole.id = full_text_id;
    whole.body = true;
    whole.kind = schemas::attachment_kind::document;
    whole.content_type = "text/plain; charset=utf-8";
    whole.size = static_cast<std::int64_t>(e.text.size());
    auto stored = unit_.store(owner, e.text);
    whole.blob = std::move(stored.uri);
    whole.sha256 = std::move(stored.sha256);
    whole.state = schemas::attachment_state::stored;
    whole.blob_expires_at = unit_.blobs_expire_at();
    e.attachments.push_back(std::move(whole));
  }
  e.text.resize(connectors::cut(e.text, text_bytes).size());
  e.text_unquoted.resize(connectors::cut(e.text_unquoted, text_bytes).size());
  e.add(flag::truncated);
}

std::optional<schemas::encoded_event> event_builder::encode_within_limit(schemas::event& e, const tenant& owner) {
  auto encoded = encode(e, environment_.codec);
  auto excess = schemas::excess(encoded);
  if (excess == 0) return encoded;
  // The attachment that then refers to the whole text takes its place too.
  constexpr std::size_t reference_bytes = 1024;
  const auto needed = excess + reference_bytes;
  const auto available = e.text.size() + e.text_unquoted.size();
  if (available < needed) return std::nullopt;
  const auto left = available - needed;
  shorten(e, owner, e.text_unquoted.empty() ? left : left / 2);
  encoded = encode(e, environment_.codec);
  if (schemas::excess(encoded) != 0) return std::nullopt;
  return encoded;
}

}  // namespace switchboard::intake
