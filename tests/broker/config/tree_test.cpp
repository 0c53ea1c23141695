#include "broker/config/tree.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

namespace switchboard::config {
namespace {

std::optional<std::string> environment(const std::string& name) {
  if (name == "TOKEN") return "s3cret";
  if (name == "EMPTY") return "";
  return std::nullopt;
}

struct outcome {
  std::optional<node> root;
  std::vector<std::string> said;
};

outcome read_text(std::string_view yaml, read_settings settings = {}) {
  if (!settings.environment) settings.environment = environment;
  report out("f.yaml");
  auto root = read(yaml, settings, out);
  outcome result{std::move(root), {}};
  for (const auto& d : out.take()) result.said.push_back(to_string(d));
  return result;
}

TEST(tree, keeps_values_with_their_places) {
  const auto [root, said] = read_text("listen:\n  port: 8080\n  name: \"8080\"\nlist: [a, b]\nnothing:\n");
  ASSERT_TRUE(root);
  EXPECT_TRUE(said.empty());
  const auto* port = root->find("listen")->value.find("port");
  EXPECT_EQ(port->at.line, 2);
  EXPECT_EQ(port->at.column, 3);
  EXPECT_EQ(port->value.at.column, 9);
  EXPECT_EQ(port->value.text, "8080");
  EXPECT_FALSE(port->value.quoted);
  EXPECT_TRUE(root->find("listen")->value.find("name")->value.quoted);
  EXPECT_EQ(root->find("list")->value.items.at(1).text, "b");
  EXPECT_EQ(root->find("nothing")->value.type, node::kind::null);
  EXPECT_EQ(root->find("absent"), nullptr);
}

struct wrong {
  const char* name;
  const char* yaml;
  std::vector<std::string> said;
};
void PrintTo(const wrong& w, std::ostream* out) { *out << w.name; }
class tree_diagnostics : public testing::TestWithParam<wrong> {};

TEST_P(tree_diagnostics, names_the_place) { EXPECT_EQ(read_text(GetParam().yaml).said, GetParam().said); }

INSTANTIATE_TEST_SUITE_P(
    table, tree_diagnostics,
    testing::Values(
        wrong{"duplicate", "a: 1\nb: 2\na: 3\n", {"f.yaml:3:1: the key 'a' stands here twice; the first is in line 1"}},
        wrong{"nested_duplicate",
              "s:\n  - id: x\n    id: y\n",
              {"f.yaml:3:5: the key 'id' stands here twice; the first is in line 2"}},
        wrong{"environment_missing",
              "a: ${NOPE}\nb: ${EMPTY}\n",
              {"f.yaml:1:4: the environment variable NOPE is not set; set it, or write ${file:/path}",
               "f.yaml:2:4: the environment variable EMPTY is empty; give it a value"}},
        wrong{"reference_open",
              "a: x${TOKEN\n",
              {"f.yaml:1:4: a reference is not closed; write ${NAME} or ${file:/path}; $${ stands for a literal ${"}},
        wrong{"reference_name",
              "a: ${no-name}\n",
              {"f.yaml:1:4: 'no-name' is no name of an environment variable; write ${NAME} or ${file:/path}"}},
        wrong{"file_missing",
              "a: ${file:/nonexistent/x}\n",
              {"f.yaml:1:4: the file /nonexistent/x cannot be read; check the path and its permissions"}},
        wrong{"list_as_key", "[a, b]: 1\n", {"f.yaml:1:1: a key must be plain text; write `key: value`"}},
        wrong{"second_document",
              "a: 1\n---\nb: 2\n",
              {"f.yaml:2:1: a second document begins here; keep one configuration in a file"}},
        wrong{"self_alias",
              "a: &x [1, *x]\n",
              {"f.yaml:1:11: this alias refers to what contains it; write the value out"}}),
    [](const auto& i) { return std::string(i.param.name); });

TEST(tree, reports_broken_yaml_with_its_place) {
  const auto [root, said] = read_text("a: [1, 2\nb: 3\n");
  EXPECT_FALSE(root);
  ASSERT_EQ(said.size(), 1u);
  EXPECT_TRUE(said[0].starts_with("f.yaml:2:2: this is no YAML: ")) << said[0];
}

TEST(tree, fills_in_references_and_marks_them) {
  const auto path = std::filesystem::temp_directory_path() / ("switchboard-secret-" + std::to_string(::getpid()));
  std::ofstream(path) << "from file\n";
  const auto [root, said] =
      read_text("a: ${TOKEN}\nb: Bearer ${TOKEN}!\nc: $${TOKEN}\nd: ${file:" + path.string() + "}\ne: plain\n");
  std::filesystem::remove(path);
  ASSERT_TRUE(root);
  EXPECT_TRUE(said.empty());
  EXPECT_EQ(root->find("a")->value.text, "s3cret");
  EXPECT_TRUE(root->find("a")->value.referenced);
  EXPECT_EQ(root->find("b")->value.text, "Bearer s3cret!");
  EXPECT_EQ(root->find("c")->value.text, "${TOKEN}");
  EXPECT_FALSE(root->find("c")->value.referenced);
  EXPECT_EQ(root->find("d")->value.text, "from file");
  EXPECT_FALSE(root->find("e")->value.referenced);
}

TEST(tree, needs_no_secret_when_told_so) {
  read_settings settings;
  settings.secrets_required = false;
  const auto [root, said] = read_text("a: ${NOPE}\n", settings);
  ASSERT_TRUE(root);
  EXPECT_TRUE(said.empty());
  EXPECT_EQ(root->find("a")->value.text, reference_stand_in);
  EXPECT_TRUE(root->find("a")->value.unresolved);
  EXPECT_TRUE(root->find("a")->value.referenced);
}

TEST(tree, repeats_what_an_alias_names) {
  const auto [root, said] = read_text("base: &b {x: 1}\nuse: *b\n");
  ASSERT_TRUE(root);
  EXPECT_TRUE(said.empty());
  EXPECT_EQ(root->find("use")->value.find("x")->value.text, "1");
}

TEST(tree, ends_a_bomb_of_aliases) {
  std::string bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
  for (int i = 1; i < 12; ++i) {
    const auto b = std::to_string(i - 1), n = std::to_string(i);
    bomb += "a" + n + ": &a" + n + " [";
    for (int j = 0; j < 10; ++j) bomb += (j ? ",*a" : "*a") + b;
    bomb += "]\n";
  }
  const auto [root, said] = read_text(bomb);
  EXPECT_FALSE(root);
  ASSERT_EQ(said.size(), 1u);
  EXPECT_NE(said[0].find("more than 200000 values; an alias repeats too much"), std::string::npos) << said[0];
}

TEST(tree, ends_what_is_too_deep_or_too_large) {
  const auto deep = read_text("a: " + std::string(25, '[') + std::string(25, ']') + "\n");
  EXPECT_FALSE(deep.root);
  ASSERT_EQ(deep.said.size(), 1u);
  EXPECT_NE(deep.said[0].find("nested deeper than 24 levels"), std::string::npos);

  const auto very_deep = read_text(std::string(100'000, '['));
  EXPECT_FALSE(very_deep.root);
  EXPECT_FALSE(very_deep.said.empty());

  read_settings settings;
  settings.limits.bytes = 100;
  const auto large = read_text("a: " + std::string(100, 'x'), settings);
  EXPECT_FALSE(large.root);
  EXPECT_EQ(large.said, (std::vector<std::string>{"f.yaml: larger than 100 bytes; split it, or move data out of it"}));
}

TEST(tree, takes_an_empty_document_for_nothing) {
  const auto [root, said] = read_text("# only a comment\n");
  ASSERT_TRUE(root);
  EXPECT_EQ(root->type, node::kind::null);
  EXPECT_TRUE(said.empty());
}

}  // namespace
}  // namespace switchboard::config
