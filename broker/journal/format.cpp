#include "broker/journal/format.hpp"

#include <fmt/format.h>

#include <cassert>

#include "broker/base/crc32c.hpp"

namespace switchboard::journal::format {
namespace {

constexpr std::uint64_t identity_magic = 0x544E444944425753;  // "SWBDIDNT"
constexpr std::uint64_t segment_magic = 0x474553524A425753;   // "SWBJRSEG"
constexpr std::uint32_t group_magic = 0x50524753;             // "SGRP"

std::string with_crc(std::string bytes) {
  byte_writer(bytes).number(base::crc32c(0, as_bytes(bytes)));
  return bytes;
}

template <class T>
T load(std::span<const std::byte> bytes, std::size_t at) {
  T value{};
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

}  // namespace

std::string encode(const identity& value) {
  std::string bytes;
  byte_writer out(bytes);
  out.number(identity_magic);
  out.number(version);
  out.id(value.id);
  out.number(value.salt);
  out.number(static_cast<std::uint8_t>(value.mode));
  out.number(static_cast<std::uint8_t>(value.clean));
  out.text(value.boot_id);
  return with_crc(std::move(bytes));
}

std::expected<identity, std::string> decode_identity(std::string_view bytes) {
  if (bytes.size() < 16) return std::unexpected("it is too short");
  const auto body = bytes.substr(0, bytes.size() - 4);
  byte_reader in(body);
  if (in.number<std::uint64_t>() != identity_magic) return std::unexpected("it is not a journal's identity");
  const auto written = in.number<std::uint32_t>();
  if (written > version) return std::unexpected(fmt::format("format {} is newer than this program", written));
  if (written < oldest_version) return std::unexpected(fmt::format("format {} is no longer read", written));
  if (base::crc32c(0, as_bytes(body)) != byte_reader(bytes.substr(body.size())).number<std::uint32_t>())
    return std::unexpected("its checksum is wrong");
  identity value;
  value.id = in.id();
  value.salt = in.number<std::uint64_t>();
  const auto mode = in.number<std::uint8_t>();
  value.clean = in.number<std::uint8_t>() != 0;
  value.boot_id = in.text();
  if (!in.done() || mode > 2) return std::unexpected("it is malformed");
  value.mode = static_cast<acknowledge>(mode);
  return value;
}

std::string encode(const segment_header& value) {
  std::string bytes;
  byte_writer out(bytes);
  out.number(segment_magic);
  out.number(version);
  out.number(value.chain);
  out.id(value.id);
  out.number(value.number);
  out.number(value.epoch);
  out.number(value.first_group);
  out.number(value.first_unit);
  bytes = with_crc(std::move(bytes));
  bytes.resize(segment_header_bytes);
  return bytes;
}

std::expected<segment_header, header_error> decode_segment_header(std::span<const std::byte> bytes) {
  constexpr std::size_t body = 64;
  if (bytes.size() < body + 4 || load<std::uint32_t>(bytes, body) != base::crc32c(0, bytes.first(body)))
    return std::unexpected(header_error::unreadable);
  byte_reader in(as_text(bytes.first(body)));
  if (in.number<std::uint64_t>() != segment_magic) return std::unexpected(header_error::unreadable);
  const auto written = in.number<std::uint32_t>();
  if (written > version) return std::unexpected(header_error::too_new);
  if (written < oldest_version) return std::unexpected(header_error::unreadable);
  segment_header value;
  value.chain = in.number<std::uint32_t>();
  value.id = in.id();
  value.number = in.number<std::uint64_t>();
  value.epoch = in.number<std::uint64_t>();
  value.first_group = in.number<std::uint64_t>();
  value.first_unit = in.number<std::uint64_t>();
  return value;
}

checksum::checksum(std::uint64_t epoch) : seed_(base::crc32c(0, std::as_bytes(std::span(&epoch, 1)))) {}

std::uint32_t checksum::of(std::span<const std::byte> bytes) const { return base::crc32c(seed_, bytes); }

std::size_t begin_unit(std::string& buffer) {
  const auto frame = buffer.size();
  buffer.append(unit_frame_bytes, '\0');
  return frame;
}

void end_unit(std::string& buffer, std::size_t frame) {
  const auto length = static_cast<std::uint32_t>(buffer.size() - frame - unit_frame_bytes);
  std::memcpy(buffer.data() + frame, &length, sizeof length);
}

namespace {

std::string encode_group_header(group_header& header, const checksum& sum) {
  std::string bytes;
  byte_writer out(bytes);
  out.number(group_magic);
  out.number(header.units);
  out.number(header.number);
  out.number(header.first_unit);
  out.number(header.recorded_at);
  out.number(header.durable_through);
  out.number(header.length);
  out.number(header.chain);
  out.number(header.units_crc);
  out.number(header.flags);
  out.number(header.next_chain);
  header.crc = sum.of(as_bytes(bytes));
  out.number(header.crc);
  assert(bytes.size() == group_header_bytes);
  return bytes;
}

}  // namespace

std::string encode_gap(group_header& header, const checksum& sum) {
  header.flags = 1;
  return encode_group_header(header, sum);
}

void finish_group(std::string& buffer, group_header& header, const checksum& sum) {
  header.length = static_cast<std::uint32_t>(buffer.size() - group_header_bytes);
  std::uint32_t units_crc = 0;
  const auto all = std::as_bytes(std::span(buffer));
  for (std::size_t at = group_header_bytes; at < buffer.size();) {
    const auto length = load<std::uint32_t>(all, at);
    const auto crc = sum.of(all.subspan(at + unit_frame_bytes, length));
    std::memcpy(buffer.data() + at + 4, &crc, sizeof crc);
    units_crc = base::crc32c(units_crc, std::as_bytes(std::span(&crc, 1)));
    at += unit_frame_bytes + length;
  }
  header.units_crc = units_crc;

  const auto bytes = encode_group_header(header, sum);
  std::memcpy(buffer.data(), bytes.data(), bytes.size());
  buffer.resize(static_cast<std::size_t>(header.bytes()), '\0');
}

std::optional<group_header> decode_group_header(std::span<const std::byte> bytes, const checksum& sum) {
  if (bytes.size() < group_header_bytes || load<std::uint32_t>(bytes, 0) != group_magic) return std::nullopt;
  group_header value;
  value.crc = load<std::uint32_t>(bytes, 60);
  if (sum.of(bytes.first(60)) != value.crc) return std::nullopt;
  value.units = load<std::uint32_t>(bytes, 4);
  value.number = load<std::uint64_t>(bytes, 8);
  value.first_unit = load<std::uint64_t>(bytes, 16);
  value.recorded_at = load<std::int64_t>(bytes, 24);
  value.durable_through = load<std::uint64_t>(bytes, 32);
  value.length = load<std::uint32_t>(bytes, 40);
  value.chain = load<std::uint32_t>(bytes, 44);
  value.units_crc = load<std::uint32_t>(bytes, 48);
  value.flags = load<std::uint32_t>(bytes, 52);
  value.next_chain = load<std::uint32_t>(bytes, 56);
  return value;
}

namespace {

enum message_flag : std::uint8_t { has_entry = 1, is_conflict = 2, is_counted = 4, has_sequence = 8 };

template <class T>
T& slot(std::vector<T>& values, std::size_t i) {
  if (i == values.size()) values.emplace_back();
  return values[i];
}

}  // namespace

void write_unit_head(byte_writer& out, std::uint64_t number, timestamp recorded_at, const unit& from,
                     std::uint32_t duplicates, std::size_t messages) {
  out.number(number);
  out.number(static_cast<std::int64_t>(recorded_at.time_since_epoch().count()));
  out.text(from.source);
  out.varint(from.items_decoded);
  out.varint(duplicates);
  out.varint(messages);
}

void write_message(byte_writer& out, const message& from, const message_places& places) {
  out.id(from.event.id);
  out.number(from.fingerprint);
  out.number(static_cast<std::uint8_t>((from.dedupe ? has_entry : 0) | (places.conflict ? is_conflict : 0) |
                                       (places.counted ? is_counted : 0) | (from.sequence ? has_sequence : 0)));
  if (from.sequence) {
    out.text(from.sequence->scope);
    out.varint(from.sequence->value);
  }
  out.varint(places.topics.size());
  for (const auto& [name, sequence] : places.topics) {
    out.text(name);
    out.varint(sequence);
  }
  out.text(from.event.key);
  out.text(from.event.body);
  out.varint(from.event.attributes.size());
  for (const auto& [name, value] : from.event.attributes) {
    out.text(name);
    out.text(value);
  }
}

void write_unit_tail(byte_writer& out, const unit& from) {
  out.varint(from.blobs.size());
  for (const auto& blob : from.blobs) {
    out.text(blob.reference);
    out.text(blob.bytes);
  }
  out.varint(from.puts.size());
  for (const auto& put : from.puts) {
    out.text(put.space);
    out.text(put.key);
    out.text(put.value);
  }
}

bool decode_unit(std::string_view body, decoded_unit& unit) {
  byte_reader in(body);
  auto& stored = unit.stored;
  stored.number = in.number<std::uint64_t>();
  stored.recorded_at = timestamp(std::chrono::milliseconds(in.number<std::int64_t>()));
  stored.source = in.text();
  unit.items_decoded = static_cast<std::uint32_t>(in.varint());
  unit.duplicates = static_cast<std::uint32_t>(in.varint());

  const auto messages = in.count();
  for (std::size_t i = 0; i < messages && in.ok(); ++i) {
    auto& message = slot(stored.messages, i);
    auto& more = slot(unit.messages, i);
    message.id = more.id = in.id();
    more.fingerprint = in.number<std::uint64_t>();
    const auto flags = in.number<std::uint8_t>();
    more.deduped = (flags & has_entry) != 0;
    more.conflict = (flags & is_conflict) != 0;
    more.counted = (flags & is_counted) != 0;
    more.sequence.reset();
    if ((flags & has_sequence) != 0) {
      const auto scope = in.text();
      more.sequence.emplace(scope, in.varint());
    }
    const auto topics = in.count();
    for (std::size_t t = 0; t < topics && in.ok(); ++t) {
      auto& topic = slot(message.topics, t);
      topic.first = in.text();
      topic.second = in.varint();
    }
    message.topics.resize(std::min(message.topics.size(), topics));
    message.key = in.text();
    message.value = in.text();
    const auto attributes = in.count();
    message.attributes.clear();
    for (std::size_t a = 0; a < attributes && in.ok(); ++a) {
      const auto name = in.text();
      message.attributes.emplace_back(name, in.text());
    }
  }
  stored.messages.resize(std::min(stored.messages.size(), messages));
  unit.messages.resize(stored.messages.size());

  const auto blobs = in.count();
  stored.blobs.clear();
  for (std::size_t i = 0; i < blobs && in.ok(); ++i) {
    const auto reference = in.text();
    stored.blobs.emplace_back(reference, in.text());
  }
  const auto puts = in.count();
  unit.puts.clear();
  for (std::size_t i = 0; i < puts && in.ok(); ++i) {
    const auto space = in.text();
    const auto key = in.text();
    unit.puts.push_back({space, key, in.text()});
  }
  return in.done();
}

std::string numbered(std::string_view prefix, std::uint64_t number, std::string_view suffix) {
  return fmt::format("{}{:020}{}", prefix, number, suffix);
}

std::optional<std::uint64_t> number_of(std::string_view name, std::string_view prefix, std::string_view suffix) {
  if (name.size() != prefix.size() + 20 + suffix.size() || !name.starts_with(prefix) || !name.ends_with(suffix))
    return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : name.substr(prefix.size(), 20)) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return value;
}

}  // namespace switchboard::journal::format
