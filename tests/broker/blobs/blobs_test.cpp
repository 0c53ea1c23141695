#include <gtest/gtest.h>

#include "broker/blobs/store.hpp"
#include "tests/support/fake_file_system.hpp"

namespace switchboard::blobs {
namespace {

using support::fake_file_system;

std::string hash_of(char digit) { return std::string(64, digit); }
reference blob(char digit, std::string day = "20261122", std::string tenant = "acme") {
  return {std::move(tenant), std::move(day), hash_of(digit)};
}

std::string content(store& s, const reference& r) {
  auto opened = s.open(r);
  if (!opened) return "<" + opened.error() + ">";
  std::string bytes(opened->size, '\0');
  EXPECT_EQ(opened->file->read_at(0, std::as_writable_bytes(std::span(bytes))).value(), bytes.size());
  return bytes;
}

schemas::timestamp at(int year, unsigned month, unsigned day) {
  return std::chrono::sys_days(std::chrono::year(year) / month / day) + std::chrono::hours(12);
}

TEST(blobs, references_never_leave_the_directory) {
  EXPECT_EQ(to_string(parse("acme/20261122/" + hash_of('a')).value()), "acme/20261122/" + hash_of('a'));
  for (const std::string& bad : std::vector<std::string>{
           std::string("../20261122/") + hash_of('a'), "./20261122/" + hash_of('a'), "a/../20261122/" + hash_of('a'),
           "/20261122/" + hash_of('a'), "a/2026112/" + hash_of('a'), "a/20261322/" + hash_of('a'),
           "a/20261131/" + hash_of('a'), "a/20261122/" + hash_of('A'), "a/20261122/" + hash_of('a') + "/",
           "a/20261122/" + hash_of('a').substr(1), "a b/20261122/" + hash_of('a'),
           std::string("a\0b/20261122/", 13) + hash_of('a'), "a\\b/20261122/" + hash_of('a'), std::string(), "a/b"})
    EXPECT_FALSE(parse(bad)) << bad;
  fake_file_system fs;
  auto s = local(fs, {.directory = "/data/blobs"});
  EXPECT_FALSE(s->put({"..", "20261122", hash_of('a')}, "x"));
  EXPECT_FALSE(s->open({"..", "20261122", hash_of('a')}));
  EXPECT_EQ(fs.calls(), 0U);
}

TEST(blobs, keeps_repeats_and_links_earlier_days) {
  fake_file_system fs;
  auto s = local(fs, {.directory = "/data/blobs"});
  EXPECT_FALSE(s->open(blob('a')));
  ASSERT_TRUE(s->put(blob('a', "20261120"), "hello"));
  ASSERT_TRUE(s->put(blob('a', "20261120"), "hello"));
  const auto writes = fs.syncs()[static_cast<std::size_t>(base::sync_site::blob_file)];
  EXPECT_EQ(writes, 1U);
  ASSERT_TRUE(s->put(blob('a'), "hello"));
  EXPECT_EQ(fs.syncs()[static_cast<std::size_t>(base::sync_site::blob_file)], writes) << "linked, not written";
  ASSERT_TRUE(s->put(blob('a', "20261122", "other"), "hello"));
  EXPECT_EQ(fs.syncs()[static_cast<std::size_t>(base::sync_site::blob_file)], writes + 1) << "never across tenants";
  EXPECT_EQ(content(*s, blob('a')), "hello");
  EXPECT_EQ(content(*s, blob('a', "20261120")), "hello");
}

TEST(blobs, whole_days_expire) {
  fake_file_system fs;
  auto s = local(fs, {.directory = "/data/blobs", .retention_days = 30});
  ASSERT_TRUE(s->put(blob('a', "20261001"), "old"));
  ASSERT_TRUE(s->put(blob('b', "20261023"), "kept to the last day"));
  ASSERT_TRUE(s->put(blob('a', "20261122"), "old"));
  s->expire(at(2026, 11, 22));
  EXPECT_FALSE(s->open(blob('a', "20261001")));
  EXPECT_FALSE(fs.exists("/data/blobs/acme/20261001").value());
  EXPECT_EQ(content(*s, blob('b', "20261023")), "kept to the last day");
  EXPECT_EQ(content(*s, blob('a', "20261122")), "old");
  s->expire(at(2026, 11, 23));
  EXPECT_FALSE(s->open(blob('b', "20261023")));
  ASSERT_TRUE(s->put(blob('c', "20261001"), "an expired day can come back"));
  EXPECT_EQ(content(*s, blob('c', "20261001")), "an expired day can come back");
}

// Stores some blobs, a repeated one and a linked one among them, on the disk as it is; returns what was durable.
std::vector<std::pair<reference, std::string>> store_some(fake_file_system& fs) {
  std::vector<std::pair<reference, std::string>> durable;
  auto s = local(fs, {.directory = "/data/blobs"});
  const std::string large(3000, 'x');
  const auto put = [&](const reference& r, const std::string& bytes) {
    if (s->put(r, bytes)) durable.emplace_back(r, bytes);
  };
  put(blob('a', "20261121"), "first");
  put(blob('b'), large);
  put(blob('a'), "first");
  put(blob('b'), large);
  put(blob('c', "20261122", "other"), "second");
  s = local(fs, {.directory = "/data/blobs"});  // another process
  put(blob('b'), large);
  put(blob('d', "20261123"), large);
  put(blob('a', "20261123"), "first");
  return durable;
}

std::string violation(fake_file_system& fs, const std::vector<std::pair<reference, std::string>>& durable) {
  auto s = local(fs, {.directory = "/data/blobs"});
  for (const auto& [r, bytes] : durable)
    if (const auto found = content(*s, r); found != bytes) return to_string(r) + " is " + found.substr(0, 80);
  const auto again = store_some(fs);
  return again.size() == 8 ? "" : "storing again failed";
}

std::uint64_t calls_of_workload() {
  fake_file_system fs;
  store_some(fs);
  return fs.calls();
}

TEST(blobs, survive_a_power_cut_after_every_operation) {
  std::uint64_t points = 0;
  for (std::uint64_t n = 1; n <= calls_of_workload(); ++n)
    for (std::uint32_t seed = 0; seed < 12; ++seed, ++points) {
      fake_file_system fs;
      fs.cut_power_after(n);
      const auto durable = store_some(fs);
      fs.crash(seed * 1000 + static_cast<std::uint32_t>(n));
      ASSERT_EQ(violation(fs, durable), "") << "after call " << n << " seed " << seed;
    }
  std::cout << points << " crash points\n";
}

TEST(blobs, survive_any_call_that_fails) {
  for (const auto error : {std::errc::io_error, std::errc::no_space_on_device})
    for (std::uint64_t n = 1; n <= calls_of_workload(); ++n) {
      fake_file_system fs;
      fs.fail_call(n, error);
      const auto durable = store_some(fs);
      fs.crash([] { return false; });
      ASSERT_EQ(violation(fs, durable), "") << "call " << n;
    }
}

TEST(blobs, every_sync_is_needed) {
  for (const auto site : {base::sync_site::blob_file, base::sync_site::blob_directory}) {
    bool detected = false;
    for (std::uint64_t n = 1; n <= calls_of_workload() && !detected; ++n) {
      fake_file_system fs;
      fs.ignore(site);
      fs.cut_power_after(n);
      const auto durable = store_some(fs);
      fs.crash([] { return false; });
      fs.ignore(std::nullopt);
      detected = !violation(fs, durable).empty();
      for (std::uint32_t seed = 0; seed < 4 && !detected; ++seed) {
        fake_file_system torn;
        torn.ignore(site);
        torn.cut_power_after(n);
        const auto kept = store_some(torn);
        torn.crash(seed);
        detected = !violation(torn, kept).empty();
      }
    }
    EXPECT_TRUE(detected) << base::to_string(site) << " can be left out unnoticed";
  }
}

TEST(blobs, come_back_when_descriptors_do) {
  fake_file_system fs;
  auto s = local(fs, {.directory = "/data/blobs"});
  ASSERT_TRUE(s->put(blob('a'), "before"));
  for (const auto error : {std::errc::too_many_files_open, std::errc::too_many_files_open_in_system}) {
    for (const std::string_view failing : {"open", "list", "sync"}) {
      fs.set_hook([&](std::string_view call, const std::string& path) {
        return call == failing && !path.ends_with(".tmp") == (call != "open") ? std::optional(error) : std::nullopt;
      });
      EXPECT_FALSE(s->put(blob('b', "20261123"), "x")) << failing;
      EXPECT_FALSE(s->broken()) << failing;
      fs.set_hook(nullptr);
    }
    ASSERT_TRUE(s->put(blob('b', "20261123"), "x"));
    EXPECT_EQ(content(*s, blob('b', "20261123")), "x");
    s->expire(at(2027, 6, 1));
  }
}

TEST(blobs, are_broken_after_a_failed_sync) {
  for (const std::string_view failing : {".tmp", "20261122"}) {  // the file, the directory
    fake_file_system fs;
    auto s = local(fs, {.directory = "/data/blobs"});
    ASSERT_TRUE(s->put(blob('a'), "before"));
    fs.set_hook([&](std::string_view call, const std::string& path) {
      return call == "sync" && path.ends_with(failing) ? std::optional(std::errc::io_error) : std::nullopt;
    });
    EXPECT_FALSE(s->put(blob('b'), "x"));
    fs.set_hook(nullptr);
    EXPECT_TRUE(s->broken());
    EXPECT_FALSE(s->put(blob('c'), "x"));
    EXPECT_EQ(content(*s, blob('a')), "before");
  }
}

}  // namespace
}  // namespace switchboard::blobs
