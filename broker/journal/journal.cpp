#include "broker/journal/journal.hpp"

#include <fmt/format.h>

#include <thread>

#include "broker/journal/writer.hpp"
#include "broker/observe/log.hpp"

namespace switchboard::journal {
namespace {

// A file of /proc has no size: read what there is.
std::string this_boot() {
  auto file = base::real_file_system().open("/proc/sys/kernel/random/boot_id", base::open_mode::read);
  std::array<std::byte, 64> bytes{};
  const auto n = file ? (*file)->read_at(0, bytes) : base::io_result<std::size_t>(0);
  return n ? std::string(as_text(std::span(bytes).first(*n))) : std::string();
}

void end_process(std::string_view reason) {
  observe::log(observe::level::critical, "the journal cannot go on, the process ends", {{"reason", reason}});
  constexpr int ex_ioerr = 74;
  std::_Exit(ex_ioerr);
}

environment complete(environment e) {
  if (!e.fatal) e.fatal = end_process;
  if (!e.boot_id) e.boot_id = this_boot;
  return e;
}

}  // namespace

std::expected<std::unique_ptr<journal>, std::string> journal::open(base::file_system& fs, base::clock& clock,
                                                                   settings s, probe& p, environment e) {
  if (s.directory.empty()) return std::unexpected("the journal has no directory");
  if (s.segment_bytes < 4096 || s.segment_bytes > (1ull << 32) || s.segment_bytes % format::sector != 0)
    return std::unexpected("segment_bytes must be between 4096 and 4 GiB, a multiple of 512");
  if (s.max_bytes < 2 * s.segment_bytes) return std::unexpected("max_bytes must hold at least two segments");
  if (s.reserved_share < 0 || s.reserved_share > 0.9)
    return std::unexpected("reserved_share must be between 0 and 0.9");
  return writer::open(fs, clock, std::move(s), p, complete(std::move(e)));
}

}  // namespace switchboard::journal
