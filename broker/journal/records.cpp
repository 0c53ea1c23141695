#include "broker/journal/records.hpp"

namespace switchboard::journal {

std::uint64_t& sequences::at(std::string_view topic) {
  for (auto& [name, value] : topics_)
    if (name == topic) return value;
  return topics_.emplace_back(topic, 0).second;
}

std::uint64_t sequences::next(std::string_view topic) { return ++at(topic); }

void sequences::raise(std::string_view topic, std::uint64_t value) {
  auto& last = at(topic);
  last = std::max(last, value);
}

bool sequences::taken(std::string_view scope, std::uint64_t value) const {
  const auto found = marks_.find(scope);
  return found != marks_.end() && found->second.contains(value);
}

void sequences::take(std::string_view scope, std::uint64_t value) {
  auto found = marks_.find(scope);
  if (found == marks_.end()) found = marks_.emplace(scope, interval_set{}).first;
  found->second.insert(value);
}

void books::update::count(std::string_view source, const counts& add) {
  auto found = of_.sources_.find(source);
  if (found == of_.sources_.end()) found = of_.sources_.emplace(source, counts{}).first;
  found->second.decoded += add.decoded;
  found->second.appended += add.appended;
  found->second.duplicates += add.duplicates;
}

void books::update::put(std::string_view space, std::string_view key, std::string_view value) {
  auto found = of_.spaces_.find(space);
  if (found == of_.spaces_.end()) found = of_.spaces_.try_emplace(std::string(space)).first;
  auto& keys = found->second;
  if (const auto old = keys.find(key); old != keys.end()) {
    if (value.empty())
      keys.erase(old);
    else
      old->second = value;
  } else if (!value.empty()) {
    keys.emplace(key, value);
  }
}

std::optional<std::string> books::state(std::string_view space, std::string_view key) const {
  const std::lock_guard lock(mutex_);
  const auto keys = spaces_.find(space);
  if (keys == spaces_.end()) return std::nullopt;
  const auto found = keys->second.find(key);
  return found == keys->second.end() ? std::nullopt : std::optional(found->second);
}

ledger books::current() const {
  const std::lock_guard lock(mutex_);
  ledger result;
  for (const auto& [source, c] : sources_) result.sources.push_back({source, c.decoded, c.appended, c.duplicates});
  for (const auto& [topic, value] : topics_) result.topics.push_back({topic, value});
  return result;
}

std::uint64_t books::state_entries() const {
  const std::lock_guard lock(mutex_);
  std::uint64_t total = 0;
  for (const auto& [space, keys] : spaces_) total += keys.size();
  return total;
}

void books::encode(byte_writer& out) const {
  const std::lock_guard lock(mutex_);
  out.varint(sources_.size());
  for (const auto& [source, c] : sources_) {
    out.text(source);
    out.varint(c.decoded);
    out.varint(c.appended);
    out.varint(c.duplicates);
  }
  std::size_t puts = 0;
  for (const auto& [space, keys] : spaces_) puts += keys.size();
  out.varint(puts);
  for (const auto& [space, keys] : spaces_)
    for (const auto& [key, value] : keys) {
      out.text(space);
      out.text(key);
      out.text(value);
    }
}

bool books::decode(byte_reader& in) {
  const std::lock_guard lock(mutex_);
  for (auto left = in.count(); left > 0 && in.ok(); --left) {
    const auto source = in.text();
    auto& c = sources_[std::string(source)];
    c.decoded = in.varint();
    c.appended = in.varint();
    c.duplicates = in.varint();
  }
  for (auto left = in.count(); left > 0 && in.ok(); --left) {
    const auto space = in.text();
    const auto key = in.text();
    spaces_[std::string(space)].insert_or_assign(std::string(key), std::string(in.text()));
  }
  return in.ok();
}

void encode(byte_writer& out, const sequences& from) {
  out.varint(from.topics().size());
  for (const auto& [topic, value] : from.topics()) {
    out.text(topic);
    out.varint(value);
  }
  out.varint(from.marks().size());
  for (const auto& [scope, set] : from.marks()) {
    out.text(scope);
    out.varint(set.intervals().size());
    for (const auto& [first, last] : set.intervals()) {
      out.varint(first);
      out.varint(last);
    }
  }
}

bool decode(byte_reader& in, sequences& into) {
  for (auto left = in.count(); left > 0 && in.ok(); --left) {
    const auto topic = in.text();
    into.raise(topic, in.varint());
  }
  for (auto left = in.count(); left > 0 && in.ok(); --left) {
    std::string scope(in.text());
    std::vector<interval_set::interval> intervals;
    for (auto pairs = in.count(); pairs > 0 && in.ok(); --pairs) {
      const auto first = in.varint();
      intervals.emplace_back(first, in.varint());
    }
    into.restore_mark(std::move(scope), interval_set::from(std::move(intervals)));
  }
  return in.ok();
}

}  // namespace switchboard::journal
