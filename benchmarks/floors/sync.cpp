// What the journal's way of writing costs without a journal: append and fdatasync on a pre-zeroed file, group by group.
//
// Events fall due at a fixed rate. As the journal does, the one thread takes whatever fell due while it was syncing,
// writes it in one piece that begins at a multiple of 512 bytes, and syncs. At the end of the file it begins again, as
// on a recycled segment.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <string>
#include <thread>

#include "benchmarks/floors/floor.hpp"

namespace switchboard::benchmarks::floors {
namespace {

struct settings {
  std::string directory = ".";
  double rate = 1000;
  std::size_t bytes = 2048;
  std::size_t group = 4 << 20;
  std::size_t file = 64 << 20;
  double seconds = 5, warmup = 0.5;
};

[[noreturn]] void fail(const char* what) {
  throw std::runtime_error(fmt::format("{}: {}", what, std::strerror(errno)));
}

// Zeros and no name: it goes with the process.
class segment {
 public:
  segment(const std::string& directory, std::size_t bytes) : bytes_(bytes) {
    auto path = directory + "/floor-sync-XXXXXX";
    fd_ = ::mkostemp(path.data(), O_CLOEXEC);
    if (fd_ < 0) fail(path.c_str());
    ::unlink(path.c_str());
    const std::vector<char> zeros(256 << 10);
    for (std::size_t at = 0; at < bytes; at += zeros.size())
      if (::pwrite(fd_, zeros.data(), zeros.size(), static_cast<off_t>(at)) != static_cast<ssize_t>(zeros.size()))
        fail("write");
    if (::fdatasync(fd_) != 0) fail("fdatasync");
  }
  ~segment() { ::close(fd_); }
  segment(const segment&) = delete;
  segment& operator=(const segment&) = delete;

  void append(const char* data, std::size_t size) {
    if (offset_ + size > bytes_) offset_ = 0;
    if (::pwrite(fd_, data, size, static_cast<off_t>(offset_)) != static_cast<ssize_t>(size)) fail("write");
    offset_ += size;
    if (::fdatasync(fd_) != 0) fail("fdatasync");
  }

 private:
  int fd_ = -1;
  std::size_t bytes_, offset_ = 0;
};

struct measured {
  std::uint64_t events = 0;
  std::vector<double> syncs, waits;  // microseconds of a sync; from falling due to durable, of a group's oldest event
};

measured run(segment& file, const settings& s, double seconds) {
  const auto most = std::max<std::uint64_t>(s.group / s.bytes, 1);
  const std::vector<char> data((most * s.bytes + 511) / 512 * 512, 'x');
  measured m;
  const auto begun = clock::now();
  const auto end = begun + std::chrono::duration_cast<clock::duration>(std::chrono::duration<double>(seconds));
  for (auto now = begun; now < end; now = clock::now()) {
    auto ready = most;
    auto oldest = now;
    if (s.rate > 0) {
      ready = std::min(due(now - begun, s.rate) - m.events, most);
      oldest = begun + std::chrono::duration_cast<clock::duration>(
                           std::chrono::duration<double>(static_cast<double>(m.events + 1) / s.rate));
      if (ready == 0) {
        std::this_thread::sleep_until(oldest);
        continue;
      }
    }
    const auto before = clock::now();
    file.append(data.data(), (ready * s.bytes + 511) / 512 * 512);
    const auto after = clock::now();
    m.syncs.push_back(microseconds(after - before).count());
    m.waits.push_back(microseconds(after - oldest).count());
    m.events += ready;
  }
  return m;
}

void measure(const settings& s) {
  segment file(s.directory, s.file);
  run(file, s, s.warmup);
  const auto before = cpu_time();
  const auto begun = clock::now();
  auto m = run(file, s, s.seconds);
  const auto cpu = (cpu_time() - before).count();
  const std::chrono::duration<double> took = clock::now() - begun;
  const auto events = static_cast<double>(m.events);
  fmt::print(
      "{{\"floor\":\"sync\",\"rate\":{},\"bytes\":{},\"seconds\":{:.3f},\"events\":{},\"events_per_second\":{:.1f},"
      "\"groups\":{},\"cpu_us\":{:.1f},\"cpu_us_per_event\":{:.4f},"
      "\"sync_us\":{{\"p50\":{:.1f},\"p99\":{:.1f},\"p999\":{:.1f}}},"
      "\"durable_us\":{{\"p50\":{:.1f},\"p99\":{:.1f},\"p999\":{:.1f}}}}}\n",
      s.rate, s.bytes, took.count(), m.events, events / took.count(), m.syncs.size(), cpu,
      events > 0 ? cpu / events : 0, percentile(m.syncs, .5), percentile(m.syncs, .99), percentile(m.syncs, .999),
      percentile(m.waits, .5), percentile(m.waits, .99), percentile(m.waits, .999));
}

}  // namespace
}  // namespace switchboard::benchmarks::floors

int main(int count, char** words) {
  using namespace switchboard::benchmarks::floors;
  settings s;
  CLI::App app("Appends and syncs as the journal does, and says what it cost, as JSON.");
  app.footer("floor-sync --directory /var/lib/switchboard --rate 5000 --bytes 2048 --duration 10");
  app.add_option("--directory", s.directory, "Where the file is made; on the disk that is meant")
      ->capture_default_str();
  app.add_option("--rate", s.rate, "Events a second; 0: full groups without a pause")->capture_default_str();
  app.add_option("--bytes", s.bytes, "Of an event in the journal")
      ->check(CLI::Range(1, 1 << 20))
      ->capture_default_str();
  app.add_option("--group", s.group, "Most bytes of a group")->check(CLI::Range(512, 16 << 20))->capture_default_str();
  app.add_option("--file", s.file, "Bytes of the file")->check(CLI::Range(32 << 20, 1 << 30))->capture_default_str();
  app.add_option("--duration", s.seconds, "Seconds that are measured")->capture_default_str();
  app.add_option("--warmup", s.warmup, "Seconds before them")->capture_default_str();
  CLI11_PARSE(app, count, words);
  try {
    measure(s);
  } catch (const std::exception& e) {
    fmt::print(stderr, "floor-sync: {}\n", e.what());
    return 1;
  }
  return 0;
}
