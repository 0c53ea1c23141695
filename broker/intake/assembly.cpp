#include "broker/intake/assembly.hpp"

#include <algorithm>

#include "broker/intake/event_builder.hpp"
#include "broker/intake/ids.hpp"
#include "broker/intake/unit_builder.hpp"

namespace switchboard::intake {
namespace {

using connectors::item_outcome;
using connectors::reject_code;

// Works off the decoder's items in their order, so that a derived one finds the id of what it derives from.
class assembler {
 public:
  assembler(const source& from, const connectors::inbound& in, const environment& env, processed& out)
      : source_(from), unit_(from, in, env, out.verdict, out), events_(from, in, env, out.verdict, unit_), out_(out) {}

  void take(connectors::item& item) {
    const auto index = static_cast<std::uint32_t>(out_.items.size());
    const auto result = std::visit([&](auto& it) { return take(it, index); }, item);
    out_.items.push_back(result.outcome);
    out_.message_of_item.push_back(result.message);
    if (result.code && !out_.code) out_.code = result.code;
    any_event_ = any_event_ || !result.code;
    ids_.push_back(result.code ? std::nullopt : std::optional(unit_.message(result.message).event.id));
  }

  void quarantine_whole(reject_code code, std::string_view pointer) {
    const auto message = unit_.quarantine(whole_request, code, pointer, only_tenant());
    for (std::size_t i = out_.items.size(); i < out_.decoded.items.size(); ++i) {
      out_.items.push_back(item_outcome::quarantined);
      out_.message_of_item.push_back(message);
    }
    if (!out_.code) out_.code = code;
  }

  void keep_outside() { unit_.keep_outside(); }

  void finish() {
    out_.outcome = any_event_ ? outcome::accepted : outcome::quarantined;
    if (any_event_) out_.code.reset();
    if (!source_.store_raw) return;
    std::vector<uuid> events;
    for (const auto& id : ids_)
      if (id) events.push_back(*id);
    unit_.add_raw_copy(only_tenant(), std::move(events));
  }

 private:
  struct taken {
    item_outcome outcome;
    std::size_t message;
    std::optional<reject_code> code;
  };

  taken take(connectors::contact& fact, std::uint32_t index) {
    return finish_fact(fact, index, nullptr, item_outcome::accepted);
  }
  taken take(connectors::unsupported& item, std::uint32_t index) {
    return finish_fact(item.fact, index, &item, item_outcome::unsupported);
  }
  taken take(connectors::item_rejected& item, std::uint32_t index) {
    return quarantined(index, item.code, item.pointer, tenant_of(source_, item.account));
  }

  taken finish_fact(connectors::contact& fact, std::uint32_t index, const connectors::unsupported* unknown,
                    item_outcome outcome) {
    const auto* owner = tenant_of(source_, fact.event.account);
    if (owner == nullptr) return quarantined(index, reject_code::unmapped_account, "account", nullptr);
    const auto made = events_.build(fact, index, *owner, unknown, ids_);
    if (!made) return quarantined(index, made.error(), {}, owner);
    return {outcome, *made, std::nullopt};
  }
  taken quarantined(std::uint32_t index, reject_code code, std::string_view pointer, const tenant* owner) {
    return {item_outcome::quarantined, unit_.quarantine(index, code, pointer, owner), code};
  }
  const tenant* only_tenant() const noexcept { return source_.accounts.empty() ? source_.tenant.get() : nullptr; }

