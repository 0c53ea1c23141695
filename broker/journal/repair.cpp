#include <fmt/format.h>

#include "broker/journal/offline.hpp"
#include "broker/journal/tools.hpp"

namespace switchboard::journal::tools {
namespace {

using base::sync_site;

class repairer {
 public:
  repairer(offline::opened& j, repair_mode mode) : j_(j), fs_(j.fs), mode_(mode) {}

  std::expected<repaired, std::string> run() {
    try {
      if (!mend_snapshot()) mend_segments();
      return std::move(result_);
    } catch (const std::string& problem) {
      return std::unexpected(problem);
    }
  }

 private:
  // This file throws what it tells the person: a repair that cannot go on has nobody else to decide.
  template <class T>
  T must(std::expected<T, std::error_code> value, const std::string& path) {
    if (!value) throw fmt::format("cannot repair {}: {}", path, value.error().message());
    if constexpr (!std::is_void_v<T>) return std::move(*value);
  }
  template <class T>
  T must(std::expected<T, std::string> value) {
    if (!value) throw value.error();
    return std::move(*value);
  }
  void must(const std::optional<base::failure>& error) {
    if (error) throw error->message;
  }

  void set_aside(const std::string& path) {
    must(fs_.rename(path, path + ".damaged"), path);
    result_.changed = true;
  }

  // Numbers may already have been given to what is lost: under another id they mean nothing else.
  void rename_journal() {
    j_.identity.id = random_uuid();
    must(write_identity(fs_, j_.paths, j_.identity));
    result_.notes.push_back(
        fmt::format("the journal is called {} from now on: numbers of the old one may have been used",
                    schemas::to_string(j_.identity.id)));
  }

  void write_snapshot(const snapshot& value) {
    must(base::write_durably(fs_, j_.paths.snapshots, format::numbered("", value.at.group, ".snapshot"), encode(value),
                             sync_site::snapshot_file, sync_site::snapshot_directory));
    result_.changed = true;
  }

  bool mend_snapshot() {
    auto loaded = load_snapshot(fs_, j_.paths);
    if (!loaded) {
      for (const auto& name : must(fs_.list(j_.paths.snapshots), j_.paths.snapshots))
        if (format::number_of(name, "", ".snapshot")) set_aside(j_.paths.snapshots + "/" + name);
      std::string body;
      byte_writer out(body);
      encode(out, sequences());
      books{}.encode(out);
      write_snapshot({.id = j_.identity.id, .at = must(j_.first_position()), .body = body, .runs = {}});
      result_.notes.push_back("the snapshot did not read: state, ledger and the ids of older contacts are forgotten");
      rename_journal();
      return true;
    }
    snapshot_ = *loaded;
    if (!snapshot_) return false;
    std::vector<std::string> sound;
    for (const auto& name : snapshot_->runs) {
      if (dedupe::run::open(fs_, j_.paths.dedupe, name, 0)) {
        sound.push_back(name);
        continue;
      }
      result_.notes.push_back(fmt::format("{}/{} does not read: its ids are forgotten", j_.paths.dedupe, name));
    }
    if (sound.size() == snapshot_->runs.size()) return false;
    snapshot_->runs = std::move(sound);
    write_snapshot(*snapshot_);
    return true;
  }

  void mend_segments() {
    const auto scanned = must(j_.scan(snapshot_, [](const segment_info&, const group_view&) {}));
    if (!scanned.found) return;
    damage_ = *scanned.found;
    if (damage_.segment == 0) throw describe(damage_, j_.paths.root) + ". This cannot be repaired: files are missing";
    result_.file = damage_.file;
    result_.offset = damage_.offset;
    result_.first_lost_unit = damage_.unit;
    if (mode_ == repair_mode::skip && damage_.next.segment != 0) return skip_to(damage_.next);
    cut();
  }

  void save(std::uint64_t number, std::uint64_t from, std::uint64_t to, std::string& into) {
    const auto path = j_.paths.segment(number);
    const auto file = must(fs_.open(path, base::open_mode::read), path);
    to = std::min(to, must(file->size(), path));
    if (from >= to) return;
    const auto at = into.size();
    into.resize(at + static_cast<std::size_t>(to - from));
    must(file->read_at(from, std::as_writable_bytes(std::span(into)).subspan(at)), path);
  }

  void write_saved(const std::string& bytes) {
    const auto name = fmt::format("lost-from-group-{:020}.bytes", damage_.group);
    must(base::write_durably(fs_, j_.paths.root, name, bytes, sync_site::identity_file, sync_site::identity_directory));
    result_.saved_to = j_.paths.root + "/" + name;
    result_.changed = true;
  }

  void write(std::uint64_t number, std::uint64_t offset, std::string bytes) {
    const auto path = j_.paths.segment(number);
    const auto file = must(fs_.open(path, base::open_mode::read_write), path);
    bytes.resize(static_cast<std::size_t>(format::round_up(bytes.size())));
    must(file->write_at(offset, as_bytes(bytes)), path);
    must(file->sync_data(sync_site::group_commit), path);
    result_.changed = true;
  }

