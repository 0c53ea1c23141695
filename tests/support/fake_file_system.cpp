#include "tests/support/fake_file_system.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace switchboard::support {
namespace {

std::unexpected<std::error_code> failed(std::errc e) { return std::unexpected(std::make_error_code(e)); }

std::vector<std::string> parts_of(const std::string& path) {
  std::vector<std::string> parts;
  std::string part;
  for (const char c : path + "/") {
    if (c != '/')
      part.push_back(c);
    else if (!part.empty())
      parts.push_back(std::exchange(part, {}));
  }
  return parts;
}

}  // namespace

class fake_file final : public base::file {
 public:
  fake_file(fake_file_system& fs, std::shared_ptr<fake_file_system::node> node, std::string path)
      : fs_(fs), node_(std::move(node)), path_(std::move(path)), generation_(fs.generation_) {}

  base::io_result<std::size_t> read_at(std::uint64_t offset, std::span<std::byte> out) const override {
    const std::lock_guard lock(fs_.mutex_);
    if (auto ok = check("read", false); !ok) return std::unexpected(ok.error());
    if (offset >= node_->now.size()) return 0;
    const auto n = std::min<std::size_t>(out.size(), node_->now.size() - offset);
    std::memcpy(out.data(), node_->now.data() + offset, n);
    return n;
  }

  base::io_result<> write_at(std::uint64_t offset, std::span<const std::byte> data) override {
    const std::lock_guard lock(fs_.mutex_);
    if (auto ok = check("write", true); !ok) return ok;
    const auto end = offset + data.size();
    const auto grown = end > node_->now.size() ? end - node_->now.size() : 0;
    if (grown > 0 && fs_.used() + grown > fs_.capacity_) return failed(std::errc::no_space_on_device);
    fs_.write(*node_, offset, data);
    fs_.done();
    return {};
  }

  base::io_result<> resize(std::uint64_t bytes) override {
    const std::lock_guard lock(fs_.mutex_);
    if (auto ok = check("resize", true); !ok) return ok;
    fs_.resize(*node_, bytes);
    fs_.done();
    return {};
  }

  base::io_result<std::uint64_t> size() const override {
    const std::lock_guard lock(fs_.mutex_);
    if (auto ok = check("size", false); !ok) return std::unexpected(ok.error());
    return node_->now.size();
  }

  base::io_result<> sync_data(base::sync_site site) override {
    const std::lock_guard lock(fs_.mutex_);
    if (auto ok = check("sync", true); !ok) return ok;
    ++fs_.syncs_[static_cast<std::size_t>(site)];
    if (fs_.deferred_site_ == site)
      fs_.deferred_ = node_;
    else if (fs_.ignored_ != site)
      fs_.sync(*node_);
    fs_.done();
    return {};
  }

  base::io_result<> fill_with_zeros(std::uint64_t bytes) override {
    const std::lock_guard lock(fs_.mutex_);
    if (auto ok = check("fill", true); !ok) return ok;
    if (fs_.used() - node_->now.size() + bytes > fs_.capacity_) return failed(std::errc::no_space_on_device);
    fs_.write(*node_, 0, std::vector<std::byte>(bytes));
    fs_.resize(*node_, bytes);
    fs_.done();
    return {};
  }

 private:
  base::io_result<> check(std::string_view call, bool changes) const {
    if (generation_ != fs_.generation_) return failed(std::errc::bad_file_descriptor);
    return fs_.begin(call, path_, changes);
  }

  fake_file_system& fs_;
  std::shared_ptr<fake_file_system::node> node_;
  std::string path_;
  std::uint64_t generation_;
};

namespace {

class fake_mapping final : public base::mapping {
 public:
  explicit fake_mapping(std::vector<std::byte> bytes) : bytes_(std::move(bytes)) {}
  std::span<const std::byte> bytes() const override { return bytes_; }

 private:
  std::vector<std::byte> bytes_;
};

}  // namespace

class fake_lock final : public base::file_lock {
 public:
  fake_lock(fake_file_system& fs, std::string path) : fs_(fs), path_(std::move(path)), generation_(fs.generation_) {}
  ~fake_lock() override {
    const std::lock_guard lock(fs_.mutex_);
    if (generation_ == fs_.generation_) fs_.locked_.erase(path_);
  }

