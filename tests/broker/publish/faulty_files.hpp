// File systems with one seeded fault, around a real one.
#pragma once

#include <atomic>
#include <cstring>

#include "broker/base/crc32c.hpp"
#include "broker/base/file_system.hpp"
#include "broker/publish/checkpoint.hpp"

namespace switchboard::publish::testing {

// Forwards everything; a derived class changes what open() gives.
class wrapped_files : public base::file_system {
 public:
  explicit wrapped_files(base::file_system& real) : real_(real) {}
  base::io_result<std::unique_ptr<base::file>> open(const std::string& path, base::open_mode mode) override {
    return real_.open(path, mode);
  }
  base::io_result<std::unique_ptr<base::mapping>> map(const std::string& path) override { return real_.map(path); }
  base::io_result<> remove(const std::string& path) override { return real_.remove(path); }
  base::io_result<> rename(const std::string& a, const std::string& b) override { return real_.rename(a, b); }
  base::io_result<> link(const std::string& a, const std::string& b) override { return real_.link(a, b); }
  base::io_result<> create_directories(const std::string& path) override { return real_.create_directories(path); }
  base::io_result<std::vector<std::string>> list(const std::string& path) override { return real_.list(path); }
  base::io_result<bool> exists(const std::string& path) override { return real_.exists(path); }
  base::io_result<> sync_directory(const std::string& path, base::sync_site site) override {
    return real_.sync_directory(path, site);
  }
  base::io_result<base::space> free_space(const std::string& path) override { return real_.free_space(path); }
  base::io_result<std::unique_ptr<base::file_lock>> lock(const std::string& path) override { return real_.lock(path); }

 protected:
  base::file_system& real_;
};

class wrapped_file : public base::file {
 public:
  explicit wrapped_file(std::unique_ptr<base::file> real) : real_(std::move(real)) {}
  base::io_result<std::size_t> read_at(std::uint64_t offset, std::span<std::byte> out) const override {
    return real_->read_at(offset, out);
  }
  base::io_result<> write_at(std::uint64_t offset, std::span<const std::byte> data) override {
    return real_->write_at(offset, data);
  }
  base::io_result<> resize(std::uint64_t bytes) override { return real_->resize(bytes); }
  base::io_result<> fill_with_zeros(std::uint64_t bytes) override { return real_->fill_with_zeros(bytes); }
  base::io_result<std::uint64_t> size() const override { return real_->size(); }
  base::io_result<> sync_data(base::sync_site site) override { return real_->sync_data(site); }

 protected:
  std::unique_ptr<base::file> real_;
};

// The checkpoint claims that all that was handed over is acknowledged.
class over_a_hole final : public wrapped_files {
 public:
  using wrapped_files::wrapped_files;
  base::io_result<std::unique_ptr<base::file>> open(const std::string& path, base::open_mode mode) override {
    auto opened = real_.open(path, mode);
    if (!opened) return opened;
    return std::make_unique<lying_file>(std::move(*opened));
  }

 private:
  class lying_file final : public wrapped_file {
   public:
    using wrapped_file::wrapped_file;
    base::io_result<> write_at(std::uint64_t offset, std::span<const std::byte> slot) override {
      constexpr std::size_t header = 32, checksum_at = 8, covered_from = 16, length_at = 24;
      const auto told = slot.subspan(header);
      auto position = position_from_json({reinterpret_cast<const char*>(told.data()), told.size()});
      if (!position) return std::unexpected(std::make_error_code(std::errc::io_error));
      position->unit = position->handed_over;
      const auto json = to_json(*position);
      std::vector<std::byte> lie(slot.begin(), slot.begin() + header);
      lie.resize(header + json.size());
      const std::uint64_t length = json.size();
      std::memcpy(lie.data() + length_at, &length, sizeof length);
      std::memcpy(lie.data() + header, json.data(), json.size());
      const auto checksum = base::crc32c(0, std::span<const std::byte>(lie).subspan(covered_from));
      std::memcpy(lie.data() + checksum_at, &checksum, sizeof checksum);
      return real_->write_at(offset, lie);
    }
  };
};

class failing_sync final : public wrapped_files {
 public:
  using wrapped_files::wrapped_files;
  base::io_result<std::unique_ptr<base::file>> open(const std::string& path, base::open_mode mode) override {
    auto opened = real_.open(path, mode);
    if (!opened) return opened;
    return std::make_unique<failing_file>(std::move(*opened), fail);
  }
  std::atomic<bool> fail = false;

 private:
  class failing_file final : public wrapped_file {
   public:
    failing_file(std::unique_ptr<base::file> real, std::atomic<bool>& fail)
        : wrapped_file(std::move(real)), fail_(fail) {}
    base::io_result<> sync_data(base::sync_site site) override {
      if (fail_) return std::unexpected(std::make_error_code(std::errc::io_error));
      return real_->sync_data(site);
    }

   private:
    std::atomic<bool>& fail_;
  };
};

}  // namespace switchboard::publish::testing
