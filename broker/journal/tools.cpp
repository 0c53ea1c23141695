#include "broker/journal/tools.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include "broker/journal/offline.hpp"
#include "schemas/codec.hpp"

namespace switchboard::journal::tools {
namespace {

std::string base64(std::string_view bytes) {
  static constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t v = 0;
    const auto n = std::min<std::size_t>(3, bytes.size() - i);
    for (std::size_t k = 0; k < 3; ++k) v = (v << 8) | (k < n ? static_cast<std::uint8_t>(bytes[i + k]) : 0U);
    for (std::size_t k = 0; k < 4; ++k) out.push_back(k <= n ? digits[(v >> (18 - 6 * k)) & 63] : '=');
  }
  return out;
}

// Text as it is; bytes that are no text under another name.
void member(std::string& out, std::string_view name, std::string_view value) {
  const bool text = simdjson::validate_utf8(value.data(), value.size());
  out += fmt::format("\"{}{}\":", name, text ? "" : "_base64");
  schemas::append_json_string(out, text ? value : std::string_view(base64(value)));
}

void write_message(std::string& out, const stored_message& m, const format::unit_message& more) {
  out += fmt::format("{{\"id\":\"{}\",\"fingerprint\":\"{:016x}\",\"dedupe\":{},\"conflict\":{},\"counted\":{}",
                     schemas::to_string(m.id), more.fingerprint, more.deduped, more.conflict, more.counted);
  if (more.sequence) {
    out += ",\"sequence\":{";
    member(out, "scope", more.sequence->first);
    out += fmt::format(",\"value\":{}}}", more.sequence->second);
  }
  out += ",\"topics\":[";
  for (const auto& [name, sequence] : m.topics) {
    out += out.back() == '[' ? "{" : ",{";
    member(out, "topic", name);
    out += fmt::format(",\"sbseq\":{}}}", sequence);
  }
  out += "],";
  member(out, "key", m.key);
  out += ",";
  member(out, "value", m.value);
  out += ",\"attributes\":[";
  for (const auto& [name, value] : m.attributes) {
    out += out.back() == '[' ? "{" : ",{";
    member(out, "name", name);
    out += ",";
    member(out, "value", value);
    out += "}";
  }
  out += "]}";
}

std::string as_json(const format::decoded_unit& unit, std::uint64_t group) {
  std::string out = fmt::format("{{\"unit\":{},\"group\":{},\"recorded_at\":\"{}\",", unit.stored.number, group,
                                schemas::to_string(unit.stored.recorded_at));
  member(out, "source", unit.stored.source);
  out += fmt::format(",\"items_decoded\":{},\"duplicates\":{},\"messages\":[", unit.items_decoded, unit.duplicates);
  for (std::size_t i = 0; i < unit.messages.size(); ++i) {
    if (i > 0) out += ",";
    write_message(out, unit.stored.messages[i], unit.messages[i]);
  }
  out += "],\"blobs\":[";
  for (const auto& [reference, bytes] : unit.stored.blobs) {
    out += out.back() == '[' ? "{" : ",{";
    member(out, "reference", reference);
    out += fmt::format(",\"bytes_base64\":\"{}\"}}", base64(bytes));
  }
  out += "],\"puts\":[";
  for (const auto& put : unit.puts) {
    out += out.back() == '[' ? "{" : ",{";
    member(out, "space", put.space);
    out += ",";
    member(out, "key", put.key);
    out += ",";
    member(out, "value", put.value);
    out += "}";
  }
  return out + "]}";
}

}  // namespace

