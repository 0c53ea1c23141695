#include "broker/journal/recovery.hpp"

#include <fmt/format.h>
#include <openssl/rand.h>

#include "broker/journal/assembler.hpp"

namespace switchboard::journal {
namespace {

std::unexpected<std::string> cannot(std::string_view what, const std::string& path, std::error_code error) {
  return std::unexpected(fmt::format("cannot {} {}: {}", what, path, error.message()));
}

class opening {
 public:
  opening(base::file_system& fs, const format::paths& paths, const settings& s, const std::string& boot_id,
          sequences& q, books& b, dedupe::index& d, const age_sink& ages)
      : fs_(fs), paths_(paths), settings_(s), boot_id_(boot_id), sequences_(q), books_(b), dedupe_(d), ages_(ages) {}

  std::expected<recovered, std::string> run() {
    if (auto error = base::create_directories_durably(fs_, paths_.root, base::sync_site::identity_directory))
      return std::unexpected(error->message);
    for (const auto& directory : {paths_.segments, paths_.snapshots, paths_.dedupe})
      if (auto ok = fs_.create_directories(directory); !ok) return cannot("make", directory, ok.error());
    auto lock = fs_.lock(paths_.lock);
    if (!lock && lock.error() == std::errc::device_or_resource_busy)
      return std::unexpected(fmt::format("the journal {} is in use by another process", paths_.root));
    if (!lock) return cannot("lock", paths_.lock, lock.error());
    result_.lock = std::move(*lock);

    if (auto ok = identify(); !ok) return std::unexpected(ok.error());
    // The last process may have ended between a rename and the sync of its directory. What is built on must not vanish
    // later.
    if (auto ok = fs_.sync_directory(paths_.dedupe, base::sync_site::dedupe_directory); !ok)
      return cannot("sync", paths_.dedupe, ok.error());
    if (auto ok = fs_.sync_directory(paths_.snapshots, base::sync_site::snapshot_directory); !ok)
      return cannot("sync", paths_.snapshots, ok.error());
    if (auto ok = load(); !ok) return std::unexpected(ok.error());
    if (auto ok = read_segments(); !ok) return std::unexpected(ok.error());
    if (auto ok = remember_run(); !ok) return std::unexpected(ok.error());
    return std::move(result_);
  }

 private:
  std::expected<void, std::string> identify() {
    auto there = fs_.exists(paths_.identity);
    if (!there) return cannot("look for", paths_.identity, there.error());
    auto& identity = result_.identity;
    if (*there) {
      auto bytes = base::read_whole(fs_, paths_.identity);
      if (!bytes) return cannot("read", paths_.identity, bytes.error());
      auto value = format::decode_identity(*bytes);
      if (!value) return std::unexpected(fmt::format("cannot use {}: {}", paths_.identity, value.error()));
      identity = std::move(*value);
      if (auto ok = fs_.sync_directory(paths_.root, base::sync_site::identity_directory); !ok)
        return cannot("sync", paths_.root, ok.error());
      return {};
    }
    auto names = fs_.list(paths_.segments);
    if (!names) return cannot("read", paths_.segments, names.error());
    if (!names->empty())
      return std::unexpected(fmt::format("{} is missing, yet {} is not empty: this is not a whole journal",
                                         paths_.identity, paths_.segments));
    identity.id = random_uuid();
    RAND_bytes(reinterpret_cast<unsigned char*>(&identity.salt), sizeof identity.salt);
    identity.mode = settings_.mode;
    identity.boot_id = boot_id_;
    fresh_ = true;
    return {};
  }

  std::expected<void, std::string> load() {
    auto loaded = load_snapshot(fs_, paths_);
    if (!loaded) return std::unexpected(loaded.error());
    if (auto names = fs_.list(paths_.dedupe))
      for (const auto& name : *names)
        if (const auto number = format::number_of(name, "", ".run"))
          result_.next_run = std::max(result_.next_run, *number + 1);
    if (!*loaded) return {};
    const auto& value = **loaded;
    has_snapshot_ = true;
    result_.last = value.at;
    result_.snapshot_group = value.at.group;
    byte_reader in(value.body);
    if (!decode(in, sequences_) || !books_.decode(in)) return std::unexpected("the snapshot is malformed");
    books::update(books_).set_topics(sequences_.topics());
    dedupe::runs runs;
    std::size_t left = dedupe_.filter_budget();
    for (const auto& name : value.runs) {
      auto run = dedupe::run::open(fs_, paths_.dedupe, name, left);
      if (!run) return std::unexpected(run.error().message);
      left -= std::min(left, (*run)->filter_bytes());
      runs.push_back(std::move(*run));
    }
    dedupe_.adopt(std::move(runs));
    dedupe_.expire(oldest_day(value.at.recorded_at, settings_.dedupe_window));
    return {};
  }

