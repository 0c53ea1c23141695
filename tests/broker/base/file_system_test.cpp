#include "broker/base/file_system.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <set>

#include "broker/base/durable.hpp"
#include "tests/support/fake_file_system.hpp"

namespace switchboard::base {
namespace {

std::string text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
std::span<const std::byte> bytes(std::string_view text) { return std::as_bytes(std::span(text)); }

// The fake is only worth something where it does what the real one does.
class any_file_system : public ::testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    if (GetParam()) {
      std::string name = (std::filesystem::temp_directory_path() / "switchboard-fs-XXXXXX").string();
      ASSERT_NE(::mkdtemp(name.data()), nullptr);
      root_ = name;
    } else {
      ASSERT_TRUE(fake_.create_directories(root_));
    }
  }
  void TearDown() override {
    if (GetParam()) std::filesystem::remove_all(root_);
  }
  file_system& fs() { return GetParam() ? real_file_system() : fake_; }

  support::fake_file_system fake_;
  std::string root_ = "/root";
};

TEST_P(any_file_system, reads_what_was_written) {
  const auto path = root_ + "/a";
  EXPECT_EQ(fs().open(path, open_mode::read).error(), std::errc::no_such_file_or_directory);
  {
    auto file = fs().open(path, open_mode::create);
    ASSERT_TRUE(file);
    ASSERT_TRUE((*file)->write_at(3, bytes("hello")));
    ASSERT_TRUE((*file)->sync_data(sync_site::blob_file));
    EXPECT_EQ((*file)->size().value(), 8U);
  }
  EXPECT_EQ(fs().open(path, open_mode::create).error(), std::errc::file_exists);
  auto file = fs().open(path, open_mode::read_write);
  ASSERT_TRUE(file);
  std::array<std::byte, 20> out{};
  EXPECT_EQ((*file)->read_at(2, out).value(), 6U);
  EXPECT_EQ(text_of(std::span(out).first(6)), std::string("\0hello", 6));
  EXPECT_EQ((*file)->read_at(100, out).value(), 0U);
  EXPECT_EQ(text_of(fs().map(path).value()->bytes()), std::string("\0\0\0hello", 8));
  ASSERT_TRUE((*file)->resize(5));
  EXPECT_EQ((*file)->size().value(), 5U);
  ASSERT_TRUE((*file)->fill_with_zeros(700'000));
  EXPECT_EQ((*file)->size().value(), 700'000U);
  EXPECT_EQ((*file)->read_at(3, out).value(), out.size());
  EXPECT_TRUE(std::ranges::all_of(out, [](std::byte b) { return b == std::byte{}; }));
}

TEST_P(any_file_system, moves_links_lists_and_removes) {
  ASSERT_TRUE(fs().create_directories(root_ + "/d/e"));
  ASSERT_TRUE(fs().open(root_ + "/d/x", open_mode::create));
  ASSERT_TRUE(fs().rename(root_ + "/d/x", root_ + "/d/y"));
  ASSERT_TRUE(fs().link(root_ + "/d/y", root_ + "/d/e/z"));
  EXPECT_EQ(fs().link(root_ + "/d/y", root_ + "/d/e/z").error(), std::errc::file_exists);
  EXPECT_EQ(fs().link(root_ + "/d/none", root_ + "/d/n").error(), std::errc::no_such_file_or_directory);
  EXPECT_EQ(fs().list(root_ + "/d").value(), (std::vector<std::string>{"e", "y"}));
  EXPECT_FALSE(fs().list(root_ + "/none"));
  EXPECT_TRUE(fs().exists(root_ + "/d/e/z").value());
  EXPECT_FALSE(fs().exists(root_ + "/d/x").value());
  EXPECT_FALSE(fs().remove(root_ + "/d")) << "not empty";
  EXPECT_TRUE(fs().remove(root_ + "/d/e/z"));
  EXPECT_TRUE(fs().remove(root_ + "/d/e"));
  EXPECT_EQ(fs().remove(root_ + "/d/e").error(), std::errc::no_such_file_or_directory);
  EXPECT_TRUE(fs().sync_directory(root_ + "/d", sync_site::blob_directory));
  EXPECT_FALSE(fs().sync_directory(root_ + "/none", sync_site::blob_directory));
  EXPECT_GT(fs().free_space(root_).value().total_bytes, 0U);
}

TEST_P(any_file_system, locks_once) {
  auto held = fs().lock(root_ + "/lock");
  ASSERT_TRUE(held);
  EXPECT_EQ(fs().lock(root_ + "/lock").error(), std::errc::device_or_resource_busy);
  held->reset();
  EXPECT_TRUE(fs().lock(root_ + "/lock"));
}

TEST_P(any_file_system, replaces_a_file_whole) {
  ASSERT_FALSE(create_directories_durably(fs(), root_ + "/a/b", sync_site::identity_directory));
  for (const auto* content : {"first", "the second"}) {
    ASSERT_FALSE(
        write_durably(fs(), root_ + "/a/b", "name", content, sync_site::identity_file, sync_site::identity_directory));
    EXPECT_EQ(read_whole(fs(), root_ + "/a/b/name").value(), content);
  }
  EXPECT_EQ(fs().list(root_ + "/a/b").value(), std::vector<std::string>{"name"});
  const auto error =
      write_durably(fs(), root_ + "/none", "name", "x", sync_site::identity_file, sync_site::identity_directory);
  ASSERT_TRUE(error);
  EXPECT_FALSE(error->sync);
}

INSTANTIATE_TEST_SUITE_P(base, any_file_system, ::testing::Bool(),
                         [](const auto& real) { return real.param ? "real" : "fake"; });

TEST(fake_file_system, forgets_what_was_not_synced) {
  support::fake_file_system fs;
  ASSERT_TRUE(fs.create_directories("/d"));
  ASSERT_TRUE(fs.sync_directory("/", sync_site::blob_directory));
  auto file = *fs.open("/d/kept", open_mode::create);
  ASSERT_TRUE(fs.sync_directory("/d", sync_site::blob_directory));
  ASSERT_TRUE(file->write_at(0, bytes(std::string(2048, 'a'))));
  ASSERT_TRUE(file->sync_data(sync_site::blob_file));
  ASSERT_TRUE(file->write_at(502, bytes("torn over two sectors")));
  ASSERT_TRUE(fs.open("/d/lost", open_mode::create));
  int asked = 0;
  fs.crash([&] { return asked++ == 2; });  // neither the entry nor the first sector, but the second
  EXPECT_FALSE(fs.exists("/d/lost").value());
  const auto content = text_of(fs.content("/d/kept"));
  EXPECT_EQ(content.substr(495, 17), std::string(17, 'a'));
  EXPECT_EQ(content.substr(512, 11), "two sectors");
  EXPECT_EQ(file->size().error(), std::errc::bad_file_descriptor);
}

TEST(sync_sites, have_names) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < sync_site_count; ++i) names.insert(to_string(static_cast<sync_site>(i)));
  EXPECT_EQ(names.size(), sync_site_count);
  EXPECT_FALSE(names.contains("unknown"));
}

}  // namespace
}  // namespace switchboard::base