 private:
  fake_file_system& fs_;
  std::string path_;
  std::uint64_t generation_;
};

base::io_result<> fake_file_system::begin(std::string_view call, const std::string& path, bool changes) {
  if (cut_) return failed(std::errc::io_error);
  if (hook_)
    if (const auto error = hook_(call, path)) return failed(*error);
  if (changes && ++calls_ == fail_at_) return failed(fail_with_);
  if (changes && deferred_) sync(*std::exchange(deferred_, nullptr));
  return {};
}

void fake_file_system::sync(node& file) {
  file.durable = file.now;
  file.dirty.clear();
}

void fake_file_system::done() {
  if (cut_after_ != 0 && calls_ >= cut_after_) cut_ = true;
}

void fake_file_system::write(node& file, std::uint64_t offset, std::span<const std::byte> data) {
  if (data.empty()) return;
  const auto end = offset + data.size();
  if (end > file.now.size()) file.now.resize(end);
  std::memcpy(file.now.data() + offset, data.data(), data.size());
  for (auto s = offset / sector; s <= (end - 1) / sector; ++s) file.dirty.insert(s);
}

void fake_file_system::resize(node& file, std::uint64_t bytes) {
  for (auto s = bytes / sector; s * sector < file.now.size(); ++s) file.dirty.insert(s);
  file.now.resize(bytes);
}

std::uint64_t fake_file_system::used() const {
  std::uint64_t total = 0;
  std::set<const node*> seen;
  const std::function<void(const node&)> add = [&](const node& n) {
    if (!seen.insert(&n).second) return;
    total += n.now.size();
    for (const auto& [name, child] : n.entries) add(*child);
  };
  add(*root_);
  return total;
}

fake_file_system::node_ptr fake_file_system::find(const std::string& path) const {
  auto at = root_;
  for (const auto& part : parts_of(path)) {
    const auto found = at->entries.find(part);
    if (found == at->entries.end()) return nullptr;
    at = found->second;
  }
  return at;
}

std::pair<fake_file_system::node_ptr, std::string> fake_file_system::parent_of(const std::string& path) const {
  const auto parts = parts_of(path);
  if (parts.empty()) return {nullptr, {}};
  auto at = root_;
  for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
    const auto found = at->entries.find(parts[i]);
    if (found == at->entries.end() || !found->second->is_directory) return {nullptr, {}};
    at = found->second;
  }
  return {at, parts.back()};
}

void fake_file_system::change(const node_ptr& directory, std::vector<std::pair<std::string, node_ptr>> entries) {
  for (const auto& [name, child] : entries) {
    if (child)
      directory->entries[name] = child;
    else
      directory->entries.erase(name);
  }
  directory->changes.push_back({std::move(entries)});
}

base::io_result<std::unique_ptr<base::file>> fake_file_system::open(const std::string& path, base::open_mode mode) {
  const std::lock_guard lock(mutex_);
  const bool creates = mode == base::open_mode::create;
  if (auto ok = begin("open", path, creates); !ok) return std::unexpected(ok.error());
  const auto [directory, name] = parent_of(path);
  if (!directory) return failed(std::errc::no_such_file_or_directory);
  const auto found = directory->entries.find(name);
  if (creates) {
    if (found != directory->entries.end()) return failed(std::errc::file_exists);
    auto fresh = std::make_shared<node>();
    change(directory, {{name, fresh}});
    done();
    return std::make_unique<fake_file>(*this, std::move(fresh), path);
  }
  if (found == directory->entries.end()) return failed(std::errc::no_such_file_or_directory);
  if (found->second->is_directory) return failed(std::errc::is_a_directory);
  return std::make_unique<fake_file>(*this, found->second, path);
}

base::io_result<std::unique_ptr<base::mapping>> fake_file_system::map(const std::string& path) {
  const std::lock_guard lock(mutex_);
  if (auto ok = begin("map", path, false); !ok) return std::unexpected(ok.error());
  const auto at = find(path);
  if (!at || at->is_directory) return failed(std::errc::no_such_file_or_directory);
  return std::make_unique<fake_mapping>(at->now);
}