  std::expected<void, std::string> read_segments() {
    const auto snapshot_unit = result_.last.unit;
    format::decoded_unit decoded;
    std::vector<dedupe::entry> ids;
    std::string problem;
    auto scanned = scan(fs_, paths_,
                        {.salt = result_.identity.salt,
                         .group = result_.last.group,
                         .unit = result_.last.unit,
                         .chain = result_.last.chain,
                         .snapshot = has_snapshot_},
                        [&](const segment_info&, const group_view& group) {
                          ages_(group.header.first_unit, group.header.recorded_at);
                          if (group.header.first_unit + group.header.units - 1 <= snapshot_unit || !problem.empty())
                            return;
                          spill_if_full(group.header.recorded_at, problem);
                          ids.clear();
                          auto units = group.units;
                          while (const auto body = take_unit(units)) {
                            if (!format::decode_unit(*body, decoded)) {
                              problem = fmt::format("group {} has a unit that is malformed", group.header.number);
                              return;
                            }
                            replay(decoded, sequences_, books_);
                            for (const auto& m : decoded.messages)
                              if (m.deduped) ids.push_back({m.id, m.fingerprint});
                          }
                          // Together: one by one each would wait for the table's memory.
                          for (const auto& seen : ids)
                            dedupe_.insert(seen.id, seen.fingerprint, dedupe::day_of(group.header.recorded_at));
                        });
    if (!scanned) return std::unexpected(scanned.error());
    if (scanned->found) return std::unexpected(describe(*scanned->found, paths_.root));
    if (!problem.empty()) return std::unexpected(problem);
    books::update(books_).set_topics(sequences_.topics());
    if (scanned->last_group > result_.last.group || !has_snapshot_)
      result_.last = {.group = scanned->last_group,
                      .unit = scanned->last_unit,
                      .chain = scanned->chain,
                      .recorded_at = scanned->last_recorded};
    result_.scan = std::move(*scanned);
    return {};
  }

  // Runs written here are named by no snapshot until the next one, which contains at least these units.
  void spill_if_full(std::int64_t recorded_at, std::string& problem) {
    const auto day = dedupe::day_of(recorded_at);
    dedupe_.expire(oldest_day(recorded_at, settings_.dedupe_window));
    if (!dedupe_.wants_freeze(day)) return;
    const auto part = dedupe_.freeze();
    auto runs = dedupe::spill(fs_, paths_.dedupe, part, dedupe_.live_runs(), dedupe_.filter_budget(), result_.next_run);
    if (!runs)
      problem = runs.error().message;
    else
      dedupe_.adopt(std::move(*runs));
  }

  // In mode kafka the disk may have lost what Kafka already has, if the machine went down: numbers would be given
  // twice.
  std::expected<void, std::string> remember_run() {
    auto& identity = result_.identity;
    const bool restarted = boot_id_.empty() || identity.boot_id != boot_id_;
    const auto before = identity;
    if (restarted && !identity.clean) identity.id = random_uuid();
    identity.boot_id = boot_id_;
    identity.mode = settings_.mode;
    identity.clean = settings_.mode != acknowledge::kafka && (before.clean || restarted);
    const bool same = !fresh_ && before.id == identity.id && before.boot_id == identity.boot_id &&
                      before.mode == identity.mode && before.clean == identity.clean;
    if (same) return {};
    if (auto error = write_identity(fs_, paths_, identity)) return std::unexpected(error->message);
    return {};
  }

  base::file_system& fs_;
  const format::paths& paths_;
  const settings& settings_;
  const std::string& boot_id_;
  sequences& sequences_;
  books& books_;
  dedupe::index& dedupe_;
  const age_sink& ages_;
  recovered result_;
  bool has_snapshot_ = false, fresh_ = false;
};

}  // namespace

uuid random_uuid() {
  uuid id;
  if (RAND_bytes(id.bytes.data(), static_cast<int>(id.bytes.size())) != 1) std::abort();
  id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0F) | 0x40);
  id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3F) | 0x80);
  return id;
}

std::optional<dedupe::failure> write_identity(base::file_system& fs, const format::paths& paths,
                                              const format::identity& identity) {
  return base::write_durably(fs, paths.root, "identity", format::encode(identity), base::sync_site::identity_file,
                             base::sync_site::identity_directory);
}

dedupe::day_number oldest_day(std::int64_t recorded_at_ms, std::chrono::hours window) {
  return dedupe::day_of(recorded_at_ms - std::chrono::milliseconds(window).count());
}

void replay(const format::decoded_unit& unit, sequences& sequence, books& book) {
  const auto recorded_at = unit.stored.recorded_at.time_since_epoch().count();
  books::counts counts{.decoded = unit.items_decoded, .appended = 0, .duplicates = unit.duplicates};
  for (std::size_t i = 0; i < unit.messages.size(); ++i) {
    const auto& m = unit.messages[i];
    if (m.counted) ++counts.appended;
    if (m.sequence) sequence.take(m.sequence->first, m.sequence->second, recorded_at);
    for (const auto& [topic, value] : unit.stored.messages[i].topics) sequence.raise(topic, value);
  }
  books::update update(book);
  update.count(unit.stored.source, counts);
  for (const auto& put : unit.puts) update.put(put.space, put.key, put.value);
}

std::expected<recovered, std::string> recover(base::file_system& fs, const format::paths& paths, const settings& s,
                                              const std::string& boot_id, sequences& sequence, books& book,
                                              dedupe::index& dedupe, const age_sink& ages) {
  return opening(fs, paths, s, boot_id, sequence, book, dedupe, ages).run();
}

}  // namespace switchboard::journal
