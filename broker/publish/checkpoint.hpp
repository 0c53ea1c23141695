// How far the journal is in Kafka, and where that is remembered. Publisher thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "broker/base/file_system.hpp"

namespace switchboard::publish {

struct topic_position {
  std::string topic;            // logical
  std::uint64_t sequence = 0;   // sbseq of the last record of the prefix
  std::uint64_t delivered = 0;  // records of the prefix
  std::uint64_t dead_lettered = 0;
  std::vector<std::uint64_t> dead_letters;  // the newest of their sbseq, ascending
  static constexpr std::size_t dead_letters_limit = 1000;
  // Of one of so many topics: all lists together have to fit into a slot.
  static constexpr std::size_t dead_letters_share(std::size_t topics) {
    constexpr std::size_t together = 2500;
    return topics == 0 ? dead_letters_limit : std::clamp<std::size_t>(together / topics, 1, dead_letters_limit);
  }
  friend bool operator==(const topic_position&, const topic_position&) = default;
};
struct position {
  std::string journal;            // UUID
  std::string cluster;            // Kafka's cluster id; empty before the first contact
  std::uint64_t unit = 0;         // everything up to here is in Kafka or its dead letter
  std::uint64_t handed_over = 0;  // nothing behind this unit was handed over: what lies between may stand there already
  std::vector<topic_position> topics;
  friend bool operator==(const position&, const position&) = default;

  topic_position& of(std::string_view logical_topic);
};
std::string to_json(const position&);
std::expected<position, std::string> position_from_json(std::string_view);

// A position in a small file: two slots of fixed size, each with a sequence and a checksum. store() survives the
// process, sync() the machine: one slot always holds what was synced last, the other is written again and again until
// the next sync, so that no power cut spoils both. A failed sync must end the process.
class checkpoint_file {
 public:
  static constexpr std::uint64_t slot_bytes = 64u << 10;

  // Creates the file if it is not there. A file in which neither slot is whole reads as the beginning: copies, no loss.
  static std::expected<checkpoint_file, std::string> open(base::file_system&, const std::string& directory);

  const publish::position& loaded() const { return loaded_; }
  base::io_result<> store(const publish::position&);
  base::io_result<> sync();
  bool dirty() const { return dirty_; }

 private:
  explicit checkpoint_file(std::unique_ptr<base::file> file) : file_(std::move(file)) {}
  std::unique_ptr<base::file> file_;
  publish::position loaded_;
  std::uint64_t sequence_ = 0;
  std::uint64_t offset_ = 0;  // of the slot to write
  bool dirty_ = false;
};

}  // namespace switchboard::publish
