#include "broker/journal/assembler.hpp"

#include <openssl/sha.h>

namespace switchboard::journal {

std::size_t bound_of_encoded(const unit& from) {
  constexpr std::size_t length = 10, message_fixed = 128, flag_of_conflict = 64;
  std::size_t bytes = format::unit_frame_bytes + 64 + from.source.size();
  for (const auto& m : from.messages) {
    bytes += message_fixed + flag_of_conflict + m.event.body.size() + m.event.key.size();
    if (m.sequence) bytes += m.sequence->scope.size();
    for (const auto& topic : m.topics) bytes += topic.size() + 2 * length;
    for (const auto& a : m.event.attributes) bytes += a.name.size() + a.value.size() + 2 * length;
  }
  for (const auto& b : from.blobs) bytes += b.reference.size() + b.bytes.size() + 2 * length;
  for (const auto& p : from.puts) bytes += p.space.size() + p.key.size() + p.value.size() + 3 * length;
  return bytes;
}

uuid conflict_id(const uuid& id, std::uint64_t fingerprint) {
  std::array<std::uint8_t, 24> input{};
  std::ranges::copy(id.bytes, input.begin());
  for (std::size_t i = 0; i < 8; ++i) input[16 + i] = static_cast<std::uint8_t>(fingerprint >> (56 - 8 * i));
  std::array<std::uint8_t, SHA256_DIGEST_LENGTH> digest{};
  SHA256(input.data(), input.size(), digest.data());
  uuid result;
  std::copy_n(digest.begin(), result.bytes.size(), result.bytes.begin());
  result.bytes[6] = static_cast<std::uint8_t>((result.bytes[6] & 0x0F) | 0x80);
  result.bytes[8] = static_cast<std::uint8_t>((result.bytes[8] & 0x3F) | 0x80);
  return result;
}

bool is_counted(const message& m) { return m.event.topic != schemas::topic_class::raw; }

void assembler::begin(const position& after, timestamp recorded_at, std::uint64_t durable_through) {
  header_ = {.number = after.group + 1,
             .first_unit = after.unit + 1,
             .recorded_at = recorded_at.time_since_epoch().count(),
             .durable_through = durable_through,
             .chain = after.chain};
  recorded_at_ = recorded_at;
  day_ = dedupe::day_of(header_.recorded_at);
  buffer_.clear();
  buffer_.resize(format::group_header_bytes);
  pending_.clear();
  shares_.clear();
}

message_outcome assembler::decide(message& m, bool& store) {
  store = false;
  auto outcome = message_outcome::appended;
  if (m.dedupe) {
    if (const auto seen = dedupe_.find(m.event.id)) {
      if (*seen == m.fingerprint) return message_outcome::duplicate;
      const auto id = conflict_id(m.event.id, m.fingerprint);
      if (dedupe_.find(id)) return message_outcome::duplicate;
      m.event.replace_id(id);
      outcome = message_outcome::conflict;
    } else if (m.sequence && sequences_.taken(m.sequence->scope, m.sequence->value)) {
      return message_outcome::duplicate;
    }
    dedupe_.insert(m.event.id, m.fingerprint, day_);
  } else if (m.sequence && sequences_.taken(m.sequence->scope, m.sequence->value)) {
    return message_outcome::duplicate;
  }
  if (m.sequence) sequences_.take(m.sequence->scope, m.sequence->value, header_.recorded_at);
  store = true;
  return outcome;
}

void assembler::encode(message& m, message_outcome outcome) {
  m.event.stamp(recorded_at_);
  topics_.clear();
  for (const auto& topic : m.topics) topics_.emplace_back(topic, sequences_.next(topic));
  byte_writer out(buffer_);
  format::write_message(
      out, m, {.conflict = outcome == message_outcome::conflict, .counted = is_counted(m), .topics = topics_});
}

void assembler::add(queued&& item) {
  auto& from = item.content;
  const auto number = header_.first_unit + header_.units++;
  pending_.push_back(
      {.result = {.number = number, .recorded_at = recorded_at_, .outcomes = {}}, .done = std::move(item.done)});
  auto& outcomes = pending_.back().result.outcomes;
  outcomes.reserve(from.messages.size());

  books::counts counts{.decoded = from.items_decoded};
  std::uint32_t duplicates = 0;
  stored_.clear();
  for (std::size_t i = 0; i < from.messages.size(); ++i) {
    bool store = false;
    const auto outcome = decide(from.messages[i], store);
    outcomes.push_back(outcome);
    if (store) stored_.push_back(i);
    const bool counted = is_counted(from.messages[i]);
    if (outcome == message_outcome::duplicate) {
      probe_.messages_duplicate.Increment();
      if (counted) ++duplicates;
    } else {
      (outcome == message_outcome::conflict ? probe_.messages_conflict : probe_.messages_appended).Increment();
      if (counted) ++counts.appended;
    }
  }
  counts.duplicates = duplicates;

  const auto frame = format::begin_unit(buffer_);
  byte_writer out(buffer_);
  format::write_unit_head(out, number, recorded_at_, from, duplicates, stored_.size());
  for (const auto i : stored_) encode(from.messages[i], outcomes[i]);
  format::write_unit_tail(out, from);
  format::end_unit(buffer_, frame);
  shares_.push_back({std::move(from.source), counts, std::move(from.puts)});
}

std::string_view assembler::finish(std::uint64_t epoch) {
  format::finish_group(buffer_, header_, format::checksum(epoch));
  return buffer_;
}

void assembler::settle(books& into) {
  books::update update(into);
  for (const auto& [source, counts, puts] : shares_) {
    update.count(source, counts);
    for (const auto& put : puts) update.put(put.space, put.key, put.value);
  }
  update.set_topics(sequences_.topics());
}

}  // namespace switchboard::journal