base::io_result<> fake_file_system::remove(const std::string& path) {
  const std::lock_guard lock(mutex_);
  if (auto ok = begin("remove", path, true); !ok) return ok;
  const auto [directory, name] = parent_of(path);
  if (!directory || !directory->entries.contains(name)) return failed(std::errc::no_such_file_or_directory);
  const auto& victim = directory->entries[name];
  if (victim->is_directory && !victim->entries.empty()) return failed(std::errc::directory_not_empty);
  change(directory, {{name, nullptr}});
  done();
  return {};
}

base::io_result<> fake_file_system::rename(const std::string& from, const std::string& to) {
  const std::lock_guard lock(mutex_);
  if (auto ok = begin("rename", to, true); !ok) return ok;
  const auto [old_directory, old_name] = parent_of(from);
  const auto [new_directory, new_name] = parent_of(to);
  if (!old_directory || !new_directory || !old_directory->entries.contains(old_name))
    return failed(std::errc::no_such_file_or_directory);
  if (old_directory != new_directory) return failed(std::errc::cross_device_link);
  const auto moved = old_directory->entries[old_name];
  change(old_directory, {{old_name, nullptr}, {new_name, moved}});
  done();
  return {};
}

base::io_result<> fake_file_system::link(const std::string& from, const std::string& to) {
  const std::lock_guard lock(mutex_);
  if (auto ok = begin("link", to, true); !ok) return ok;
  const auto target = find(from);
  const auto [directory, name] = parent_of(to);
  if (!target || !directory) return failed(std::errc::no_such_file_or_directory);
  if (directory->entries.contains(name)) return failed(std::errc::file_exists);
  change(directory, {{name, target}});
  done();
  return {};
}

base::io_result<> fake_file_system::create_directories(const std::string& path) {
  const std::lock_guard lock(mutex_);
  auto at = root_;
  for (const auto& part : parts_of(path)) {
    const auto found = at->entries.find(part);
    if (found != at->entries.end()) {
      if (!found->second->is_directory) return failed(std::errc::not_a_directory);
      at = found->second;
      continue;
    }
    if (auto ok = begin("mkdir", path, true); !ok) return ok;
    auto fresh = std::make_shared<node>();
    fresh->is_directory = true;
    change(at, {{part, fresh}});
    at = fresh;
    done();
  }
  return {};
}

base::io_result<std::vector<std::string>> fake_file_system::list(const std::string& directory) {
  const std::lock_guard lock(mutex_);
  if (auto ok = begin("list", directory, false); !ok) return std::unexpected(ok.error());
  const auto at = find(directory);
  if (!at || !at->is_directory) return failed(std::errc::no_such_file_or_directory);
  std::vector<std::string> names;
  for (const auto& [name, child] : at->entries) names.push_back(name);
  return names;
}

base::io_result<bool> fake_file_system::exists(const std::string& path) {
  const std::lock_guard lock(mutex_);
  if (auto ok = begin("exists", path, false); !ok) return std::unexpected(ok.error());
  return find(path) != nullptr;
}

base::io_result<> fake_file_system::sync_directory(const std::string& path, base::sync_site site) {
  const std::lock_guard lock(mutex_);
  if (auto ok = begin("sync", path, true); !ok) return ok;
  const auto at = find(path);
  if (!at || !at->is_directory) return failed(std::errc::no_such_file_or_directory);
  ++syncs_[static_cast<std::size_t>(site)];
  if (ignored_ != site) {
    at->durable_entries = at->entries;
    at->changes.clear();
  }
  done();
  return {};
}

base::io_result<base::space> fake_file_system::free_space(const std::string& path) {
  const std::lock_guard lock(mutex_);
  if (auto ok = begin("space", path, false); !ok) return std::unexpected(ok.error());
  const auto taken = std::min(used(), capacity_);
  return base::space{.free_bytes = capacity_ - taken, .total_bytes = capacity_};
}

base::io_result<std::unique_ptr<base::file_lock>> fake_file_system::lock(const std::string& path) {
  const std::lock_guard lock(mutex_);
  if (auto ok = begin("lock", path, false); !ok) return std::unexpected(ok.error());
  const auto [directory, name] = parent_of(path);
  if (!directory) return failed(std::errc::no_such_file_or_directory);
  if (!locked_.insert(path).second) return failed(std::errc::device_or_resource_busy);
  if (!directory->entries.contains(name)) change(directory, {{name, std::make_shared<node>()}});
  return std::make_unique<fake_lock>(*this, path);
}

}  // namespace switchboard::support
