#include "broker/intake/unit_builder.hpp"

#include <algorithm>

#include "broker/blobs/store.hpp"
#include "broker/intake/ids.hpp"
#include "broker/intake/request_line.hpp"
#include "broker/observe/traceparent.hpp"
#include "schemas/names.hpp"

namespace switchboard::intake {
namespace {

// Up to this an original stands in its record, in base64; beyond it, and from the second record on, in a blob.
constexpr std::size_t inline_original_limit = 128u << 10;
// Ids that are made over the content carry it: whatever comes again under one is the same.
constexpr std::uint64_t same_by_construction = 1;

}  // namespace

unit_builder::unit_builder(const source& from, const connectors::inbound& in, const environment& env,
                           const schemas::verdict_info& verdict, processed& out)
    : source_(from), in_(in), environment_(env), verdict_(verdict), out_(out), day_(day_of(in.received_at)) {
  if (const auto header = in.find("traceparent"))
    if (const auto trace = observe::traceparent::parse(*header)) traceparent_ = trace->to_string();
}

schemas::timestamp unit_builder::blobs_expire_at() const {
  return std::chrono::floor<std::chrono::days>(in_.received_at) + std::chrono::days(environment_.blob_retention_days);
}

unit_builder::stored_blob unit_builder::store(const tenant& owner, std::string bytes) {
  auto hex = to_hex(sha256({bytes}));
  auto reference = owner.id + '/' + day_ + '/' + hex;  // as blobs::to_string writes it
  stored_blob out{"blob:" + reference, std::move(hex)};
  if (references_.insert(reference).second) {
    in_unit_bytes_ += bytes.size() <= blobs::in_unit_limit ? bytes.size() : 0;
    if (!outside_ && bytes.size() <= blobs::in_unit_limit && in_unit_bytes_ <= in_unit_total)
      out_.unit.blobs.push_back({std::move(reference), std::move(bytes)});
    else
      out_.large_blobs.emplace_back(std::move(reference), std::move(bytes));
  }
  return out;
}

unit_builder::stored_blob unit_builder::store_sealed(const tenant& owner, std::string_view plain) {
  return store(owner, seal(owner, plain, environment_.random));
}

std::size_t unit_builder::add(schemas::encoded_event event, std::uint64_t fingerprint,
                              std::vector<std::string> also_to) {
  auto& message = out_.unit.messages.emplace_back();
  message.topics.reserve(1 + also_to.size());
  message.topics.emplace_back(schemas::to_string(event.topic));
  for (auto& topic : also_to)
    if (topic != message.topics.front()) message.topics.push_back(std::move(topic));
  message.event = std::move(event);
  message.fingerprint = fingerprint;
  return out_.unit.messages.size() - 1;
}

schemas::sealed_inbound unit_builder::sealed_inbound() {
  if (original_in_blob_) return *original_in_blob_;
  const auto& owner = owner_of(source_);
  std::string line;
  append_request_line(line, source_.id, in_, redaction::as_it_came);
  schemas::sealed_inbound out;
  out.key_id = seal_key_id(owner);
  out.size = static_cast<std::int64_t>(line.size());
  if (!original_written_ && !outside_ && line.size() <= inline_original_limit) {
    out.bytes = seal(owner, line, environment_.random);
  } else {
    out.blob = store_sealed(owner, line).uri;
    original_in_blob_ = out;
  }
  original_written_ = true;
  return out;
}

void unit_builder::fill(schemas::original& record, const tenant* owner) {
  record.received_at = in_.received_at;
  if (owner != nullptr) record.tenant = owner->id;
  record.source = {source_.id, std::string(source_.connector->name), std::string(source_.connector->version)};
  record.verdict = verdict_;
  record.inbound = sealed_inbound();
  record.traceparent = traceparent_;
}

std::size_t unit_builder::quarantine(std::uint32_t item, connectors::reject_code code, std::string_view pointer,
                                     const tenant* owner) {
  schemas::quarantine_record record;
  record.id = quarantine_id(source_.name_space, in_.method, in_.target, in_.body, item);
  fill(record, owner);
  record.code = connectors::to_string(code);
  record.reason = explanation(code);
  constexpr std::size_t longest_pointer = 512;
  record.pointer = pointer.substr(0, longest_pointer);
  auto& entry = out_.quarantined.emplace_back(std::nullopt, code, record.pointer);
  if (item != whole_request) record.item = entry.item = item;
  return add(encode(record, environment_.codec), same_by_construction);
}

void unit_builder::add_raw_copy(const tenant* owner, std::vector<uuid> events) {
  schemas::raw_record record;
  record.id = raw_id(source_.name_space, in_.method, in_.target, in_.body, in_.received_at);
  fill(record, owner);
  record.code = "configured";
  record.reason = "the source keeps a copy of every request";
  record.event_ids = std::move(events);
  add(encode(record, environment_.codec), same_by_construction);
}

}  // namespace switchboard::intake
