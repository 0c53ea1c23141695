#include "broker/journal/dedupe.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cassert>
#include <map>
#include <queue>

#include "broker/base/crc32c.hpp"
#include "broker/journal/format.hpp"

namespace switchboard::journal::dedupe {
namespace {

constexpr std::uint64_t run_magic = 0x5055444544425753;  // "SWBDEDUP"
constexpr std::size_t header_bytes = 64;
constexpr std::size_t write_chunk = 1u << 20;
constexpr std::size_t filter_bits_per_key = 10;
constexpr std::size_t bytes_per_slot = 32;  // of the table, at its load
constexpr std::size_t merge_at = 4;         // runs of one day and like size

std::uint64_t leading(const uuid& id) {
  std::uint64_t value = 0;
  std::memcpy(&value, id.bytes.data(), sizeof value);
  return std::byteswap(value);
}

failure failed(const std::string& path, std::error_code error, bool sync = false) {
  return {fmt::format("{} {}: {}", sync ? "cannot sync" : "cannot write", path, error.message()), sync};
}

std::string file_name(std::uint64_t number) { return format::numbered("", number, ".run"); }

}  // namespace

std::uint64_t hash(const uuid& id) noexcept {
  std::uint64_t a = 0, b = 0;
  std::memcpy(&a, id.bytes.data(), 8);
  std::memcpy(&b, id.bytes.data() + 8, 8);
  std::uint64_t h = (a ^ std::rotl(b, 29)) * 0x9E3779B97F4A7C15;
  h ^= h >> 32;
  h *= 0xD6E8FEB86659FD93;
  return h ^ (h >> 32);
}

day_number day_of(std::int64_t recorded_at_ms) {
  return std::chrono::floor<std::chrono::days>(schemas::timestamp(std::chrono::milliseconds(recorded_at_ms)))
      .time_since_epoch()
      .count();
}

filter::filter(std::uint64_t keys, std::size_t bytes_at_most) {
  const auto wanted = std::max<std::uint64_t>(1, keys * filter_bits_per_key / 8 / sizeof(block) + 1);
  blocks_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(wanted, bytes_at_most / sizeof(block))));
}

namespace {
constexpr std::array<std::uint32_t, 8> salts{0x47b6137bU, 0x44974d91U, 0x8824ad5bU, 0xa2b7289dU,
                                             0x705495c7U, 0x2df1424bU, 0x9efc4947U, 0x5c6bfb31U};
std::size_t block_of(std::uint64_t hash, std::size_t blocks) {
  return static_cast<std::size_t>(((hash >> 32) * blocks) >> 32);
}
}  // namespace

void filter::insert(std::uint64_t hash) {
  if (blocks_.empty()) return;
  auto& words = blocks_[block_of(hash, blocks_.size())];
  const auto low = static_cast<std::uint32_t>(hash);
  for (std::size_t i = 0; i < words.size(); ++i) words[i] |= 1U << ((low * salts[i]) >> 27);
}

bool filter::may_contain(std::uint64_t hash) const {
  if (blocks_.empty()) return true;
  const auto& words = blocks_[block_of(hash, blocks_.size())];
  const auto low = static_cast<std::uint32_t>(hash);
  for (std::size_t i = 0; i < words.size(); ++i)
    if ((words[i] & (1U << ((low * salts[i]) >> 27))) == 0) return false;
  return true;
}

std::expected<std::shared_ptr<const run>, failure> run::open(base::file_system& fs, const std::string& directory,
                                                             const std::string& name, std::size_t filter_bytes) {
  const auto path = directory + "/" + name;
  auto mapping = fs.map(path);
  if (!mapping) return std::unexpected(failure{fmt::format("cannot read {}: {}", path, mapping.error().message())});
  const auto bytes = (*mapping)->bytes();
  const auto damaged = [&](std::string_view what) {
    return std::unexpected(failure{fmt::format("the dedupe file {} is damaged: {}", path, what)});
  };
  if (bytes.size() < header_bytes) return damaged("it is too short");
  byte_reader in(as_text(bytes.first(header_bytes)));
  const bool ours = in.number<std::uint64_t>() == run_magic;
  const auto written = in.number<std::uint32_t>();
  const auto entries_crc = in.number<std::uint32_t>();
  const auto day = in.number<std::int64_t>();
  const auto count = in.number<std::uint64_t>();
  const auto header_crc = in.number<std::uint32_t>();
  if (!ours || header_crc != base::crc32c(0, bytes.first(32))) return damaged("its header does not read");
  if (written > format::version || written < format::oldest_version)
    return damaged(fmt::format("format {} is not read by this program", written));
  if (count != (bytes.size() - header_bytes) / sizeof(entry)) return damaged("it has another length");

  auto result = std::make_shared<run>();
  result->name_ = name;
  result->day_ = day;
  result->entries_ = {reinterpret_cast<const entry*>(bytes.data() + header_bytes), static_cast<std::size_t>(count)};
  if (base::crc32c(0, std::as_bytes(result->entries_)) != entries_crc) return damaged("its checksum is wrong");
  result->filter_ = filter(count, filter_bytes);
  for (const auto& e : result->entries_) result->filter_.insert(hash(e.id));
  result->mapping_ = std::move(*mapping);
  return result;
}

