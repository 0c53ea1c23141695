#include "broker/journal/offline.hpp"

#include <fmt/format.h>

namespace switchboard::journal::offline {

std::expected<opened, std::string> open(base::file_system& fs, const std::string& directory) {
  opened result{.fs = fs, .paths = format::paths(directory), .lock = nullptr, .identity = {}};
  const auto& paths = result.paths;
  auto bytes = base::read_whole(fs, paths.identity);
  if (!bytes)
    return std::unexpected(
        fmt::format("{} is no journal: cannot read {}: {}", directory, paths.identity, bytes.error().message()));
  auto lock = fs.lock(paths.lock);
  if (!lock && lock.error() == std::errc::device_or_resource_busy)
    return std::unexpected(fmt::format("the journal {} is in use by another process; stop it first", directory));
  if (!lock) return std::unexpected(fmt::format("cannot lock {}: {}", paths.lock, lock.error().message()));
  result.lock = std::move(*lock);
  auto identity = format::decode_identity(*bytes);
  if (!identity) return std::unexpected(fmt::format("cannot use {}: {}", paths.identity, identity.error()));
  result.identity = std::move(*identity);
  return result;
}

std::expected<scan_result, std::string> opened::scan(
    const std::optional<snapshot>& from,
    const std::function<void(const segment_info&, const group_view&)>& on_group) const {
  scan_start start{.salt = identity.salt};
  if (from) {
    start.group = from->at.group;
    start.unit = from->at.unit;
    start.chain = from->at.chain;
    start.snapshot = true;
  }
  return switchboard::journal::scan(fs, paths, start, on_group);
}

std::expected<position, std::string> opened::first_position() const {
  auto names = fs.list(paths.segments);
  if (!names) return std::unexpected(fmt::format("cannot read {}: {}", paths.segments, names.error().message()));
  for (const auto& name : *names) {
    const auto number = format::number_of(name, "", ".segment");
    if (!number) continue;
    auto file = fs.open(paths.segment(*number), base::open_mode::read);
    std::array<std::byte, format::segment_header_bytes> bytes{};
    const auto n = file ? (*file)->read_at(0, bytes) : base::io_result<std::size_t>(0);
    if (!n) continue;
    const auto header = format::decode_segment_header(std::span(bytes).first(*n));
    if (!header || header->number != *number || header->epoch != format::epoch_of(identity.salt, *number)) continue;
    return position{.group = header->first_group - 1, .unit = header->first_unit - 1, .chain = header->chain};
  }
  return position{};
}

bool for_each_unit(const group_view& group, const std::function<bool(const format::decoded_unit&)>& visit) {
  format::decoded_unit decoded;
  auto units = group.units;
  while (const auto body = take_unit(units)) {
    if (!format::decode_unit(*body, decoded)) return false;
    if (!visit(decoded)) return true;
  }
  return true;
}

}  // namespace switchboard::journal::offline