  const source& source_;
  unit_builder unit_;
  event_builder events_;
  processed& out_;
  std::vector<std::optional<uuid>> ids_;
  bool any_event_ = false;
};

class no_keys final : public connectors::fetched_keys {
 public:
  std::optional<std::string> find(std::string_view) const override { return std::nullopt; }
};

processed reject(reject_code code, std::string_view hint) {
  processed out;
  out.outcome = outcome::rejected;
  out.code = code;
  out.hint = hint;
  return out;
}

}  // namespace

std::string_view explanation(reject_code code) noexcept {
  using enum reject_code;
  switch (code) {
    case missing_signature:
      return "the request carries no signature";
    case bad_signature:
      return "the signature does not match";
    case malformed_signature:
      return "the signature cannot be read";
    case unknown_credential:
      return "the request names a key or device that is not configured";
    case stale_timestamp:
      return "the signed time is too far from ours";
    case missing_timestamp:
      return "the request carries no signed time";
    case bad_body_hash:
      return "the body does not match its signed hash";
    case method_not_allowed:
      return "the source does not take this method";
    case unsupported_media_type:
      return "the source does not take this content type";
    case malformed_body:
      return "the body cannot be parsed";
    case missing_field:
      return "a field that is needed is missing";
    case wrong_type:
      return "a field is of another type than it has to be";
    case out_of_range:
      return "a value is out of its range";
    case invalid_utf8:
      return "a text is not UTF-8";
    case too_many_items:
      return "the request holds more items than the source takes";
    case too_deep:
      return "the body is nested too deeply";
    case unmapped_account:
      return "the account belongs to no configured tenant";
    case unknown_kind:
      return "there is nothing in it that the connector knows";
    case too_large:
      return "it is larger than a record may be";
  }
  return "unknown";
}

const tenant* tenant_of(const source& from, const schemas::event::account_info& account) noexcept {
  if (from.accounts.empty()) return from.tenant.get();
  for (const auto& name : {account.id, account.uri})
    if (const auto found = from.accounts.find(name); found != from.accounts.end()) return found->second.get();
  const auto colon = account.uri.find(':');
  if (colon == std::string::npos) return nullptr;
  const auto found = from.accounts.find(account.uri.substr(colon + 1));
  return found == from.accounts.end() ? nullptr : found->second.get();
}

const tenant& owner_of(const source& from) noexcept {
  if (from.tenant) return *from.tenant;
  static const tenant nobody;
  const auto by_id = [](const auto& account) -> const std::string& { return account.second->id; };
  const auto least = std::ranges::min_element(from.accounts, {}, by_id);
  return least == from.accounts.end() ? nobody : *least->second;
}

std::string day_of(schemas::timestamp at) {
  const std::chrono::year_month_day date(std::chrono::floor<std::chrono::days>(at));
  const auto number = static_cast<unsigned>(static_cast<int>(date.year())) * 10000u +
                      static_cast<unsigned>(date.month()) * 100u + static_cast<unsigned>(date.day());
  auto text = std::to_string(number);
  return std::string(8 - std::min<std::size_t>(8, text.size()), '0') + text;
}

received receive(const source& from, const connectors::inbound& in, const environment& env) {
  received out;
  const auto& connector = *from.connector;
  if (std::ranges::find(connector.methods, in.method) == connector.methods.end()) {
    out.result = reject(reject_code::method_not_allowed, explanation(reject_code::method_not_allowed));
    return out;
  }
  if (in.body.size() > from.limits.body_bytes) {
    out.result = reject(reject_code::too_large, explanation(reject_code::too_large));
    return out;
  }

  connectors::authentic who;
  auto& proof = out.result.verdict;
  if (env.trusted != nullptr) {
    proof = *env.trusted;
    who = {env.trusted->principal, env.trusted->method};
  } else {
    static const no_keys none;
    auto verdict = connector.verify(in, *from.prepared, env.keys != nullptr ? *env.keys : none);
    if (auto* proven = std::get_if<connectors::authentic>(&verdict)) {
      who = std::move(*proven);
    } else if (env.skip_verify) {
      who = {{}, "none"};
    } else if (const auto* refused = std::get_if<connectors::rejected>(&verdict)) {
      out.result = reject(refused->code, refused->hint);
      out.result.challenge = refused->challenge;
      return out;
    } else {
      out.result.outcome = outcome::needs_key;
      out.result.key_url = std::move(std::get<connectors::needs_key>(verdict).url);
      return out;
    }
    proof.method = who.method;
    proof.principal = who.principal;
    proof.result = env.skip_verify ? schemas::authentication_result::skipped : schemas::authentication_result::pass;
  }

  // Long texts are cut here, where the whole of them can be kept, not in the decoder.
  auto limits = from.limits;
  limits.text_bytes = std::max(limits.text_bytes, limits.body_bytes);
  out.result.decoded = connector.decode(in, *from.prepared, who, limits);
  out.result.unit.source = from.id;
  const auto& found = out.result.decoded;
  if (found.items.empty() && !found.whole && found.handshake) {
    out.result.outcome = outcome::control;
    return out;
  }
  out.decoded = true;
  const bool taken_as_whole = found.items.empty() || found.items.size() > from.limits.items;
  out.result.unit.items_decoded =
      static_cast<std::uint32_t>(taken_as_whole ? 1 : found.items.size() + (found.whole ? 1 : 0));
  return out;
}

processed assemble(const source& from, const connectors::inbound& in, const environment& env, received stage) {
  if (!stage.decoded) return std::move(stage.result);
  processed out = std::move(stage.result);
  assembler work(from, in, env, out);
  auto& found = out.decoded;
  if (found.items.size() > from.limits.items) {
    work.quarantine_whole(reject_code::too_many_items, {});
  } else {
    out.items.reserve(found.items.size());
    out.message_of_item.reserve(found.items.size());
    for (auto& item : found.items) work.take(item);
    if (found.whole)
      work.quarantine_whole(found.whole->code, found.whole->pointer);
    else if (found.items.empty())
      work.quarantine_whole(reject_code::unknown_kind, {});
  }
  work.finish();
  return out;
}

processed set_aside(const source& from, const connectors::inbound& in, const environment& env, processed request,
                    connectors::reject_code code) {
  processed out;
  out.verdict = std::move(request.verdict);
  out.decoded = std::move(request.decoded);
  out.unit.source = from.id;
  out.unit.items_decoded = 1;
  assembler work(from, in, env, out);
  work.keep_outside();
  work.quarantine_whole(code, {});
  work.finish();
  return out;
}

std::uint64_t largest_unit(const connectors::limits& limits) noexcept {
  // A text may stand in an event twice, once of them in a body that is kept as text, where each quote takes two bytes.
  constexpr std::uint64_t copies_in_events = 3, copies_in_blobs = 3;
  constexpr std::uint64_t around_an_item = 4u << 10, around_the_request = 256u << 10;
  const std::uint64_t body = limits.body_bytes, items = limits.items;
  return copies_in_events * body + std::min<std::uint64_t>(unit_builder::in_unit_total, copies_in_blobs * body) +
         items * around_an_item + around_the_request;
}

}  // namespace switchboard::intake