std::optional<std::uint64_t> run::find(const uuid& id, std::uint64_t hash) const {
  if (!filter_.may_contain(hash)) return std::nullopt;
  std::size_t low = 0, high = entries_.size();  // in [low, high)
  const auto key = leading(id);
  for (int step = 0; step < 4 && high - low > 32; ++step) {
    const auto first = leading(entries_[low].id), last = leading(entries_[high - 1].id);
    if (key < first || key > last) return std::nullopt;
    if (first == last) break;
    const auto guess =
        low + static_cast<std::size_t>(static_cast<unsigned __int128>(key - first) * (high - 1 - low) / (last - first));
    if (entries_[guess].id < id)
      low = guess + 1;
    else if (entries_[guess].id == id)
      return entries_[guess].fingerprint;
    else
      high = guess;
  }
  const auto part = entries_.subspan(low, high - low);
  const auto found = std::ranges::lower_bound(part, id, {}, &entry::id);
  if (found == part.end() || found->id != id) return std::nullopt;
  return found->fingerprint;
}

run_writer::run_writer(base::file_system& fs, std::string path, day_number day) : path_(std::move(path)), day_(day) {
  auto file = fs.open(path_, base::open_mode::create);
  if (file)
    file_ = std::move(*file);
  else
    opening_ = file.error();
  buffer_.reserve(write_chunk + header_bytes);
  buffer_.resize(header_bytes);
}

std::optional<failure> run_writer::add(const entry& e) {
  buffer_.append(reinterpret_cast<const char*>(&e), sizeof e);
  ++count_;
  return buffer_.size() >= write_chunk ? flush() : std::nullopt;
}

std::optional<failure> run_writer::flush() {
  if (!file_) return failed(path_, opening_);
  const auto bytes = as_bytes(buffer_);
  crc_ = base::crc32c(crc_, at_ == 0 ? bytes.subspan(header_bytes) : bytes);
  if (auto ok = file_->write_at(at_, bytes); !ok) return failed(path_, ok.error());
  at_ += buffer_.size();
  buffer_.clear();
  return std::nullopt;
}

std::optional<failure> run_writer::finish() {
  if (auto error = flush()) return error;
  std::string header;
  byte_writer out(header);
  out.number(run_magic);
  out.number(format::version);
  out.number(crc_);
  out.number(day_);
  out.number(count_);
  out.number(base::crc32c(0, as_bytes(header)));
  if (auto ok = file_->write_at(0, as_bytes(header)); !ok) return failed(path_, ok.error());
  if (auto ok = file_->sync_data(base::sync_site::dedupe_slice); !ok) return failed(path_, ok.error(), true);
  return std::nullopt;
}

namespace {

class spiller {
 public:
  spiller(base::file_system& fs, const std::string& directory, std::size_t budget, std::uint64_t& next)
      : fs_(fs), directory_(directory), budget_(budget), next_(next) {}

  std::expected<runs, failure> operator()(const frozen& part, runs live) {
    const bool fresh = part.entries && !part.entries->empty();
    if (fresh) {
      std::vector<entry> sorted;
      sorted.reserve(part.entries->size());
      for (const auto& [id, fingerprint] : *part.entries) sorted.push_back({id, fingerprint});
      std::ranges::sort(sorted, {}, &entry::id);
      if (auto error = write({sorted}, part.day, live)) return std::unexpected(*error);
    }
    bool merged = false;
    while (auto group = mergeable(live, part.day)) {
      std::vector<std::span<const entry>> inputs;
      for (const auto& r : *group) inputs.push_back(r->entries());
      const auto day = group->front()->day();
      std::erase_if(live, [&](const auto& r) { return std::ranges::find(*group, r) != group->end(); });
      if (auto error = write(inputs, day, live)) return std::unexpected(*error);
      merged = true;
    }
    if (fresh || merged)
      if (auto ok = fs_.sync_directory(directory_, base::sync_site::dedupe_directory); !ok)
        return std::unexpected(failed(directory_, ok.error(), !base::lacks_descriptors(ok.error())));
    return live;
  }

