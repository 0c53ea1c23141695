#include "broker/journal/snapshot.hpp"

#include <fmt/format.h>

#include "broker/base/crc32c.hpp"
#include "broker/base/durable.hpp"

namespace switchboard::journal {
namespace {

constexpr std::uint64_t snapshot_magic = 0x50414E5344425753;  // "SWBDSNAP"

}  // namespace

std::string encode(const snapshot& value) {
  std::string bytes;
  byte_writer out(bytes);
  out.number(snapshot_magic);
  out.number(format::snapshot_version);
  out.id(value.id);
  out.number(value.at.group);
  out.number(value.at.unit);
  out.number(value.at.chain);
  out.number(value.at.recorded_at);
  bytes.append(value.body);
  out.varint(value.runs.size());
  for (const auto& name : value.runs) out.text(name);
  out.number(base::crc32c(0, as_bytes(bytes)));
  return bytes;
}

std::expected<snapshot, std::string> decode_snapshot(std::string_view bytes) {
  if (bytes.size() < 60) return std::unexpected("it is too short");
  const auto all = bytes.substr(0, bytes.size() - 4);
  byte_reader in(all);
  if (in.number<std::uint64_t>() != snapshot_magic) return std::unexpected("it is not a snapshot");
  const auto written = in.number<std::uint32_t>();
  if (written > format::snapshot_version)
    return std::unexpected(fmt::format("format {} is newer than this program", written));
  if (written < format::oldest_version) return std::unexpected(fmt::format("format {} is no longer read", written));
  if (base::crc32c(0, as_bytes(all)) != byte_reader(bytes.substr(all.size())).number<std::uint32_t>())
    return std::unexpected("its checksum is wrong");
  snapshot value;
  value.id = in.id();
  value.at.group = in.number<std::uint64_t>();
  value.at.unit = in.number<std::uint64_t>();
  value.at.chain = in.number<std::uint32_t>();
  value.at.recorded_at = in.number<std::int64_t>();
  const auto body_at = all.size() - in.left();
  sequences sequence;
  books book;
  const bool undated = written < format::snapshot_version;
  if (!decode(in, sequence, undated ? std::optional(value.at.recorded_at) : std::nullopt) || !book.decode(in))
    return std::unexpected("it is malformed");
  if (undated) {
    byte_writer out(value.body);
    encode(out, sequence);
    book.encode(out);
  } else {
    value.body = all.substr(body_at, all.size() - in.left() - body_at);
  }
  for (auto left = in.count(); left > 0 && in.ok(); --left) value.runs.emplace_back(in.text());
  if (!in.done()) return std::unexpected("it is malformed");
  return value;
}

std::expected<std::optional<snapshot>, std::string> load_snapshot(base::file_system& fs, const format::paths& paths) {
  auto names = fs.list(paths.snapshots);
  if (!names) return std::unexpected(fmt::format("cannot read {}: {}", paths.snapshots, names.error().message()));
  std::string problem;
  for (auto name = names->rbegin(); name != names->rend(); ++name) {
    if (!format::number_of(*name, "", ".snapshot")) continue;
    const auto path = paths.snapshots + "/" + *name;
    auto bytes = base::read_whole(fs, path);
    if (!bytes) return std::unexpected(fmt::format("cannot read {}: {}", path, bytes.error().message()));
    auto value = decode_snapshot(*bytes);
    if (value) return std::move(*value);
    if (problem.empty()) problem = fmt::format("the snapshot {} is damaged: {}", path, value.error());
  }
  if (!problem.empty()) return std::unexpected(problem);
  return std::nullopt;
}

std::expected<dedupe::runs, dedupe::failure> snapshot_job::operator()() {
  auto live = dedupe::spill(fs_, paths_.dedupe, part_, before_, filter_budget_, next_run_);
  if (!live) return live;
  auto value = snapshot_;
  for (const auto& run : *live) value.runs.push_back(run->name());
  if (auto error =
          base::write_durably(fs_, paths_.snapshots, format::numbered("", value.at.group, ".snapshot"), encode(value),
                              base::sync_site::snapshot_file, base::sync_site::snapshot_directory))
    return std::unexpected(*error);
  remove_obsolete(*live);
  return live;
}

// What is left over is tried again next time, so a failure here is none.
void snapshot_job::remove_obsolete(const dedupe::runs& live) {
  if (auto names = fs_.list(paths_.snapshots))
    for (const auto& name : *names)
      if (const auto number = format::number_of(name, "", ".snapshot"); number && *number < snapshot_.at.group)
        std::ignore = fs_.remove(paths_.snapshots + "/" + name);
  if (auto names = fs_.list(paths_.dedupe))
    for (const auto& name : *names)
      if (std::ranges::none_of(live, [&](const auto& run) { return run->name() == name; }))
        std::ignore = fs_.remove(paths_.dedupe + "/" + name);
}

}  // namespace switchboard::journal
