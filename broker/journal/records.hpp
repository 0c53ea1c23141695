// What the journal remembers beside its units: positions per topic, taken sequence values, the ledger, the state table.
// All of it follows from the units; a snapshot saves reading them again.
#pragma once

#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "broker/journal/format.hpp"
#include "broker/journal/interval_set.hpp"

namespace switchboard::journal {

// Position of a snapshot: everything up to and including it is contained.
struct position {
  std::uint64_t group = 0, unit = 0;
  std::uint32_t chain = 0;
  std::int64_t recorded_at = 0;
};

// What only the journal thread sees: it runs ahead of what is durable by the group that is being written.
class sequences {
 public:
  // Scopes are begun by senders (each boot of a device is one): past these bounds the least recently used are
  // forgotten.
  struct bounds {
    std::size_t scopes = settings{}.sequence_scopes;
    std::chrono::milliseconds age = settings{}.sequence_age;  // of recorded time
  };
  struct mark {
    std::string scope;
    interval_set taken;
    std::int64_t used_at = 0;  // recorded time of the last value taken
  };

  sequences() = default;
  explicit sequences(const bounds& b) : bounds_(b) {}
  sequences(const sequences&) = delete;  // the index looks into the marks
  sequences& operator=(const sequences&) = delete;

  std::uint64_t next(std::string_view topic);  // gapless from 1
  void raise(std::string_view topic, std::uint64_t value);
  const std::vector<std::pair<std::string, std::uint64_t>>& topics() const { return topics_; }

  bool taken(std::string_view scope, std::uint64_t value) const;
  void take(std::string_view scope, std::uint64_t value, std::int64_t recorded_at);
  const std::list<mark>& marks() const { return marks_; }  // least recently used first
  void restore(mark);                                      // in that order

 private:
  std::uint64_t& at(std::string_view topic);
  std::vector<std::pair<std::string, std::uint64_t>> topics_;  // a handful
  bounds bounds_;
  std::list<mark> marks_;
  std::unordered_map<std::string_view, std::list<mark>::iterator> by_scope_;
};

// What others may ask for: durable values only. Any thread; the journal thread writes, once a group.
class books {
 public:
  struct counts {
    std::uint64_t decoded = 0, appended = 0, duplicates = 0;
  };

  // One group's share; the lock is held while it lives.
  class update {
   public:
    explicit update(books& of) : of_(of), lock_(of.mutex_) {}
    void count(std::string_view source, const counts&);
    void put(std::string_view space, std::string_view key, std::string_view value);
    void set_topics(const std::vector<std::pair<std::string, std::uint64_t>>& topics) { of_.topics_ = topics; }

   private:
    books& of_;
    std::lock_guard<std::mutex> lock_;
  };

  std::optional<std::string> state(std::string_view space, std::string_view key) const;
  ledger current() const;
  std::uint64_t state_entries() const;
  void encode(byte_writer&) const;
  bool decode(byte_reader&);

 private:
  mutable std::mutex mutex_;
  std::map<std::string, counts, std::less<>> sources_;
  std::vector<std::pair<std::string, std::uint64_t>> topics_;
  std::map<std::string, std::map<std::string, std::string, std::less<>>, std::less<>> spaces_;
};

void encode(byte_writer&, const sequences&);
// `undated`: as format 1 wrote it, all scopes last used at this time.
bool decode(byte_reader&, sequences&, std::optional<std::int64_t> undated = {});

}  // namespace switchboard::journal
