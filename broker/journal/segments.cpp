#include "broker/journal/segments.hpp"

#include <fmt/format.h>

#include <cassert>

namespace switchboard::journal {
namespace {

std::string spare_path(const format::paths& paths) { return paths.segments + "/spare"; }

}  // namespace

segment_store::segment_store(base::file_system& fs, const format::paths& paths, const settings& s, std::uint64_t salt,
                             const uuid& id, probe& p, const std::function<void(std::string_view)>& fatal)
    : fs_(fs), paths_(paths), settings_(s), salt_(salt), id_(id), probe_(p), fatal_(fatal) {}

void segment_store::fail(const std::string& what, std::error_code error) const {
  fatal_(fmt::format("{}: {}", what, error.message()));
  throw process_ended{};
}

void segment_store::resume(const scan_result& from) {
  live_.assign(from.segments.begin(), from.segments.end());
  free_.assign(from.blank.begin(), from.blank.end());
  offset_ = from.end_offset;
  if (live_.empty()) return;
  auto file = fs_.open(paths_.segment(current().number), base::open_mode::read_write);
  if (!file) fail("cannot open " + paths_.segment(current().number), file.error());
  file_ = std::move(*file);
  sync();  // what was read may have been in the page cache only
}

std::uint64_t segment_store::files_at_most() const {
  return std::max<std::uint64_t>(2, settings_.max_bytes / settings_.segment_bytes);
}

std::uint64_t segment_store::used_bytes() const {
  return live_.empty() ? 0 : (live_.size() - 1) * settings_.segment_bytes + offset_;
}

std::uint64_t segment_store::free_bytes() const {
  const auto segments = stuck_ ? live_.size() : no_space_ ? files() : files_at_most();
  const auto whole = segments > live_.size() ? segments - live_.size() : 0;
  const auto here = live_.empty() || offset_ >= settings_.segment_bytes ? 0 : settings_.segment_bytes - offset_;
  return whole * (settings_.segment_bytes - format::segment_header_bytes) + here;
}

bool segment_store::make_room(std::uint64_t bytes, const next_group& next) {
  if (fits(bytes)) return true;
  assert(format::segment_header_bytes + bytes <= settings_.segment_bytes);
  if (free_.empty() && !spare_ && !placed_ && files() >= files_at_most()) return false;
  if (!live_.empty() && !synced_) sync();
  return begin_segment(next);
}

bool segment_store::begin_segment(const next_group& next) {
  const auto number = live_.empty() ? 1 : current().number + 1;
  if (!placed_) {
    if (auto placed = place_file(number); !placed) {
      if (!base::lacks_resources(placed.error())) fail("cannot make " + paths_.segment(number), placed.error());
      no_space_ = true;
      return false;
    }
    placed_ = true;
  }
  stuck_ = true;
  if (auto ok = fs_.sync_directory(paths_.segments, base::sync_site::segment_directory); !ok) {
    if (base::lacks_descriptors(ok.error())) return false;
    fail("cannot sync " + paths_.segments, ok.error());
  }
  auto file = fs_.open(paths_.segment(number), base::open_mode::read_write);
  if (!file) {
    if (base::lacks_resources(file.error())) return false;
    fail("cannot open " + paths_.segment(number), file.error());
  }
  const auto header = format::encode({.id = id_,
                                      .number = number,
                                      .epoch = format::epoch_of(salt_, number),
                                      .first_group = next.number,
                                      .first_unit = next.unit,
                                      .chain = next.chain});
  if (auto ok = (*file)->write_at(0, as_bytes(header)); !ok) fail("cannot write " + paths_.segment(number), ok.error());
  file_ = std::move(*file);
  live_.push_back({.number = number, .first_group = next.number, .first_unit = next.unit});
  offset_ = format::segment_header_bytes;
  synced_ = false;
  placed_ = no_space_ = stuck_ = false;
  ++rotations_;
  return true;
}

// A file under the new segment's name: one that is used again, the prepared one, or a new one.
base::io_result<> segment_store::place_file(std::uint64_t number) {
  const auto path = paths_.segment(number);
  if (!free_.empty()) {
    auto from = std::ranges::find(free_, number);
    if (from == free_.end()) from = free_.begin();
    if (*from != number)
      if (auto ok = fs_.rename(paths_.segment(*from), path); !ok) return ok;
    free_.erase(from);
    probe_.segments_recycled.Increment();
    return {};
  }
  if (!spare_) {
    if (auto ok = prepare_spare(fs_, paths_, settings_.segment_bytes); !ok) return ok;
    spare_ = true;
  }
  if (auto ok = fs_.rename(spare_path(paths_), path); !ok) return ok;
  spare_ = false;
  probe_.segments_created.Increment();
  return {};
}

base::io_result<> segment_store::prepare_spare(base::file_system& fs, const format::paths& paths, std::uint64_t bytes) {
  const auto path = spare_path(paths);
  if (auto there = fs.exists(path); there && *there)
    if (auto ok = fs.remove(path); !ok) return ok;
  auto file = fs.open(path, base::open_mode::create);
  if (!file) return std::unexpected(file.error());
  auto filled = (*file)->fill_with_zeros(bytes);
  if (!filled) {
    file->reset();
    std::ignore = fs.remove(path);
  }
  return filled;
}

bool segment_store::wants_spare() const {
  return !live_.empty() && free_.empty() && !spare_ && !placed_ && files() < files_at_most() &&
         (no_space_ || offset_ * 2 >= settings_.segment_bytes);
}

void segment_store::spare_failed(std::error_code error) {
  if (base::lacks_resources(error)) no_space_ = true;
}

void segment_store::append(std::string_view group) {
  if (auto ok = file_->write_at(offset_, as_bytes(group)); !ok)
    fail("cannot write " + paths_.segment(current().number), ok.error());
  offset_ += group.size();
  synced_ = false;
}

void segment_store::sync() {
  const auto before = std::chrono::steady_clock::now();
  if (auto ok = file_->sync_data(base::sync_site::group_commit); !ok)
    fail("cannot sync " + paths_.segment(current().number), ok.error());
  probe_.sync_seconds.Observe(std::chrono::duration<double>(std::chrono::steady_clock::now() - before).count());
  synced_ = true;
}

void segment_store::note(std::uint64_t group, std::uint64_t last_unit) {
  live_.back().last_group = group;
  live_.back().last_unit = last_unit;
}

bool segment_store::release(std::uint64_t published_unit, std::uint64_t snapshot_group) {
  const auto before = live_.size();
  while (live_.size() > 1 && live_.front().last_unit <= published_unit && live_.front().last_group <= snapshot_group) {
    free_.push_back(live_.front().number);
    live_.pop_front();
    no_space_ = false;
  }
  return live_.size() != before;
}

void segment_store::publish_segments(readable& to) const {
  const std::lock_guard lock(to.mutex);
  if (to.segments.size() != live_.size() || to.segments.empty() || to.segments.front().number != live_.front().number ||
      to.segments.back().number != live_.back().number) {
    to.segments.clear();
    for (const auto& s : live_) to.segments.push_back({s.number, s.first_group, s.first_unit});
  }
  to.end_offset = offset_;
}

}  // namespace switchboard::journal
