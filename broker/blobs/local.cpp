#include <fmt/format.h>

#include <atomic>
#include <mutex>
#include <random>
#include <set>

#include "broker/base/durable.hpp"
#include "broker/blobs/store.hpp"

namespace switchboard::blobs {
namespace {

constexpr std::size_t tenant_limit = 128;

bool is_tenant(std::string_view text) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.';
  };
  return !text.empty() && text.size() <= tenant_limit && text.front() != '.' && std::ranges::all_of(text, allowed);
}

std::optional<std::chrono::sys_days> day_from(std::string_view text) {
  if (text.size() != 8 || !std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; })) return std::nullopt;
  const auto number = [&](std::size_t at, std::size_t size) {
    int value = 0;
    for (const char c : text.substr(at, size)) value = value * 10 + (c - '0');
    return value;
  };
  const std::chrono::year_month_day date{std::chrono::year(number(0, 4)),
                                         std::chrono::month(static_cast<unsigned>(number(4, 2))),
                                         std::chrono::day(static_cast<unsigned>(number(6, 2)))};
  return date.ok() ? std::optional(std::chrono::sys_days(date)) : std::nullopt;
}

bool is_sha256(std::string_view text) {
  return text.size() == 64 &&
         std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool is_safe(const reference& r) { return is_tenant(r.tenant) && day_from(r.day) && is_sha256(r.sha256); }

std::unexpected<std::string> cannot(std::string_view what, const std::string& path, std::error_code error) {
  return std::unexpected(fmt::format("cannot {} {}: {}", what, path, error.message()));
}

class local_store final : public store {
 public:
  local_store(base::file_system& fs, local_settings s)
      : fs_(fs), settings_(std::move(s)), unique_(std::random_device{}()) {}

  std::expected<void, std::string> put(const reference& r, std::string_view bytes) override {
    if (!is_safe(r)) return std::unexpected("not a blob reference: " + to_string(r));
    if (broken_)
      return std::unexpected("a sync in " + settings_.directory + " failed before: nothing is stored until a restart");
    const auto tenant = settings_.directory + "/" + r.tenant, day = tenant + "/" + r.day, path = day + "/" + r.sha256;
    if (auto ok = make_day(day); !ok) return ok;
    auto there = fs_.exists(path);
    if (!there) return cannot("look for", path, there.error());
    if (!*there) {
      auto linked = link_earlier(tenant, r, path);
      if (!linked) return std::unexpected(linked.error());
      if (!*linked)
        if (auto ok = write(day, path, bytes); !ok) return ok;
    }
    // Also for a blob that was there already: whoever stored it may have ended before this.
    if (auto ok = fs_.sync_directory(day, base::sync_site::blob_directory); !ok) {
      if (!base::lacks_descriptors(ok.error())) broken_ = true;
      return cannot("sync", day, ok.error());
    }
    return {};
  }

  bool broken() const override { return broken_; }

  std::expected<stored, std::string> open(const reference& r) override {
    if (!is_safe(r)) return std::unexpected("not a blob reference: " + to_string(r));
    const auto path = settings_.directory + "/" + to_string(r);
    auto file = fs_.open(path, base::open_mode::read);
    if (!file) return cannot("open", path, file.error());
    auto size = (*file)->size();
    if (!size) return cannot("read", path, size.error());
    return stored{.file = std::move(*file), .size = *size};
  }

  // What cannot be removed now is tried again at the next call.
  void expire(schemas::timestamp now) override {
    const auto oldest = std::chrono::floor<std::chrono::days>(now) - std::chrono::days(settings_.retention_days);
    const auto tenants = fs_.list(settings_.directory);
    if (!tenants) return;
    for (const auto& tenant : *tenants) {
      if (!is_tenant(tenant)) continue;
      const auto directory = settings_.directory + "/" + tenant;
      const auto days = fs_.list(directory);
      if (!days) continue;
      for (const auto& name : *days)
        if (const auto day = day_from(name); day && *day < oldest) remove_day(directory + "/" + name);
    }
  }

 private:
  // A day's directory that somebody made before this process may not be durable yet: once a day and process it is made
  // so.
  std::expected<void, std::string> make_day(const std::string& day) {
    const std::lock_guard lock(mutex_);
    if (durable_days_.contains(day)) return {};
    if (auto error = base::create_directories_durably(fs_, day, base::sync_site::blob_directory)) {
      if (error->sync) broken_ = true;
      return std::unexpected(error->message);
    }
    durable_days_.insert(day);
    return {};
  }

  // The same content of an earlier day costs a directory entry only.
  std::expected<bool, std::string> link_earlier(const std::string& tenant, const reference& r,
                                                const std::string& path) {
    const auto days = fs_.list(tenant);
    if (!days) return cannot("read", tenant, days.error());
    for (auto name = days->rbegin(); name != days->rend(); ++name) {
      if (*name == r.day || !day_from(*name)) continue;
      const auto ok = fs_.link(tenant + "/" + *name + "/" + r.sha256, path);
      if (ok || ok.error() == std::errc::file_exists) return true;
      if (ok.error() == std::errc::too_many_links) return false;
      if (ok.error() != std::errc::no_such_file_or_directory) return cannot("link", path, ok.error());
    }
    return false;
  }

  std::expected<void, std::string> write(const std::string& day, const std::string& path, std::string_view bytes) {
    const auto temporary = fmt::format("{}/.{:016x}.tmp", day, unique_.fetch_add(1));
    auto file = fs_.open(temporary, base::open_mode::create);
    if (!file) return cannot("make", temporary, file.error());
    auto ok = (*file)->write_at(0, std::as_bytes(std::span(bytes)));
    if (ok) {
      ok = (*file)->sync_data(base::sync_site::blob_file);
      if (!ok) broken_ = true;
    }
    if (ok) ok = fs_.rename(temporary, path);
    if (ok) return {};
    file->reset();
    std::ignore = fs_.remove(temporary);
    return cannot("write", path, ok.error());
  }

  void remove_day(const std::string& directory) {
    const std::lock_guard lock(mutex_);
    durable_days_.erase(directory);
    const auto names = fs_.list(directory);
    if (!names) return;
    for (const auto& name : *names) std::ignore = fs_.remove(directory + "/" + name);
    std::ignore = fs_.remove(directory);
  }

  base::file_system& fs_;
  local_settings settings_;
  std::atomic<std::uint64_t> unique_;
  std::atomic<bool> broken_{false};  // a sync failed: what the disk has is unknown
  std::mutex mutex_;
  std::set<std::string> durable_days_;  // mutex_
};

}  // namespace

std::string to_string(const reference& r) { return r.tenant + "/" + r.day + "/" + r.sha256; }

std::expected<reference, std::string> parse(std::string_view text) {
  const auto first = text.find('/');
  const auto second = first == std::string_view::npos ? first : text.find('/', first + 1);
  if (second == std::string_view::npos) return std::unexpected("a blob reference is tenant/day/sha256");
  reference r{std::string(text.substr(0, first)), std::string(text.substr(first + 1, second - first - 1)),
              std::string(text.substr(second + 1))};
  if (!is_tenant(r.tenant))
    return std::unexpected("the tenant of a blob reference has letters, digits, '-', '_' and '.' only");
  if (!day_from(r.day)) return std::unexpected("the day of a blob reference is YYYYMMDD");
  if (!is_sha256(r.sha256))
    return std::unexpected("the content of a blob reference is 64 lowercase hexadecimal digits");
  return r;
}

std::unique_ptr<store> local(base::file_system& fs, local_settings s) {
  return std::make_unique<local_store>(fs, std::move(s));
}

}  // namespace switchboard::blobs
