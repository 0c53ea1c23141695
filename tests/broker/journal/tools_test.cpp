// Torn tails are cut, damage is named, found and repaired; a reader in another language sees what we see.
#include "broker/journal/tools.hpp"

#include <boost/json.hpp>
#include <cstdio>

#include "broker/journal/format.hpp"
#include "tests/broker/journal/support.hpp"
#include "tests/support/fake_file_system.hpp"

namespace switchboard::journal {
namespace {

using namespace testing;
using support::fake_file_system;

environment test_environment() {
  return {.fatal = [](std::string_view) {}, .boot_id = [] { return "boot"; }, .background = {}, .retry_interval = 2ms};
}

settings small(const std::string& directory) {
  settings s;
  s.directory = directory;
  s.segment_bytes = 8192;
  s.max_bytes = 40 * s.segment_bytes;
  return s;
}

class journal_tools : public ::testing::Test {
 protected:
  static constexpr auto directory = "/data/journal";

  std::expected<std::unique_ptr<journal>, std::string> try_open() {
    return journal::open(disk_, clock_, small(directory), probe_, test_environment());
  }
  // 30 units of a message each, over several segments; nothing published. Ends like a crash: no snapshot of the end.
  void fill(std::uint64_t units = 30) {
    auto j = try_open();
    ASSERT_TRUE(j) << j.error();
    for (std::uint64_t n = 1; n <= units; ++n) ASSERT_TRUE(submit_and_wait(**j, make_unit({make_message(n)})));
    disk_.cut_power_after(disk_.calls() + 1);  // the orderly end does not reach the disk
    j->reset();
    disk_.end_process();
  }
  std::string segment(std::uint64_t number) const { return format::paths(directory).segment(number); }
  // Offsets of the groups of a segment, by their magic.
  std::vector<std::uint64_t> groups(std::uint64_t number) const {
    const auto bytes = disk_.content(segment(number));
    std::vector<std::uint64_t> offsets;
    for (std::uint64_t at = 512; at + 4 <= bytes.size(); at += 512)
      if (std::memcmp(bytes.data() + at, "SGRP", 4) == 0) offsets.push_back(at);
    return offsets;
  }
  std::uint64_t last_segment() {
    std::uint64_t last = 0;
    for (const auto& name : disk_.list(format::paths(directory).segments).value())
      if (const auto number = format::number_of(name, "", ".segment"); number && !groups(*number).empty())
        last = *number;
    return last;
  }
  void put(const std::string& path, std::uint64_t at, std::string_view bytes) {
    auto file = disk_.open(path, base::open_mode::read_write);
    ASSERT_TRUE((*file)->write_at(at, as_bytes(bytes)));
    ASSERT_TRUE((*file)->sync_data(base::sync_site::group_commit));
  }

