// The table tests of all connectors: every cases/NAME.request.json goes through what `decode` runs, and has to give
// what NAME.expect.json says, which was written by hand, and NAME.golden.json, byte for byte.
//
// SWITCHBOARD_UPDATE_GOLDEN=1 writes the golden files anew; the diff is then to be read.
#include <gmock/gmock.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "broker/intake/decode_line.hpp"
#include "broker/intake/request_line.hpp"
#include "connectors/registry.hpp"
#include "tests/connectors/support/source.hpp"

namespace switchboard::connectors {
namespace {

namespace bj = boost::json;
namespace fs = std::filesystem;

const fs::path root = fs::path(SWITCHBOARD_SOURCE_DIR) / "tests" / "connectors";

struct table_case {
  std::string connector, name;
  fs::path file(std::string_view kind) const {
    return root / connector / "cases" / (name + "." + std::string(kind) + ".json");
  }
};
void PrintTo(const table_case& c, std::ostream* out) { *out << c.connector << "/" << c.name; }

std::vector<table_case> find_cases() {
  constexpr std::string_view suffix = ".request.json";
  std::vector<table_case> out;
  for (const auto& folder : fs::directory_iterator(root)) {
    if (!fs::is_directory(folder.path() / "cases")) continue;
    for (const auto& file : fs::directory_iterator(folder.path() / "cases")) {
      const std::string name = file.path().filename().string();
      if (name.ends_with(suffix))
        out.push_back({folder.path().filename().string(), name.substr(0, name.size() - suffix.size())});
    }
  }
  std::ranges::sort(out, {}, [](const table_case& c) { return std::pair(c.connector, c.name); });
  return out;
}

// The line that `decode` writes for a request.
std::string decode_line(const table_case& c) {
  const intake::source source = tests::source_from((root / c.connector / "source.json").string(), c.connector);
  std::string text = tests::read_file(c.file("request").string());
  if (text.ends_with('\n')) text.pop_back();
  auto request = intake::request_line::parse(text);
  if (!request) throw std::runtime_error(to_string(request.error()));
  request->public_url(source.public_url + std::string(request->target()));
  const intake::environment environment = tests::fixed_environment();
  const auto processed = intake::process(source, request->inbound(), environment);
  std::string out;
  intake::append_decoded(out, source, request->inbound(), processed, environment);
  return out;
}

std::string text_at(const bj::value& from, std::string_view pointer) {
  boost::system::error_code error;
  const bj::value* found = from.find_pointer(bj::string_view(pointer.data(), pointer.size()), error);
  if (!found) return {};
  return found->is_string() ? std::string(found->as_string()) : bj::serialize(*found);
}

std::string actor_of(const bj::value& data) {
  for (const auto* pointer : {"/actor/identities/0/uri", "/actor/display_name", "/actor/role"})
    if (std::string found = text_at(data, pointer); !found.empty()) return found;
  return {};
}

class cases : public testing::TestWithParam<table_case> {};

TEST_P(cases, give_what_is_expected) {
  const table_case& c = GetParam();
  ASSERT_TRUE(fs::exists(c.file("expect")))
      << "write down by hand what this request is to become: " << c.file("expect");
  const bj::value expect = bj::parse(tests::read_file(c.file("expect").string()));
  const std::string line = decode_line(c);
  const bj::value decoded = bj::parse(line);
  EXPECT_EQ(text_at(decoded, "/outcome"), text_at(expect, "/outcome")) << line;
  if (expect.as_object().contains("code")) EXPECT_EQ(text_at(decoded, "/code"), text_at(expect, "/code"));
  if (expect.as_object().contains("reply")) EXPECT_EQ(text_at(decoded, "/reply/body"), text_at(expect, "/reply"));
  const bool authentic = text_at(decoded, "/outcome") != "rejected";
  const int status = static_cast<int>(decoded.at("status").as_int64());
  EXPECT_EQ(authentic, status / 100 == 2) << "what is authentic is taken, what is not is refused: " << status;

  std::vector<std::pair<std::string, std::string>> kept, wanted;
  if (const auto* list = decoded.as_object().if_contains("quarantined"))
    for (const bj::value& each : list->as_array()) kept.emplace_back(text_at(each, "/code"), text_at(each, "/pointer"));
  if (const auto* list = expect.as_object().if_contains("quarantined"))
    for (const bj::value& each : list->as_array()) wanted.emplace_back(text_at(each, "/0"), text_at(each, "/1"));
  if (text_at(expect, "/outcome") == "quarantined" && wanted.empty())
    wanted.emplace_back(text_at(expect, "/code"), text_at(expect, "/pointer"));
  EXPECT_EQ(kept, wanted);

  const bj::array none;
  const bj::array& events = decoded.at("events").as_array();
  const auto* listed = expect.as_object().if_contains("events");
  const bj::array& expected = listed ? listed->as_array() : none;
  ASSERT_EQ(events.size(), expected.size()) << line;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    SCOPED_TRACE("event " + std::to_string(i) + ": " + bj::serialize(events[i]));
    const bj::value& data = events[i].at("data");
    EXPECT_EQ(text_at(events[i], "/type"), text_at(expected[i], "/type"));
    EXPECT_EQ(text_at(data, "/object/external_id"), text_at(expected[i], "/object"));
    EXPECT_EQ(text_at(events[i], "/time"), text_at(expected[i], "/time"));
    EXPECT_EQ(actor_of(data), text_at(expected[i], "/actor"));
    EXPECT_EQ(text_at(data, "/text"), text_at(expected[i], "/text"));
    if (const auto* also = expected[i].as_object().if_contains("also"))
      for (const auto& member : also->as_object()) {
        const std::string pointer(member.key());
        const bj::value& v = member.value();
        if (v.is_double() || v.is_int64())
          EXPECT_DOUBLE_EQ(std::strtod(text_at(data, pointer).c_str(), nullptr), v.to_number<double>()) << pointer;
        else
          EXPECT_EQ(text_at(data, pointer), v.is_string() ? std::string(v.as_string()) : bj::serialize(v)) << pointer;
      }
  }
}

TEST_P(cases, are_golden) {
  const std::string line = decode_line(GetParam());
  const fs::path golden = GetParam().file("golden");
  if (std::getenv("SWITCHBOARD_UPDATE_GOLDEN")) std::ofstream(golden, std::ios::binary) << line;
  ASSERT_TRUE(fs::exists(golden)) << "SWITCHBOARD_UPDATE_GOLDEN=1 writes it";
  EXPECT_EQ(line, tests::read_file(golden.string()));
}

INSTANTIATE_TEST_SUITE_P(connectors, cases, testing::ValuesIn(find_cases()), [](const auto& info) {
  std::string name = info.param.connector + "_" + info.param.name;
  std::ranges::replace_if(name, [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); }, '_');
  return name;
});

TEST(runner, finds_the_cases_of_every_connector) {
  const auto all = find_cases();
  for (const connector* each : connectors::all()) {
    const std::string name = tests::folder_of(*each);
    EXPECT_GE(std::ranges::count(all, name, &table_case::connector), 30) << name;
  }
  for (const table_case& c : all) EXPECT_TRUE(fs::exists(c.file("expect"))) << c.connector << "/" << c.name;
}

}  // namespace
}  // namespace switchboard::connectors
