// The schemas that the program carries, and whether they name what the C++ type names.
#include "schemas/documents.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <set>

#include "schemas/codec.hpp"
#include "schemas/records.hpp"

namespace switchboard::schemas {
namespace {

namespace json = boost::json;

std::string read(const std::string& path) {
  std::ifstream file(std::string(SWITCHBOARD_SOURCE_DIR) + "/" + path, std::ios::binary);
  EXPECT_TRUE(file) << path;
  return {std::istreambuf_iterator<char>(file), {}};
}

json::object parse(std::string_view name) {
  const document* found = find_document(name);
  EXPECT_NE(found, nullptr) << name;
  return found ? json::parse(found->text).as_object() : json::object();
}

TEST(Documents, AreTheFilesByteForByte) {
  ASSERT_GT(documents().size(), event_type_count);
  for (const document& d : documents()) EXPECT_EQ(d.text, read("schemas/json/" + std::string(d.name))) << d.name;
}

TEST(Documents, AreFoundByWholeNameOnly) {
  EXPECT_NE(find_document("contact.message.received.v1.json"), nullptr);
  EXPECT_EQ(find_document("contact.message.received.v1"), nullptr);
  EXPECT_EQ(find_document(""), nullptr);
  EXPECT_EQ(find_document("zzz.json"), nullptr);
  EXPECT_EQ(find_document("../json/common.json"), nullptr);
}

TEST(Documents, ThereIsOneForEachTypeAndNoOther) {
  std::set<std::string> expected{std::string(quarantine_type) + ".json", std::string(raw_type) + ".json",
                                 std::string(heartbeat_type) + ".json"};
  for (const std::string_view name : wire_names<event_type>()) expected.insert(std::string(name) + ".json");
  std::set<std::string> found;
  for (const document& d : documents())
    if (d.name.ends_with(".v1.json")) found.emplace(d.name);
  EXPECT_EQ(found, expected);
}

TEST(Documents, NameTheTypeAndDemandItsBlock) {
  for (std::size_t i = 0; i < event_type_count; ++i) {
    const type_info& type = info(static_cast<event_type>(i));
    const json::object schema = parse(std::string(type.name) + ".json");
    EXPECT_EQ(schema.at("properties").at("event").at("properties").at("type").at("const").as_string(), type.name);
    EXPECT_TRUE(schema.at("properties").as_object().contains(type.block)) << type.name;
    // A form may also be a payload: either is demanded.
    const json::array demanded = schema.contains("required") ? schema.at("required").as_array()
                                                             : schema.at("oneOf").at(0).at("required").as_array();
    EXPECT_TRUE(std::ranges::any_of(demanded, [&](const json::value& v) { return v.as_string() == type.block; }))
        << type.name;
  }
}

using enum_table = std::map<std::string, std::span<const std::string_view>>;

const enum_table& enums() {
  static const enum_table table{
      {"channel", wire_names<channel>()},
      {"direction", wire_names<direction>()},
      {"capture", wire_names<capture>()},
      {"role", wire_names<role>()},
      {"recipient_as", wire_names<recipient_as>()},
      {"conversation_kind", wire_names<conversation_kind>()},
      {"visibility", wire_names<visibility>()},
      {"automated", wire_names<automated>()},
      {"category", wire_names<category>()},
      {"rel", wire_names<rel>()},
      {"flag", wire_names<flag>()},
      {"attachment_kind", wire_names<attachment_kind>()},
      {"attachment_state", wire_names<attachment_state>()},
      {"message_kind", wire_names<message_kind>()},
      {"interaction_kind", wire_names<interaction_kind>()},
      {"context_rel", wire_names<context_rel>()},
      {"context_kind", wire_names<context_kind>()},
      {"deletion_reason", wire_names<deletion_reason>()},
      {"reaction_action", wire_names<reaction_action>()},
      {"receipt_status", wire_names<receipt_status>()},
      {"call_state", wire_names<call_state>()},
      {"answered_by", wire_names<answered_by>()},
      {"input_kind", wire_names<input_kind>()},
      {"recording_purpose", wire_names<recording_purpose>()},
      {"feedback_kind", wire_names<feedback_kind>()},
      {"scale_best", wire_names<scale_best>()},
      {"visit_state", wire_names<visit_state>()},
      {"consent_state", wire_names<consent_state>()},
      {"consent_scope", wire_names<consent_scope>()},
      {"membership_state", wire_names<membership_state>()},
      {"conversation_state", wire_names<conversation_state>()},
      {"referral_kind", wire_names<referral_kind>()},
      {"link_relation", wire_names<link_relation>()},
      {"authentication_result", wire_names<authentication_result>()},
  };
  return table;
}

TEST(Enums, OfTheTypeAreAllCompared) {
  const std::string header = read("schemas/event.hpp");
  const std::regex declaration(R"(enum class (\w+) )");
  std::set<std::string> declared, compared{"event_type", "topic_class"};
  for (std::sregex_iterator it(header.begin(), header.end(), declaration), end; it != end; ++it)
    declared.insert((*it)[1]);
  for (const auto& [name, values] : enums()) compared.insert(name);
  EXPECT_EQ(declared, compared);
}

TEST(Enums, HaveTheSameValuesInTheSchema) {
  const json::object defs = parse("enums.json").at("$defs").as_object();
  EXPECT_EQ(defs.size(), enums().size());
  for (const auto& [name, values] : enums()) {
    ASSERT_TRUE(defs.contains(name)) << name;
    std::vector<std::string_view> documented;
    for (const json::value& v : defs.at(name).at("anyOf").at(0).at("enum").as_array())
      documented.push_back(v.as_string());
    EXPECT_EQ(documented, std::vector<std::string_view>(values.begin(), values.end())) << name;
  }
}

TEST(Enums, AreOpenToNamesToCome) {
  const json::object defs = parse("enums.json").at("$defs").as_object();
  for (const auto& [name, schema] : defs)
    EXPECT_EQ(schema.at("anyOf").at(1).at("pattern").as_string(), "^[a-z][a-z0-9_]*$") << name;
}

template <class E>
void expect_names_to_be_reversible() {
  for (std::size_t i = 0; i < wire_names<E>().size(); ++i) {
    const auto value = static_cast<E>(i);
    EXPECT_EQ(from_string<E>(to_string(value)), value);
  }
  EXPECT_EQ(from_string<E>(""), std::nullopt);
  EXPECT_EQ(from_string<E>("no_such_name"), std::nullopt);
}

TEST(Enums, AreReadBack) {
  expect_names_to_be_reversible<event_type>();
  expect_names_to_be_reversible<topic_class>();
  expect_names_to_be_reversible<channel>();
  expect_names_to_be_reversible<visibility>();
  expect_names_to_be_reversible<receipt_status>();
  expect_names_to_be_reversible<flag>();
  EXPECT_EQ(event_type_from_name("contact.call.input.v1"), event_type::call_input);
  EXPECT_EQ(event_type_from_name("contact.call.input"), std::nullopt);
}

TEST(Enums, HaveUniqueNames) {
  for (const auto& [name, values] : enums())
    EXPECT_EQ(std::set<std::string_view>(values.begin(), values.end()).size(), values.size()) << name;
}

}  // namespace
}  // namespace switchboard::schemas