  fake_file_system disk_;
  manual_clock clock_;
  prometheus::Registry registry_;
  probe probe_{registry_};
};

// What a crash leaves of the last group: cut, whatever is missing of it. One that a later group knew to be durable:
// damage.
TEST_F(journal_tools, tells_a_torn_tail_from_damage) {
  fill();
  const auto last = last_segment();
  ASSERT_GE(last, 3U);
  const auto sound = disk_.content(segment(last));
  const auto offsets = groups(last);
  ASSERT_GE(offsets.size(), 2U);
  for (const std::uint64_t into : {0, 9, 33, 63, 64, 70, 200, 700}) {
    disk_.put_file(segment(last), sound);
    disk_.flip_bit(segment(last), offsets.back() + into);
    auto j = try_open();
    ASSERT_TRUE(j) << j.error();
    EXPECT_EQ((*j)->current_usage().durable, 29U) << into;
    EXPECT_EQ(read_all(**j).size(), 29U);
    disk_.cut_power_after(disk_.calls() + 1);
    j->reset();
    disk_.end_process();
  }
  for (std::uint64_t number = 1; number <= last; ++number) {
    const auto before = disk_.content(segment(number));
    for (const auto at : groups(number)) {
      if (number == last && at == offsets.back()) continue;
      if (number == last && at == offsets[offsets.size() - 2] && groups(number).size() < 2) continue;
      disk_.put_file(segment(last), sound);
      disk_.put_file(segment(number), number == last ? sound : before);
      disk_.flip_bit(segment(number), at + 100);
      const auto j = try_open();
      ASSERT_FALSE(j) << number << " " << at;
      EXPECT_NE(j.error().find(segment(number) + " at offset " + std::to_string(at)), std::string::npos) << j.error();
      EXPECT_NE(j.error().find(std::string("switchboard journal repair ") + directory), std::string::npos) << j.error();
    }
    disk_.put_file(segment(number), number == last ? sound : before);
  }
}

TEST_F(journal_tools, refuses_a_later_format) {
  fill(1);
  const auto bytes = disk_.content(format::paths(directory).identity);
  auto text = std::string(as_text(bytes));
  text[8] = 2;
  disk_.put_file(format::paths(directory).identity, {as_bytes(text).begin(), as_bytes(text).end()});
  const auto j = try_open();
  ASSERT_FALSE(j);
  EXPECT_NE(j.error().find("newer than this program"), std::string::npos) << j.error();
}

TEST_F(journal_tools, refuses_a_journal_with_missing_segments) {
  fill();
  ASSERT_TRUE(disk_.remove(segment(2)));
  EXPECT_FALSE(try_open());
}

TEST_F(journal_tools, repairs_by_skipping_every_single_group) {
  fill();
  const auto last = last_segment();
  const auto end = groups(last).back();
  std::uint64_t unit = 0, repaired = 0;
  for (std::uint64_t number = 1; number <= last; ++number) {
    const auto before = disk_.content(segment(number));
    for (const auto at : groups(number)) {
      ++unit;
      if (number == last && at == end) break;
      const auto all = disk_.snapshot_of_everything();
      disk_.flip_bit(segment(number), at + 100);
      ASSERT_FALSE(tools::verify(disk_, directory)->damaged.empty());
      const auto result = tools::repair(disk_, directory, tools::repair_mode::skip);
      ASSERT_TRUE(result) << result.error();
      EXPECT_TRUE(result->changed);
      EXPECT_EQ(result->first_lost_unit, unit);
      EXPECT_EQ(result->last_lost_unit, unit);
      EXPECT_EQ(result->file, segment(number));
      EXPECT_EQ(result->offset, at);
      EXPECT_FALSE(disk_.content(result->saved_to).empty());
      EXPECT_TRUE(tools::verify(disk_, directory)->damaged.empty());
      EXPECT_FALSE(tools::repair(disk_, directory, tools::repair_mode::skip)->changed);
      auto j = try_open();
      ASSERT_TRUE(j) << j.error();
      const auto units = read_all(**j);
      ASSERT_EQ(units.size(), 29U);
      EXPECT_TRUE(std::ranges::none_of(units, [&](const auto& u) { return u.number == unit; }));
      EXPECT_EQ(submit_and_wait(**j, make_unit({make_message(1000)}))->number, 31U);
      j->reset();
      disk_.restore_everything(all);
      ++repaired;
    }
  }
  EXPECT_EQ(repaired, 29U);
}

TEST_F(journal_tools, repairs_a_broken_segment_header) {
  fill();
  disk_.flip_bit(segment(2), 20);
  ASSERT_FALSE(try_open());
  const auto result = tools::repair(disk_, directory, tools::repair_mode::skip);
  ASSERT_TRUE(result) << result.error();
  EXPECT_EQ(result->first_lost_unit, 0U) << "no unit was in it";
  auto j = try_open();
  ASSERT_TRUE(j) << j.error();
  EXPECT_EQ(read_all(**j).size(), 30U);
}

TEST_F(journal_tools, repairs_by_cutting_and_takes_another_name) {
  fill();
  const auto id = tools::inspect(disk_, directory)->id;
  const auto at = groups(last_segment()).front();
  disk_.flip_bit(segment(last_segment()), at + 100);
  const auto kept = groups(last_segment()).size();
  const auto result = tools::repair(disk_, directory, tools::repair_mode::cut);
  ASSERT_TRUE(result) << result.error();
  EXPECT_EQ(result->first_lost_unit, 30 - kept + 1);
  auto j = try_open();
  ASSERT_TRUE(j) << j.error();
  EXPECT_NE((*j)->id(), id);
  EXPECT_LE(read_all(**j).size(), 30 - kept);
  EXPECT_TRUE(submit_and_wait(**j, make_unit({make_message(1000)})));
}

TEST_F(journal_tools, repairs_a_lost_snapshot_and_a_lost_run) {
  fill();
  const format::paths paths(directory);
  const auto names = disk_.list(paths.dedupe).value();
  ASSERT_FALSE(names.empty());
  disk_.flip_bit(paths.dedupe + "/" + names[0], 70);
  ASSERT_FALSE(try_open());
  auto result = tools::repair(disk_, directory, tools::repair_mode::skip);
  ASSERT_TRUE(result) << result.error();
  ASSERT_EQ(result->notes.size(), 1U);
  auto j = try_open();
  ASSERT_TRUE(j) << j.error();
  j->reset();

  const auto snapshots = disk_.list(paths.snapshots).value();
  disk_.flip_bit(paths.snapshots + "/" + snapshots.back(), 30);
  ASSERT_FALSE(try_open());
  result = tools::repair(disk_, directory, tools::repair_mode::skip);
  ASSERT_TRUE(result) << result.error();
  j = try_open();
  ASSERT_TRUE(j) << j.error();
  EXPECT_EQ(read_all(**j).size(), 30U);
}

TEST_F(journal_tools, a_recycled_tail_is_not_read) {
  auto j = try_open();
  ASSERT_TRUE(j);
  std::uint64_t n = 0;
  for (int round = 0; round < 12; ++round) {
    for (int i = 0; i < 9; ++i) ASSERT_TRUE(submit_and_wait(**j, make_unit({make_message(++n)})));
    (*j)->published(n);
  }
  EXPECT_GT(probe_.segments_recycled.Value(), 3);
  disk_.cut_power_after(disk_.calls() + 1);
  j->reset();
  disk_.end_process();
  j = try_open();
  ASSERT_TRUE(j) << j.error();
  EXPECT_EQ((*j)->current_usage().durable, n);
  const auto units = read_all(**j);
  ASSERT_FALSE(units.empty());
  EXPECT_EQ(units.back().number, n);
}

// --- another reader ---

std::vector<boost::json::value> lines_of(const std::string& command) {
  std::vector<boost::json::value> lines;
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen(command.c_str(), "r"), ::pclose);
  std::string line;
  for (int c = 0; (c = std::fgetc(pipe.get())) != EOF;) {
    if (c != '\n') {
      line.push_back(static_cast<char>(c));
      continue;
    }
    lines.push_back(boost::json::parse(line));
    line.clear();
  }
  return lines;
}

class journal_reader : public ::testing::TestWithParam<std::string> {};

TEST_P(journal_reader, agrees_with_the_export) {
  temporary_directory home;
  manual_clock clock;
  prometheus::Registry registry;
  probe p(registry);
  auto s = small(home.path() + "/journal");
  if (GetParam() == "kafka") s.mode = acknowledge::kafka;
  auto& fs = base::real_file_system();
  std::optional<std::string> cursor;
  std::vector<std::pair<std::string, std::string>> expected_state;
  {
    auto j = journal::open(fs, clock, s, p, test_environment());
    ASSERT_TRUE(j) << j.error();
    receipts done;
    const std::uint64_t units = GetParam() == "empty" ? 0 : 60;
    for (std::uint64_t n = 1; n <= units; ++n) {
      auto u = make_unit({make_message(n, n,
                                       n % 3 == 0 ? std::vector<std::string>{"inbound", "complaints"}
                                                  : std::vector<std::string>{"activity"})},
                         n % 2 == 0 ? "store" : "caf\xc3\xa9");
      if (n % 5 == 0) u.messages.push_back(make_message(n - 1, n % 10 == 0 ? n - 1 : 77));
      if (n % 7 == 0) u.blobs = {{"acme/20261122/x", std::string("\0\xff binary", 9)}};
      u.messages[0].sequence = sequence_mark{"kiosk " + std::to_string(n % 2), n * n % 97};
      u.puts = {{"mail", "cursor", std::to_string(n)},
                {"mqtt", "k" + std::to_string(n % 4), n % 8 < 4 ? "v" + std::to_string(n) : ""}};
      if (n % 11 == 0) u.messages[0].event.key = "not utf-8 \xfe";
      u.items_decoded = static_cast<std::uint32_t>(u.messages.size());
      ASSERT_TRUE((*j)->submit(std::move(u), done.next()));
      if (n % 6 == 0 || s.mode == acknowledge::disk) {
        ASSERT_TRUE(eventually([&] { return (*j)->current_usage().appended >= n; }));
      }
      clock.advance(3h);
      if (GetParam() == "recycled") (*j)->published((*j)->current_usage().durable);
    }
    for (const auto* key : {"k0", "k1", "k2", "k3"})
      if (const auto value = (*j)->state("mqtt", key)) expected_state.emplace_back(key, *value);
    if (GetParam() == "crashed") {
      std::filesystem::copy(s.directory, home.path() + "/copy", std::filesystem::copy_options::recursive);
      s.directory = home.path() + "/copy";
    }
    (*j)->stop();
  }
  if (GetParam() == "repaired") {
    const auto file = format::paths(s.directory).segment(2);
    auto damaged = fs.open(file, base::open_mode::read_write);
    ASSERT_TRUE((*damaged)->write_at(512 + 100, as_bytes("damage")));
    ASSERT_TRUE(tools::repair(fs, s.directory, tools::repair_mode::skip)->changed);
  }

  std::vector<boost::json::value> ours;
  const auto exported = tools::export_units(fs, s.directory, [&](std::string_view line) {
    ours.push_back(boost::json::parse(line));
    return true;
  });
  ASSERT_TRUE(exported) << exported.error();
  auto theirs = lines_of("python3 " SWITCHBOARD_SOURCE_DIR "/tests/broker/journal/reader.py " + s.directory);
  ASSERT_FALSE(theirs.empty());
  const auto state = theirs.back().as_object();
  theirs.pop_back();
  ASSERT_EQ(theirs.size(), ours.size());
  EXPECT_EQ(ours.empty(), GetParam() == "empty");
  for (std::size_t i = 0; i < ours.size(); ++i) ASSERT_EQ(theirs[i], ours[i]) << i;

  const auto summary = tools::inspect(fs, s.directory);
  ASSERT_TRUE(summary) << summary.error();
  EXPECT_EQ(state.at("journal"), boost::json::value(schemas::to_string(summary->id)));
  EXPECT_EQ(state.at("last_unit").to_number<std::uint64_t>(), summary->last_unit);
  EXPECT_EQ(state.at("dedupe_entries").to_number<std::uint64_t>(), summary->dedupe_entries);
  std::map<std::string, std::uint64_t> topics;
  for (const auto& t : summary->books.topics) topics[t.topic] = t.appended;
  boost::json::array topic_list;
  for (const auto& [name, value] : topics) topic_list.push_back(boost::json::array{name, value});
  EXPECT_EQ(state.at("topics"), boost::json::value(topic_list));
  boost::json::array sources;
  for (const auto& source : summary->books.sources)
    sources.push_back(boost::json::array{source.source, source.decoded, source.appended, source.duplicates});
  EXPECT_EQ(state.at("sources"), boost::json::value(sources));
  EXPECT_EQ(state.at("state").as_array().size(), summary->state_entries);
  EXPECT_EQ(state.at("scopes").as_array().size(), summary->sequence_scopes);
  for (const auto& entry : state.at("state").as_array())
    if (entry.at(0) == "mqtt") {
      const auto pair = std::pair(std::string(entry.at(1).as_string()), std::string(entry.at(2).as_string()));
      EXPECT_TRUE(std::ranges::find(expected_state, pair) != expected_state.end()) << pair.first;
    }
  EXPECT_TRUE(tools::verify(fs, s.directory)->damaged.empty());
}

INSTANTIATE_TEST_SUITE_P(journal, journal_reader,
                         ::testing::Values("orderly", "crashed", "recycled", "kafka", "repaired", "empty"),
                         [](const auto& kind) { return kind.param; });

TEST(journal_tools_errors, are_for_people) {
  fake_file_system disk;
  EXPECT_NE(tools::inspect(disk, "/nothing").error().find("is no journal"), std::string::npos);
}

}  // namespace
}  // namespace switchboard::journal
