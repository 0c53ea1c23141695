// What Kafka has of what was acknowledged: each event in each of its topics, and the numbers that the broker counts its
// records with, without a hole. One thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/event.hpp"

namespace switchboard::load {

class deliveries {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  // Of an acknowledged request. `about` comes back from arrived(). An event that is expected twice counts once.
  void expect(const schemas::uuid& id, std::uint16_t topic, std::uint64_t about);

  // A record without `journal` carries no number. Returns what was given to expect() when this is the first copy of an
  // expected event in this topic.
  struct seen {
    schemas::uuid id, journal;
    std::uint64_t sequence = 0;
    std::uint16_t topic = 0;
    bool numbered = false;
  };
  const std::uint64_t* arrived(const seen&);

  // Numbers that are missing between the least and the greatest of an expected event's, for each journal and topic.
  // Outside that span others may have been on the way when reading began or ended.
  struct span {
    schemas::uuid journal;
    std::uint16_t topic = 0;
    std::uint64_t first = 0, last = 0, missing = 0, first_missing = 0;
  };
  std::vector<span> spans();  // sorts what came
  std::uint64_t holes();

  bool all_arrived() const noexcept { return found_ == expected_; }
  std::uint64_t expected() const noexcept { return expected_; }
  std::uint64_t found() const noexcept { return found_; }
  std::uint64_t copies() const noexcept { return copies_; }    // of expected events, beyond the first
  std::uint64_t foreign() const noexcept { return foreign_; }  // records of events that are not expected
  std::uint64_t unnumbered() const noexcept { return unnumbered_; }
  std::vector<schemas::uuid> lost(std::size_t most) const;

 private:
  struct entry {
    schemas::uuid id;
    std::uint64_t about = 0;
    std::uint32_t copies = 0;
    std::uint16_t topic = 0;
    bool used = false;
  };
  struct series {
    schemas::uuid journal;
    std::uint16_t topic = 0;
    std::vector<std::uint64_t> numbers;
    std::uint64_t first = UINT64_MAX, last = 0;  // of expected events
  };
  entry& place(const schemas::uuid&, std::uint16_t topic);
  series& series_of(const schemas::uuid& journal, std::uint16_t topic);
  void grow();

  std::vector<entry> table_;  // open addressing, a power of two
  std::vector<series> series_;
  std::uint64_t expected_ = 0, found_ = 0, copies_ = 0, foreign_ = 0, unnumbered_ = 0;
};

}  // namespace switchboard::load