  void write_header(std::uint64_t number, std::uint64_t group, std::uint64_t unit, std::uint32_t chain) {
    write(number, 0,
          format::encode({.id = j_.identity.id,
                          .number = number,
                          .epoch = format::epoch_of(j_.identity.salt, number),
                          .first_group = group,
                          .first_unit = unit,
                          .chain = chain}));
  }

  // Marks everything from the damage up to `to` as lost. `dead`: bytes behind the mark's sector that are not to be
  // read.
  void write_gap(std::uint64_t number, std::uint64_t offset, std::uint64_t dead, const damage::place& to) {
    format::group_header gap{.number = to.group - 1,
                             .first_unit = damage_.unit,
                             .units = static_cast<std::uint32_t>(to.unit - damage_.unit),
                             .length = static_cast<std::uint32_t>(dead == 0 ? 0 : dead - format::group_header_bytes),
                             .durable_through = damage_.group - 1,
                             .chain = damage_.chain,
                             .next_chain = to.chain};
    write(number, offset, format::encode_gap(gap, format::checksum(format::epoch_of(j_.identity.salt, number))));
    result_.last_lost_unit = to.unit - 1;
  }

  void skip_to(const damage::place& to) {
    std::string lost;
    save(damage_.segment, damage_.offset, to.segment == damage_.segment ? to.offset : UINT64_MAX, lost);
    for (auto number = damage_.segment + 1; number <= to.segment; ++number)
      save(number, 0, number == to.segment ? to.offset : UINT64_MAX, lost);
    write_saved(lost);
    if (to.segment == damage_.segment) return write_gap(to.segment, damage_.offset, to.offset - damage_.offset, to);

    const bool only_header = to.group == damage_.group;
    if (only_header) result_.first_lost_unit = result_.last_lost_unit = 0;
    const bool gap_at_target = !only_header && to.offset != format::segment_header_bytes;
    const auto size = must(must(fs_.open(damage_.file, base::open_mode::read), damage_.file)->size(), damage_.file);
    const bool gap_here = !only_header && !gap_at_target && damage_.offset + format::sector <= size;
    if (gap_here) write_gap(damage_.segment, damage_.offset, 0, to);
    bool marked = gap_here || only_header;
    for (auto number = damage_.segment + 1; number < to.segment; ++number) {
      if (marked || gap_at_target) {
        write_header(number, marked ? to.group : damage_.group, marked ? to.unit : damage_.unit,
                     marked ? to.chain : damage_.chain);
        continue;
      }
      write_header(number, damage_.group, damage_.unit, damage_.chain);
      write_gap(number, format::segment_header_bytes, 0, to);
      marked = true;
    }
    if (gap_at_target) {
      write_header(to.segment, damage_.group, damage_.unit, damage_.chain);
      write_gap(to.segment, format::segment_header_bytes, to.offset - format::segment_header_bytes, to);
    } else {
      write_header(to.segment, to.group, to.unit, to.chain);
    }
  }

  // The journal ends in front of the damage, or, when the snapshot is behind it, where the snapshot was made.
  void cut() {
    std::string lost;
    save(damage_.segment, damage_.offset, UINT64_MAX, lost);
    write_saved(lost);
    for (const auto& name : must(fs_.list(j_.paths.segments), j_.paths.segments))
      if (const auto number = format::number_of(name, "", ".segment"); number && *number > damage_.segment)
        set_aside(j_.paths.segment(*number));
    must(fs_.sync_directory(j_.paths.segments, sync_site::segment_directory), j_.paths.segments);
    write(damage_.segment, damage_.offset, std::string(lost.size(), '\0'));
    result_.last_lost_unit = std::max(damage_.unit, damage_.next.segment != 0 ? damage_.next.unit - 1 : damage_.unit);
    if (snapshot_ && snapshot_->at.group >= damage_.group) {
      if (lost.size() < format::sector)
        throw fmt::format("{} has no room for a mark; move it away by hand", damage_.file);
      write_gap(damage_.segment, damage_.offset, 0,
                {.segment = 0,
                 .offset = 0,
                 .group = snapshot_->at.group + 1,
                 .unit = snapshot_->at.unit + 1,
                 .chain = snapshot_->at.chain});
    }
    result_.notes.push_back("everything behind the damage was set aside, too");
    rename_journal();
  }

  offline::opened& j_;
  base::file_system& fs_;
  repair_mode mode_;
  repaired result_;
  std::optional<snapshot> snapshot_;
  damage damage_;
};

}  // namespace

std::expected<repaired, std::string> repair(base::file_system& fs, const std::string& directory, repair_mode mode) {
  auto j = offline::open(fs, directory);
  if (!j) return std::unexpected(j.error());
  return repairer(*j, mode).run();
}

}  // namespace switchboard::journal::tools
