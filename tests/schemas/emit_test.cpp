// Encodes every block, every enum value, realistic and random events, and leaves what it made in
// build/…/schemas_emitted/ for the validators that follow: events.jsonl (structured form), kafka.jsonl (binary mode),
// types.json (the tables of the codec).
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "schemas/codec.hpp"
#include "schemas/records.hpp"
#include "tests/schemas/generator.hpp"
#include "tests/schemas/samples.hpp"

namespace switchboard::schemas {
namespace {

const uuid journal = *uuid_from_string("8d0cf1f2-7c5e-4b8e-9f0e-0c8f6f0a1c55");

std::filesystem::path emitted() {
  const std::filesystem::path directory = std::string(SWITCHBOARD_BINARY_DIR) + "/schemas_emitted";
  std::filesystem::create_directories(directory);
  return directory;
}

void append_string(std::string& out, std::string_view text) { append_json_string(out, text); }

// Heartbeats do not pass the journal, so they have no number.
std::string kafka_line(const encoded_event& e, timestamp recorded_at, std::uint64_t number) {
  encoded_event stamped = e;
  stamped.stamp(recorded_at);
  std::string out = R"({"headers":[)";
  const auto header = [&](std::string_view attribute, std::string_view value) {
    EXPECT_FALSE(binary_header(attribute).empty()) << attribute;
    if (!out.ends_with('[')) out += ',';
    out += '[';
    append_string(out, binary_header(attribute));
    out += ',';
    append_string(out, value);
    out += ']';
  };
  std::string sbseq;
  append_sequence_number(sbseq, number);
  header("specversion", "1.0");
  header("id", to_string(stamped.id));
  header("recordedtime", to_string(recorded_at));
  if (e.topic != topic_class::control) {
    header("sbjournal", to_string(journal));
    header("sbseq", sbseq);
  }
  for (const attribute& a : stamped.attributes) header(a.name, a.value);
  out += R"(],"key":)";
  append_string(out, stamped.key);
  out += R"(,"value":)";
  append_string(out, stamped.body);
  out += "}\n";
  return out;
}

class writer {
 public:
  void add(const encoded_event& e, timestamp recorded_at) {
    const std::uint64_t number = ++number_;
    const bool placed = number % 3 != 0 && e.topic != topic_class::control;
    events_ << structured(e, recorded_at, placed ? std::optional(sequence{journal, number}) : std::nullopt) << '\n';
    kafka_ << kafka_line(e, recorded_at, number);
    EXPECT_EQ(excess(e), 0u);
    EXPECT_FALSE(e.key.empty());
  }
  ~writer() {
    events_.flush();
    kafka_.flush();
    EXPECT_TRUE(events_ && kafka_);
  }

 private:
  std::ofstream events_{emitted() / "events.jsonl"}, kafka_{emitted() / "kafka.jsonl"};
  std::uint64_t number_ = 0;
};

template <class E>
void expect_used(const generator& random) {
  EXPECT_EQ(random.used<E>(), wire_names<E>().size()) << wire_names<E>().front();
}

template <class... E>
void expect_all_used(const generator& random) {
  (expect_used<E>(random), ...);
}

TEST(Emitting, CoversEveryTypeBlockAndValue) {
  writer out;
  for (const sample_event& s : samples()) out.add(s.encoded, s.recorded_at);

  generator random(20261122, 1);
  for (const double presence : {1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.6, 0.6, 0.6, 0.6, 0.3, 0.3, 0.0, 0.0}) {
    random.set_presence(presence);
    const codec_settings settings{presence < 0.5 ? "" : "https://schemas.example.com/v1"};
    for (std::size_t i = 0; i < event_type_count; ++i) {
      const event e = random.make(static_cast<event_type>(i));
      out.add(encode(e, settings), e.recorded_at);
    }
    const auto quarantine = random.make_quarantine();
    out.add(encode(quarantine, settings), quarantine.recorded_at);
    const auto raw = random.make_raw();
    out.add(encode(raw, settings), raw.recorded_at);
    const auto heartbeat = random.make_heartbeat();
    out.add(encode(heartbeat, settings), heartbeat.recorded_at);
  }
  expect_all_used<event_type, channel, direction, capture, role, recipient_as, conversation_kind, visibility, automated,
                  category, rel, flag, attachment_kind, attachment_state, message_kind, interaction_kind, context_rel,
                  context_kind, deletion_reason, reaction_action, receipt_status, call_state, answered_by, input_kind,
                  recording_purpose, feedback_kind, scale_best, visit_state, consent_state, consent_scope,
                  membership_state, conversation_state, referral_kind, link_relation, authentication_result>(random);
}

TEST(Emitting, TellsItsTables) {
  std::ofstream out(emitted() / "types.json");
  out << R"({"topics":{)";
  for (std::size_t i = 0; i < wire_names<topic_class>().size(); ++i)
    out << (i ? "," : "") << '"' << wire_names<topic_class>()[i] << "\":\""
        << default_topic(static_cast<topic_class>(i)) << '"';
  out << R"(},"types":[)";
  for (std::size_t i = 0; i < event_type_count; ++i) {
    const type_info& type = info(static_cast<event_type>(i));
    out << (i ? "," : "") << R"({"name":")" << type.name << R"(","topic":")" << to_string(type.topic)
        << R"(","block":")" << type.block << "\"}";
  }
  out << "]}\n";
  out.flush();
  EXPECT_TRUE(out);
}

TEST(Samples, HaveEveryType) {
  std::set<std::string> types;
  for (const sample_event& s : samples())
    for (const attribute& a : s.encoded.attributes)
      if (a.name == "type") types.insert(a.value);
  EXPECT_EQ(types.size(), event_type_count + 3);
}

// Set SWITCHBOARD_UPDATE_GOLDEN to write the files instead, and look at what changed: consumers see the same.
TEST(Samples, AreAsGolden) {
  const std::filesystem::path directory = std::string(SWITCHBOARD_SOURCE_DIR) + "/tests/schemas/golden";
  const bool update = std::getenv("SWITCHBOARD_UPDATE_GOLDEN") != nullptr;
  if (update) std::filesystem::create_directories(directory);
  std::set<std::string> expected;
  for (const sample_event& s : samples()) {
    const std::string name = std::string(s.name) + ".json";
    EXPECT_TRUE(expected.insert(name).second) << name;
    const auto place =
        s.encoded.topic == topic_class::control ? std::nullopt : std::optional(sequence{journal, s.sequence_number});
    const std::string text = structured(s.encoded, s.recorded_at, place) + "\n";
    if (update) std::ofstream(directory / name, std::ios::binary) << text;
    std::ifstream file(directory / name, std::ios::binary);
    EXPECT_EQ(text, std::string(std::istreambuf_iterator<char>(file), {})) << name;
  }
  std::set<std::string> found;
  for (const auto& entry : std::filesystem::directory_iterator(directory))
    found.insert(entry.path().filename().string());
  EXPECT_EQ(found, expected);
}

}  // namespace
}  // namespace switchboard::schemas