std::expected<summary, std::string> inspect(base::file_system& fs, const std::string& directory) {
  auto j = offline::open(fs, directory);
  if (!j) return std::unexpected(j.error());
  summary result{.id = j->identity.id, .mode = j->identity.mode, .clean = j->identity.clean};
  sequences sequence;
  books book;
  auto snapshot = load_snapshot(fs, j->paths);
  if (!snapshot) return std::unexpected(snapshot.error());
  if (*snapshot) {
    byte_reader in((*snapshot)->body);
    if (!decode(in, sequence) || !book.decode(in)) return std::unexpected("the snapshot is malformed");
    result.snapshot_unit = (*snapshot)->at.unit;
    for (const auto& name : (*snapshot)->runs) {
      auto run = dedupe::run::open(fs, j->paths.dedupe, name, 0);
      if (!run) return std::unexpected(run.error().message);
      ++result.dedupe_runs;
      result.dedupe_entries += (*run)->entries().size();
    }
  }
  const auto from = result.snapshot_unit.value_or(0);
  auto scanned = j->scan(*snapshot, [&](const segment_info& info, const group_view& group) {
    if (result.segments.empty() || result.segments.back().number != info.number)
      result.segments.push_back({.file = j->paths.segment(info.number),
                                 .number = info.number,
                                 .first_group = info.first_group,
                                 .first_unit = info.first_unit});
    auto& segment = result.segments.back();
    ++segment.groups;
    segment.units += group.header.units;
    segment.bytes += group.header.bytes();
    offline::for_each_unit(group, [&](const format::decoded_unit& unit) {
      if (unit.stored.number > from) replay(unit, sequence, book);
      return true;
    });
  });
  if (!scanned) return std::unexpected(scanned.error());
  books::update(book).set_topics(sequence.topics());
  result.prepared_segments = scanned->blank.size();
  result.last_group = scanned->last_group;
  result.last_unit = scanned->last_unit;
  if (scanned->last_recorded != 0) result.last_recorded = timestamp(std::chrono::milliseconds(scanned->last_recorded));
  result.books = book.current();
  result.state_entries = book.state_entries();
  result.sequence_scopes = sequence.marks().size();
  if (scanned->found) result.damage = describe(*scanned->found, directory);
  return result;
}

std::expected<verified, std::string> verify(base::file_system& fs, const std::string& directory) {
  auto j = offline::open(fs, directory);
  if (!j) return std::unexpected(j.error());
  verified result;
  auto snapshot = load_snapshot(fs, j->paths);
  if (!snapshot) {
    result.damaged.push_back({j->paths.snapshots, 0, snapshot.error()});
    snapshot = std::nullopt;
  }
  if (*snapshot)
    for (const auto& name : (*snapshot)->runs)
      if (auto run = dedupe::run::open(fs, j->paths.dedupe, name, 0); !run)
        result.damaged.push_back({j->paths.dedupe + "/" + name, 0, run.error().message});
  if (!result.damaged.empty() && !*snapshot) {
    // Without a snapshot the segments begin where they begin.
    auto first = j->first_position();
    if (!first) return std::unexpected(first.error());
    *snapshot = switchboard::journal::snapshot{.id = {}, .at = *first, .body = {}, .runs = {}};
  }
  auto scanned = j->scan(*snapshot, [&](const segment_info& info, const group_view& group) {
    ++result.groups;
    result.bytes += group.header.bytes();
    if (!offline::for_each_unit(group, [&](const format::decoded_unit& unit) {
          ++result.units;
          result.messages += unit.messages.size();
          return true;
        }))
      result.damaged.push_back({j->paths.segment(info.number), group.offset, "a unit is malformed"});
  });
  if (!scanned) return std::unexpected(scanned.error());
  if (scanned->found)
    result.damaged.push_back({scanned->found->file, scanned->found->offset, describe(*scanned->found, directory)});
  return result;
}

std::expected<void, std::string> export_units(base::file_system& fs, const std::string& directory,
                                              const std::function<bool(std::string_view line)>& sink) {
  auto j = offline::open(fs, directory);
  if (!j) return std::unexpected(j.error());
  auto snapshot = load_snapshot(fs, j->paths);
  if (!snapshot) return std::unexpected(snapshot.error());
  bool wanted = true;
  auto scanned = j->scan(*snapshot, [&](const segment_info&, const group_view& group) {
    if (!wanted) return;
    offline::for_each_unit(group, [&](const format::decoded_unit& unit) {
      wanted = sink(as_json(unit, group.header.number));
      return wanted;
    });
  });
  if (!scanned) return std::unexpected(scanned.error());
  if (scanned->found) return std::unexpected(describe(*scanned->found, directory));
  return {};
}

}  // namespace switchboard::journal::tools
