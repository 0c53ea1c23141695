#include "broker/config/schema.hpp"

#include <gtest/gtest.h>

namespace switchboard::config {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view colours[] = {"red", "green"};
constexpr option inner_options[] = {
    {.name = "key", .type = type::secret, .text = "The key.", .required = true},
    {.name = "weight", .type = type::number, .default_value = "0.5", .least = 0, .most = 1},
};
constexpr section inner{.name = "inner", .text = {}, .options = inner_options};
constexpr option entry_options[] = {{.name = "id", .text = "The name.", .required = true}};
constexpr section entry{.name = "entry", .text = {}, .options = entry_options};
constexpr option open_options[] = {{.name = "mode", .default_value = "plain"}};
constexpr section open_section{.name = "open", .text = {}, .options = open_options, .open = "anything else"};
constexpr option root_options[] = {
    {.name = "port",
     .type = type::integer,
     .default_value = "8080",
     .text = "Where to listen.",
     .least = 0,
     .most = 65535},
    {.name = "quiet", .type = type::boolean, .default_value = "false", .text = "Say less."},
    {.name = "wait", .type = type::duration, .default_value = "30s", .text = "How long.", .least = 1000, .most = 60000},
    {.name = "room", .type = type::size, .default_value = "1MiB", .text = "How much.", .least = 1 << 20},
    {.name = "colour", .type = type::choice, .default_value = "red", .text = "Which.", .choices = colours},
    {.name = "names", .type = type::strings, .text = "Who."},
    {.name = "labels", .type = type::map, .text = "What."},
    {.name = "inner", .type = type::section, .text = "Inside.", .nested = &inner},
    {.name = "entries", .type = type::sections, .text = "Many.", .nested = &entry},
    {.name = "open", .type = type::section, .text = "Open.", .nested = &open_section},
};
constexpr section root_section{.name = "file", .text = "All of it.", .options = root_options};

std::vector<std::string> check_text(std::string_view yaml) {
  report out("f.yaml");
  read_settings settings;
  settings.environment = [](const std::string& name) -> std::optional<std::string> {
    if (name == "PORT") return "hunter2";
    return std::nullopt;
  };
  const auto root = read(yaml, settings, out);
  if (root) check(*root, root_section, out);
  std::vector<std::string> said;
  for (const auto& d : out.take()) said.push_back(to_string(d));
  return said;
}

struct wrong {
  const char* name;
  const char* yaml;
  std::vector<std::string> said;
};
void PrintTo(const wrong& w, std::ostream* out) { *out << w.name; }
class schema_diagnostics : public testing::TestWithParam<wrong> {};

TEST_P(schema_diagnostics, name_place_message_and_hint) { EXPECT_EQ(check_text(GetParam().yaml), GetParam().said); }

INSTANTIATE_TEST_SUITE_P(
    table, schema_diagnostics,
    testing::Values(
        wrong{"right",
              "port: 1\nquiet: true\nwait: 2s\nroom: 2MiB\ncolour: green\nnames: [a]\nlabels: {a: b}\ninner: {key: "
              "x}\nentries: [{id: a}]\nopen: {z: 1}\n",
              {}},
        wrong{"unknown_near", "prt: 1\n", {"f.yaml:1:1: unknown key 'prt' in 'file'; did you mean 'port'?"}},
        wrong{"unknown_far",
              "entries:\n  - id: a\n    completely_else: 1\n",
              {"f.yaml:3:5: unknown key 'completely_else' in 'entry'; known are: id"}},
        wrong{"integer",
              "port: many\n",
              {"f.yaml:1:7: 'port' cannot be 'many', expected a whole number; write a whole number"}},
        wrong{"integer_quoted",
              "port: \"80\"\n",
              {"f.yaml:1:7: 'port' cannot be '80', expected a whole number; write a whole number"}},
        wrong{"integer_range", "port: 65536\n", {"f.yaml:1:7: 'port' is out of range; allowed is 0 to 65535"}},
        wrong{"integer_huge",
              "port: 99999999999999999999\n",
              {"f.yaml:1:7: 'port' cannot be '99999999999999999999', expected a whole number; write a whole number"}},
        wrong{"boolean",
              "quiet: yes\n",
              {"f.yaml:1:8: 'quiet' cannot be 'yes', expected true or false; write true or false"}},
        wrong{"duration_unit",
              "wait: 30\n",
              {"f.yaml:1:7: 'wait' cannot be '30', expected a duration; write a number with its unit, such as 500ms, "
               "30s, 5m, 8h or 30d"}},
        wrong{"duration_range", "wait: 2m\n", {"f.yaml:1:7: 'wait' is out of range; allowed is 1s to 1m"}},
        wrong{"size_range", "room: 1KiB\n", {"f.yaml:1:7: 'room' is out of range; allowed is at least 1MiB"}},
        wrong{"size",
              "room: 1 cup\n",
              {"f.yaml:1:7: 'room' cannot be '1 cup', expected a size; write bytes or a number with its unit, such as "
               "64KiB, 10MiB or 2GiB"}},
        wrong{"choice",
              "colour: grene\n",
              {"f.yaml:1:9: 'colour' cannot be 'grene', expected one of a few words; did you mean 'green'? write one "
               "of: red, green"}},
        wrong{"number_range",
              "inner: {key: a, weight: 1.5}\n",
              {"f.yaml:1:25: 'weight' is out of range; allowed is 0 to 1"}},
        wrong{"map_for_scalar",
              "port: {a: 1}\n",
              {"f.yaml:1:7: 'port' is a map, expected a whole number; write a whole number"}},
        wrong{"scalar_for_map", "inner: x\n", {"f.yaml:1:8: 'inner' is a value, expected a map; write name: value"}},
        wrong{"scalar_for_list",
              "entries: x\n",
              {"f.yaml:1:10: 'entries' is a value, expected a list; begin each entry with '- '"}},
        wrong{"missing", "inner: {weight: 1}\n", {"f.yaml:1:8: 'key' is missing in 'inner'; The key."}},
        wrong{"secret_empty",
              "inner: {key: \"\"}\n",
              {"f.yaml:1:14: 'key' is empty; write ${NAME} or ${file:/path}; without a secret anyone gets in"}},
        wrong{"secret_null",
              "inner:\n  key:\n",
              {"f.yaml:2:3: 'key' is empty; write ${NAME} or ${file:/path}; without a secret anyone gets in"}},
        wrong{"referenced_not_shown",
              "port: ${PORT}\n",
              {"f.yaml:1:7: 'port' cannot be that value, expected a whole number; write a whole number"}},
        wrong{"all_at_once",
              "port: x\nquiet: 1\nfoo: 2\n",
              {"f.yaml:1:7: 'port' cannot be 'x', expected a whole number; write a whole number",
               "f.yaml:2:8: 'quiet' cannot be '1', expected true or false; write true or false",
               "f.yaml:3:1: unknown key 'foo' in 'file'; did you mean 'room'?"}},
        wrong{"root_list", "- a\n", {"f.yaml:1:1: 'file' is a list, expected a map; write name: value"}}),
    [](const auto& i) { return std::string(i.param.name); });

TEST(view, gives_what_is_written_and_defaults) {
  report out("f.yaml");
  const auto root = read(
      "port: 1\nnames: solo\nlabels: {b: x, a: y}\nentries: [{id: one}, {id: two}]\nopen: {mode: m, linger.ms: 5}\n",
      {}, out);
  ASSERT_TRUE(root);
  const view v(&*root, root_section);
  EXPECT_EQ(v.integer("port"), 1);
  EXPECT_TRUE(v.has("port"));
  EXPECT_FALSE(v.has("wait"));
  EXPECT_EQ(v.duration("wait"), 30s);
  EXPECT_EQ(v.size("room"), 1 << 20);
  EXPECT_FALSE(v.boolean("quiet"));
  EXPECT_EQ(v.text("colour"), "red");
  EXPECT_EQ(v.strings("names"), std::vector<std::string>{"solo"});
  EXPECT_EQ(v.map("labels"), (std::vector<std::pair<std::string, std::string>>{{"b", "x"}, {"a", "y"}}));
  EXPECT_EQ(v.sub("inner").number("weight"), 0.5);
  ASSERT_EQ(v.subs("entries").size(), 2u);
  EXPECT_EQ(v.subs("entries")[1].text("id"), "two");
  EXPECT_EQ(v.subs("entries")[1].at("id").column, 27);
  const auto others = v.sub("open").others();
  ASSERT_EQ(others.size(), 1u);
  EXPECT_EQ(others[0]->key, "linger.ms");
}

TEST(scalar, reads_durations) {
  EXPECT_EQ(parse_duration("500ms"), 500ms);
  EXPECT_EQ(parse_duration("8d"), 192h);
  EXPECT_EQ(parse_duration("1h30m"), 90min);
  EXPECT_EQ(parse_duration("0"), 0ms);
  for (const auto* bad : {"", "5", "-1s", "1.5s", "1s ", " 1s", "1w", "s", "99999999999999999d", "1s1"})
    EXPECT_EQ(parse_duration(bad), std::nullopt) << bad;
}

TEST(scalar, reads_sizes) {
  EXPECT_EQ(parse_size("4096"), 4096);
  EXPECT_EQ(parse_size("64KiB"), 65536);
  EXPECT_EQ(parse_size("10GiB"), 10ll << 30);
  EXPECT_EQ(parse_size("5MB"), 5'000'000);
  for (const auto* bad : {"", "-1", "1.5MiB", "1 MiB", "1mib", "9999999999TiB", "MiB"})
    EXPECT_EQ(parse_size(bad), std::nullopt) << bad;
}

TEST(scalar, reads_numbers_strictly) {
  EXPECT_EQ(parse_integer("-5"), -5);
  EXPECT_EQ(parse_integer("5x"), std::nullopt);
  EXPECT_EQ(parse_integer("0x5"), std::nullopt);
  EXPECT_EQ(parse_number("0.25"), 0.25);
  EXPECT_EQ(parse_number("inf"), std::nullopt);
  EXPECT_EQ(parse_boolean("True"), std::nullopt);
}

TEST(reference, lists_every_option_of_the_table) {
  const auto page = markdown(root_section);
  EXPECT_TRUE(page.starts_with("All of it.\n\n| Key | Type | Default | Meaning |\n")) << page;
  EXPECT_NE(page.find("| `port` | a whole number, 0 to 65535 | `8080` | Where to listen. |\n"), std::string::npos)
      << page;
  EXPECT_NE(page.find("| `colour` | `red` `green` | `red` | Which. |\n"), std::string::npos) << page;
  EXPECT_NE(page.find("### `entries[]`\n\n"), std::string::npos) << page;
  EXPECT_NE(page.find("| `inner.key` | a secret | **required** | The key. |\n"), std::string::npos) << page;
  EXPECT_NE(page.find("| `open.…` | text | | anything else |"), std::string::npos) << page;
}

}  // namespace
}  // namespace switchboard::config
