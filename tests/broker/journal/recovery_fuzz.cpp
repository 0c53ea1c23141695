// Recovery and the tools over bytes that nobody vouches for. The first byte says what the rest is: 0 a segment as it
// is, 1 a segment whose checksums are made right first, 2 a unit's body, 3 a snapshot's content, 4 a dedupe run.
#include <cstdlib>

#include "broker/base/crc32c.hpp"
#include "broker/journal/probe.hpp"
#include "broker/journal/snapshot.hpp"
#include "broker/journal/tools.hpp"
#include "tests/support/fake_file_system.hpp"

namespace switchboard::journal {
namespace {

constexpr std::uint64_t salt = 1;
constexpr auto directory = "/data/journal";

class fixed_clock final : public base::clock {
 public:
  schemas::timestamp wall() const override { return schemas::timestamp(std::chrono::milliseconds(1'790'000'000'000)); }
  std::chrono::steady_clock::time_point monotonic() const override { return {}; }
};

// Mutations behind a checksum are never seen otherwise.
void make_right(std::string& segment) {
  if (segment.size() < format::segment_header_bytes) segment.resize(format::segment_header_bytes);
  const auto put = [&](std::size_t at, auto value) { std::memcpy(segment.data() + at, &value, sizeof value); };
  const auto get = [&](std::size_t at) {
    std::uint32_t value = 0;
    std::memcpy(&value, segment.data() + at, sizeof value);
    return value;
  };
  const auto crc = [&](std::uint32_t seed, std::size_t at, std::size_t size) {
    return base::crc32c(seed, as_bytes(std::string_view(segment).substr(at, size)));
  };
  put(64, crc(0, 0, 64));
  const std::uint64_t epoch = format::epoch_of(salt, 1);
  const auto seed = base::crc32c(0, std::as_bytes(std::span(&epoch, 1)));
  std::uint32_t chain = get(12);
  for (std::size_t at = format::segment_header_bytes; at + format::group_header_bytes <= segment.size();) {
    const std::size_t length = get(at + 40);
    if (get(at) != 0x50524753 || at + format::group_header_bytes + length > segment.size()) return;
    std::uint32_t units_crc = 0;
    for (std::size_t unit = at + 64; unit + 8 <= at + 64 + length;) {
      const std::size_t size = get(unit);
      if (unit + 8 + size > at + 64 + length) return;
      put(unit + 4, crc(seed, unit + 8, size));
      units_crc = crc(units_crc, unit + 4, 4);
      unit += 8 + size;
    }
    put(at + 44, chain);
    put(at + 48, units_crc);
    chain = crc(seed, at, 60);
    put(at + 60, chain);
    if ((get(at + 52) & 1) != 0) chain = get(at + 56);
    at += static_cast<std::size_t>(format::round_up(format::group_header_bytes + length));
  }
}

std::vector<std::byte> bytes_of(std::string_view text) { return {as_bytes(text).begin(), as_bytes(text).end()}; }

void open_and_read(support::fake_file_system& disk, bool must_open) {
  prometheus::Registry registry;
  probe p(registry);
  fixed_clock clock;
  settings s{.directory = directory, .max_bytes = 1u << 20, .segment_bytes = 64u << 10};
  auto j = journal::open(
      disk, clock, s, p,
      {.fatal = [](std::string_view) {}, .boot_id = [] { return "boot"; }, .background = [](auto job) { job(); }});
  if (!j) {
    if (must_open) std::abort();
    return;
  }
  auto cursor = (*j)->read_after(0);
  while (true) {
    const auto next = cursor->next();
    if (!next || *next == nullptr) break;
  }
}

void recover_segment(std::string segment) {
  support::fake_file_system disk;
  const format::paths paths(directory);
  for (const auto& path : {paths.segments, paths.snapshots, paths.dedupe}) (void)disk.create_directories(path);
  const format::identity known{.id = {}, .salt = salt, .mode = acknowledge::disk, .clean = true, .boot_id = "boot"};
  disk.put_file(paths.identity, bytes_of(format::encode(known)));
  disk.put_file(paths.segment(1), bytes_of(segment));
  const auto verified = tools::verify(disk, directory);
  std::ignore = tools::export_units(disk, directory, [](std::string_view) { return true; });
  open_and_read(disk, verified && verified->damaged.empty());
  for (int i = 0; i < 8; ++i) {
    const auto repaired = tools::repair(disk, directory, i < 4 ? tools::repair_mode::skip : tools::repair_mode::cut);
    if (!repaired || !repaired->changed) break;
  }
  std::ignore = tools::verify(disk, directory);
}

}  // namespace
}  // namespace switchboard::journal

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace switchboard;
  using namespace switchboard::journal;
  if (size == 0 || size > 64u << 10) return 0;
  std::string rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 5) {
    case 0:
      recover_segment(std::move(rest));
      break;
    case 1:
      make_right(rest);
      recover_segment(std::move(rest));
      break;
    case 2: {
      format::decoded_unit unit;
      for (int i = 0; i < 2; ++i) format::decode_unit(rest, unit);
      break;
    }
    case 3:
      byte_writer(rest).number(base::crc32c(0, as_bytes(rest)));
      std::ignore = decode_snapshot(rest);
      std::ignore = format::decode_identity(rest);
      break;
    default: {
      support::fake_file_system disk;
      std::ignore = disk.create_directories("/runs");
      disk.put_file("/runs/x", bytes_of(rest));
      if (const auto run = dedupe::run::open(disk, "/runs", "x", 1000))
        for (const auto& e : (*run)->entries()) std::ignore = (*run)->find(e.id, dedupe::hash(e.id));
    }
  }
  return 0;
}
