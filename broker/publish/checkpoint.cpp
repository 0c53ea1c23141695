#include "broker/publish/checkpoint.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <cstring>
#include <optional>

#include "broker/base/crc32c.hpp"
#include "broker/observe/log.hpp"

namespace switchboard::publish {
namespace {

constexpr std::array<char, 8> magic{'S', 'B', 'C', 'K', 'P', 'T', '0', '1'};

// One slot: this, then `length` bytes of JSON. `checksum` (CRC-32C) covers sequence, length and JSON. Little-endian.
struct slot_header {
  std::array<char, 8> magic;
  std::uint32_t checksum, unused;
  std::uint64_t sequence, length;
};
static_assert(sizeof(slot_header) == 32);

std::uint32_t checksum_of(std::span<const std::byte> slot) {
  constexpr std::size_t from = offsetof(slot_header, sequence);
  return base::crc32c(0, slot.subspan(from));
}

struct slot {
  std::uint64_t sequence;
  publish::position position;
};

// Nothing in a slot that was never written, and in one that is damaged.
std::optional<slot> read_slot(const base::file& file, std::uint64_t offset, bool& damaged) {
  std::vector<std::byte> bytes(checkpoint_file::slot_bytes);
  auto got = file.read_at(offset, bytes);
  if (!got || *got < sizeof(slot_header)) return {};
  slot_header header;
  std::memcpy(&header, bytes.data(), sizeof header);
  if (header.magic == decltype(header.magic){}) return {};
  damaged = true;
  if (header.magic != magic || header.length > *got - sizeof header) return {};
  const auto whole = std::span(bytes).first(sizeof header + header.length);
  if (checksum_of(whole) != header.checksum) return {};
  const auto json = whole.subspan(sizeof header);
  auto position = position_from_json({reinterpret_cast<const char*>(json.data()), json.size()});
  if (!position) return {};
  damaged = false;
  return slot{header.sequence, std::move(*position)};
}

std::string problem(std::string_view what, const std::string& path, const std::error_code& error) {
  return fmt::format("{} {}: {}", what, path, error.message());
}

}  // namespace

topic_position& position::of(std::string_view logical_topic) {
  auto found = std::ranges::find(topics, logical_topic, &topic_position::topic);
  if (found != topics.end()) return *found;
  return topics.emplace_back(topic_position{.topic = std::string(logical_topic), .dead_letters = {}});
}

std::string to_json(const position& p) {
  std::string out = fmt::format(R"({{"journal":"{}","cluster":"{}","unit":{},"handed_over":{},"topics":[)", p.journal,
                                p.cluster, p.unit, p.handed_over);
  for (const auto& t : p.topics) {
    if (out.back() != '[') out += ',';
    fmt::format_to(std::back_inserter(out), R"({{"topic":"{}","sequence":{},"delivered":{},"dead_lettered":{})",
                   t.topic, t.sequence, t.delivered, t.dead_lettered);
    if (!t.dead_letters.empty())
      fmt::format_to(std::back_inserter(out), R"(,"dead_letters":[{}])", fmt::join(t.dead_letters, ","));
    out += '}';
  }
  return out += "]}";
}

std::expected<position, std::string> position_from_json(std::string_view text) {
  boost::system::error_code bad;
  const auto parsed = boost::json::parse(text, bad);
  if (bad) return std::unexpected("not JSON: " + bad.message());
  try {
    const auto& object = parsed.as_object();
    const auto text_of = [](const boost::json::object& o, const char* name) {
      return std::string(o.at(name).as_string());
    };
    const auto number_of = [](const boost::json::object& o, const char* name) {
      return o.at(name).to_number<std::uint64_t>();
    };
    position p{text_of(object, "journal"),
               text_of(object, "cluster"),
               number_of(object, "unit"),
               number_of(object, "handed_over"),
               {}};
    for (const auto& entry : object.at("topics").as_array()) {
      const auto& o = entry.as_object();
      topic_position t{
          text_of(o, "topic"), number_of(o, "sequence"), number_of(o, "delivered"), number_of(o, "dead_lettered"), {}};
      if (const auto* letters = o.if_contains("dead_letters"))
        for (const auto& letter : letters->as_array()) t.dead_letters.push_back(letter.to_number<std::uint64_t>());
      p.topics.push_back(std::move(t));
    }
    return p;
  } catch (const std::exception& e) {
    return std::unexpected(std::string("not a checkpoint: ") + e.what());
  }
}

std::expected<checkpoint_file, std::string> checkpoint_file::open(base::file_system& files,
                                                                  const std::string& directory) {
  const auto path = directory + "/checkpoint";
  if (auto made = files.create_directories(directory); !made)
    return std::unexpected(problem("cannot create", directory, made.error()));
  auto present = files.exists(path);
  if (!present) return std::unexpected(problem("cannot look for", path, present.error()));
  auto file = files.open(path, *present ? base::open_mode::read_write : base::open_mode::create);
  if (!file) return std::unexpected(problem("cannot open", path, file.error()));

  checkpoint_file opened{std::move(*file)};
  auto size = opened.file_->size();
  if (!size) return std::unexpected(problem("cannot read", path, size.error()));
  if (*size < 2 * slot_bytes) {
    // New, or a crash cut its making short.
    if (auto grown = opened.file_->fill_with_zeros(2 * slot_bytes); !grown)
      return std::unexpected(problem("cannot write", path, grown.error()));
    if (auto synced = files.sync_directory(directory, base::sync_site::checkpoint_directory); !synced)
      return std::unexpected(problem("cannot sync", directory, synced.error()));
  }
  bool damaged = false;
  for (std::uint64_t offset : {std::uint64_t{0}, slot_bytes}) {
    bool bad = false;
    auto found = read_slot(*opened.file_, offset, bad);
    damaged |= bad;
    if (!found || found->sequence <= opened.sequence_) continue;
    opened.sequence_ = found->sequence;
    opened.offset_ = slot_bytes - offset;
    opened.loaded_ = std::move(found->position);
  }
  if (opened.sequence_ == 0 && damaged)
    observe::log(observe::level::warning,
                 "the checkpoint is damaged: the journal is published again from its beginning", {{"file", path}});
  // What was read may be in memory only: it must be on the disk before the other slot is written over.
  if (auto synced = opened.file_->sync_data(base::sync_site::checkpoint_file); !synced)
    return std::unexpected(problem("cannot sync", path, synced.error()));
  return opened;
}

base::io_result<> checkpoint_file::store(const publish::position& position) {
  const auto json = to_json(position);
  std::vector<std::byte> bytes(sizeof(slot_header) + json.size());
  if (bytes.size() > slot_bytes) return std::unexpected(std::make_error_code(std::errc::value_too_large));
  slot_header header{magic, 0, 0, ++sequence_, json.size()};
  std::memcpy(bytes.data(), &header, sizeof header);
  std::memcpy(bytes.data() + sizeof header, json.data(), json.size());
  header.checksum = checksum_of(bytes);
  std::memcpy(bytes.data(), &header, sizeof header);
  dirty_ = true;
  return file_->write_at(offset_, bytes);
}

base::io_result<> checkpoint_file::sync() {
  if (!dirty_) return {};
  auto synced = file_->sync_data(base::sync_site::checkpoint_file);
  if (synced) {
    dirty_ = false;
    offset_ = slot_bytes - offset_;
  }
  return synced;
}

}  // namespace switchboard::publish
