// What a crash leaves of the disk, damage, and whole images of it.
#include <algorithm>
#include <random>
#include <utility>

#include "tests/support/fake_file_system.hpp"

namespace switchboard::support {

void fake_file_system::settle(const node_ptr& at, const std::function<bool()>& keep) {
  if (!at->is_directory) {
    if (at->dirty.empty() && at->durable.size() == at->now.size()) return;
    auto result = at->durable;
    if (at->now.size() != result.size() && keep()) result.resize(at->now.size());
    for (const auto s : at->dirty) {
      if (!keep()) continue;
      const auto from = s * sector;
      const auto to = std::min<std::uint64_t>(from + sector, at->now.size());
      if (from >= to) continue;
      if (result.size() < to) result.resize(to);
      std::copy(at->now.begin() + static_cast<std::ptrdiff_t>(from), at->now.begin() + static_cast<std::ptrdiff_t>(to),
                result.begin() + static_cast<std::ptrdiff_t>(from));
    }
    at->now = at->durable = std::move(result);
    at->dirty.clear();
    return;
  }
  auto result = at->durable_entries;
  for (const auto& c : at->changes) {
    if (!keep()) continue;
    for (const auto& [name, child] : c.entries) {
      if (child)
        result[name] = child;
      else
        result.erase(name);
    }
  }
  at->entries = at->durable_entries = std::move(result);
  at->changes.clear();
  for (const auto& [name, child] : at->entries) settle(child, keep);
}

void fake_file_system::crash(const std::function<bool()>& keep) {
  const std::lock_guard lock(mutex_);
  settle(root_, keep);
  end_process();
}

void fake_file_system::crash(std::uint32_t seed) {
  std::mt19937 random(seed);
  const auto of_four = random() % 5;
  crash([&] { return random() % 4 < of_four; });
}

void fake_file_system::end_process() {
  const std::lock_guard lock(mutex_);
  locked_.clear();
  ++generation_;
  cut_ = false;
  cut_after_ = fail_at_ = 0;
  deferred_ = nullptr;
}

void fake_file_system::flip_bit(const std::string& path, std::uint64_t offset) {
  const std::lock_guard lock(mutex_);
  auto& file = *find(path);
  file.now.at(offset) ^= std::byte{1};
  file.durable = file.now;
}

std::vector<std::byte> fake_file_system::content(const std::string& path) const {
  const std::lock_guard lock(mutex_);
  return find(path)->now;
}

void fake_file_system::put_file(const std::string& path, std::vector<std::byte> bytes) {
  const std::lock_guard lock(mutex_);
  const auto [directory, name] = parent_of(path);
  auto file = std::make_shared<node>();
  file->now = file->durable = std::move(bytes);
  directory->entries[name] = directory->durable_entries[name] = std::move(file);
}

fake_file_system::node_ptr fake_file_system::copy(const node& from, std::map<const node*, node_ptr>& seen) {
  auto& to = seen[&from];
  if (to) return to;
  to = std::make_shared<node>(from);
  const auto result = to;
  for (auto* entries : {&result->entries, &result->durable_entries})
    for (auto& [name, child] : *entries) child = copy(*child, seen);
  for (auto& c : result->changes)
    for (auto& [name, child] : c.entries)
      if (child) child = copy(*child, seen);
  return result;
}

fake_file_system::image fake_file_system::snapshot_of_everything() const {
  const std::lock_guard lock(mutex_);
  std::map<const node*, node_ptr> seen;
  return copy(*root_, seen);
}

void fake_file_system::restore_everything(const image& from) {
  const std::lock_guard lock(mutex_);
  std::map<const node*, node_ptr> seen;
  root_ = copy(*static_cast<const node*>(from.get()), seen);
  end_process();
}

}  // namespace switchboard::support