 private:
  // Runs of one day that should become one: all of a day that is over, and those of like size of today.
  static std::optional<runs> mergeable(const runs& live, day_number today) {
    std::map<std::pair<day_number, int>, runs> groups;
    for (const auto& r : live) {
      const bool over = r->day() < today;
      groups[{r->day(), over ? -1 : std::bit_width(r->entries().size()) / 2}].push_back(r);
    }
    for (auto& [key, group] : groups)
      if (group.size() >= (key.second < 0 ? 2 : merge_at)) return std::move(group);
    return std::nullopt;
  }

  std::optional<failure> write(const std::vector<std::span<const entry>>& inputs, day_number day, runs& live) {
    const auto name = file_name(next_++);
    run_writer writer(fs_, directory_ + "/" + name, day);
    using place = std::pair<uuid, std::size_t>;
    std::priority_queue<place, std::vector<place>, std::greater<>> heads;
    auto rest = inputs;
    for (std::size_t i = 0; i < rest.size(); ++i)
      if (!rest[i].empty()) heads.emplace(rest[i].front().id, i);
    while (!heads.empty()) {
      const auto i = heads.top().second;
      heads.pop();
      if (auto error = writer.add(rest[i].front())) return error;
      rest[i] = rest[i].subspan(1);
      if (!rest[i].empty()) heads.emplace(rest[i].front().id, i);
    }
    if (auto error = writer.finish()) return error;
    std::size_t used = 0;
    for (const auto& r : live) used += r->filter_bytes();
    auto opened = run::open(fs_, directory_, name, budget_ - std::min(budget_, used));
    if (!opened) return opened.error();
    live.insert(live.begin(), std::move(*opened));
    return std::nullopt;
  }

  base::file_system& fs_;
  const std::string& directory_;
  std::size_t budget_;
  std::uint64_t& next_;
};

}  // namespace

std::expected<runs, failure> spill(base::file_system& fs, const std::string& directory, const frozen& part,
                                   const runs& before, std::size_t filter_budget, std::uint64_t& next_run) {
  return spiller(fs, directory, filter_budget, next_run)(part, before);
}

index::index(std::size_t memory)
    : table_limit_(std::max<std::size_t>(64, memory / 8 / bytes_per_slot)),
      filter_budget_(memory / 2),
      active_(std::make_unique<table>()) {}

std::optional<std::uint64_t> index::find(const uuid& id) const {
  if (const auto found = active_->find(id); found != active_->end()) return found->second;
  if (frozen_.entries)
    if (const auto found = frozen_.entries->find(id); found != frozen_.entries->end()) return found->second;
  const auto h = hash(id);
  for (const auto& r : runs_)
    if (auto found = r->find(id, h)) return found;
  return std::nullopt;
}

void index::insert(const uuid& id, std::uint64_t fingerprint, day_number day) {
  day_ = std::max(day_, day);
  active_->insert_or_assign(id, fingerprint);
}

frozen index::freeze() {
  assert(!freezing());
  frozen_ = {std::shared_ptr<const table>(std::move(active_)), day_};
  active_ = std::make_unique<table>();
  return frozen_;
}

void index::adopt(runs live) {
  frozen_ = {};
  runs_ = std::move(live);
  expire(oldest_);
}

void index::expire(day_number oldest) {
  oldest_ = std::max(oldest_, oldest);
  std::erase_if(runs_, [&](const auto& r) { return r->day() < oldest_; });
}

std::uint64_t index::entries() const {
  std::uint64_t total = active_->size() + (frozen_.entries ? frozen_.entries->size() : 0);
  for (const auto& r : runs_) total += r->entries().size();
  return total;
}

std::uint64_t index::bytes() const {
  std::uint64_t total = (active_->size() + (frozen_.entries ? frozen_.entries->size() : 0)) * bytes_per_slot;
  for (const auto& r : runs_) total += r->filter_bytes();
  return total;
}

}  // namespace switchboard::journal::dedupe
