// Makes one group out of queued units: dedupes, decides conflicts, numbers, stamps, encodes. Owned by the journal
// thread.
#pragma once

#include <string>
#include <vector>

#include "broker/journal/dedupe.hpp"
#include "broker/journal/format.hpp"
#include "broker/journal/probe.hpp"
#include "broker/journal/records.hpp"

namespace switchboard::journal {

struct queued {
  unit content;
  completion done;
  std::size_t bytes = 0;  // an upper bound of what it takes encoded
};
std::size_t bound_of_encoded(const unit&);

// A unit in the group, on its way to being acknowledged.
struct pending {
  committed result;
  completion done;
};

class assembler {
 public:
  assembler(sequences& s, dedupe::index& d, probe& p) : sequences_(s), dedupe_(d), probe_(p) {}

  void begin(const position& after, timestamp recorded_at, std::uint64_t durable_through);
  void add(queued&&);

  bool empty() const { return header_.units == 0; }
  std::size_t size() const { return buffer_.size(); }                       // so far
  std::uint64_t bytes() const { return format::round_up(buffer_.size()); }  // on disk
  const format::group_header& header() const { return header_; }
  std::uint64_t last_unit() const { return header_.first_unit + header_.units - 1; }

  std::string_view finish(std::uint64_t epoch);  // the bytes to write
  void settle(books&);                           // once they are durable (mode kafka: appended): ledger, state
  std::vector<pending>& units() { return pending_; }

 private:
  message_outcome decide(message&, bool& store);
  void encode(message&, message_outcome);

  sequences& sequences_;
  dedupe::index& dedupe_;
  probe& probe_;
  format::group_header header_;
  timestamp recorded_at_{};
  dedupe::day_number day_ = 0;
  std::string buffer_;
  std::vector<pending> pending_;
  struct share {
    std::string source;
    books::counts counts;
    std::vector<state_put> puts;
  };
  std::vector<share> shares_;
  std::vector<std::size_t> stored_;  // of one unit
  std::vector<std::pair<std::string_view, std::uint64_t>> topics_;
};

// The id under which other content with the same id is published.
uuid conflict_id(const uuid&, std::uint64_t fingerprint);
// Whether a message is one of the items that the decoder counted; copies of the raw request are not.
bool is_counted(const message&);

}  // namespace switchboard::journal
