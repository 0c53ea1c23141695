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
  const auto found = by_scope_.find(scope);
  return found != by_scope_.end() && found->second->taken.contains(value);
}

void sequences::take(std::string_view scope, std::uint64_t value, std::int64_t recorded_at) {
  const auto found = by_scope_.find(scope);
  if (found == by_scope_.end())
    restore({.scope = std::string(scope), .taken = {}, .used_at = recorded_at});
  else
    marks_.splice(marks_.end(), marks_, found->second);
  marks_.back().used_at = recorded_at;
  marks_.back().taken.insert(value);
  while (marks_.size() > std::max<std::size_t>(1, bounds_.scopes) ||
         marks_.front().used_at < recorded_at - bounds_.age.count()) {
    by_scope_.erase(marks_.front().scope);
    marks_.pop_front();
  }
}

void sequences::restore(mark m) {
  if (by_scope_.contains(m.scope)) return;
  marks_.push_back(std::move(m));
  by_scope_.emplace(marks_.back().scope, std::prev(marks_.end()));
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
  for (const auto& m : from.marks()) {
    out.text(m.scope);
    out.number(m.used_at);
    out.varint(m.taken.intervals().size());
    for (const auto& [first, last] : m.taken.intervals()) {
      out.varint(first);
      out.varint(last);
    }
  }
}

bool decode(byte_reader& in, sequences& into, std::optional<std::int64_t> undated) {
  for (auto left = in.count(); left > 0 && in.ok(); --left) {
    const auto topic = in.text();
    into.raise(topic, in.varint());
  }
  for (auto left = in.count(); left > 0 && in.ok(); --left) {
    std::string scope(in.text());
    const auto used_at = undated ? *undated : in.number<std::int64_t>();
    std::vector<interval_set::interval> intervals;
    for (auto pairs = in.count(); pairs > 0 && in.ok(); --pairs) {
      const auto first = in.varint();
      intervals.emplace_back(first, in.varint());
    }
    into.restore({.scope = std::move(scope), .taken = interval_set::from(std::move(intervals)), .used_at = used_at});
  }
  return in.ok();
}

}  // namespace switchboard::journal
