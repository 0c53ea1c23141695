#include "broker/base/file_system.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>

namespace switchboard::base {

std::string_view to_string(sync_site site) noexcept {
  switch (site) {
    case sync_site::group_commit:
      return "group_commit";
    case sync_site::segment_directory:
      return "segment_directory";
    case sync_site::snapshot_file:
      return "snapshot_file";
    case sync_site::snapshot_directory:
      return "snapshot_directory";
    case sync_site::dedupe_slice:
      return "dedupe_slice";
    case sync_site::dedupe_directory:
      return "dedupe_directory";
    case sync_site::blob_file:
      return "blob_file";
    case sync_site::blob_directory:
      return "blob_directory";
    case sync_site::checkpoint_file:
      return "checkpoint_file";
    case sync_site::checkpoint_directory:
      return "checkpoint_directory";
    case sync_site::identity_file:
      return "identity_file";
    case sync_site::identity_directory:
      return "identity_directory";
  }
  return "unknown";
}

bool lacks_descriptors(std::error_code error) noexcept {
  return error == std::errc::too_many_files_open || error == std::errc::too_many_files_open_in_system;
}

bool lacks_resources(std::error_code error) noexcept {
  return lacks_descriptors(error) || error == std::errc::no_space_on_device || error == std::errc::file_too_large ||
         error == std::errc::not_enough_memory || error == std::error_code(EDQUOT, std::generic_category());
}

namespace {

std::unexpected<std::error_code> failed() { return std::unexpected(std::error_code(errno, std::generic_category())); }
std::unexpected<std::error_code> failed(std::errc e) { return std::unexpected(std::make_error_code(e)); }

class descriptor {
 public:
  explicit descriptor(int fd) : fd_(fd) {}
  descriptor(descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  descriptor& operator=(descriptor&&) = delete;
  ~descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

class real_file final : public file {
 public:
  explicit real_file(descriptor fd) : fd_(std::move(fd)) {}

  io_result<std::size_t> read_at(std::uint64_t offset, std::span<std::byte> out) const override {
    std::size_t done = 0;
    while (done < out.size()) {
      const auto n = ::pread(fd_.get(), out.data() + done, out.size() - done, static_cast<off_t>(offset + done));
      if (n == 0) break;
      if (n < 0) {
        if (errno == EINTR) continue;
        return failed();
      }
      done += static_cast<std::size_t>(n);
    }
    return done;
  }

  io_result<> write_at(std::uint64_t offset, std::span<const std::byte> data) override {
    while (!data.empty()) {
      const auto n = ::pwrite(fd_.get(), data.data(), data.size(), static_cast<off_t>(offset));
      if (n < 0) {
        if (errno == EINTR) continue;
        return failed();
      }
      if (n == 0) return failed(std::errc::io_error);
      offset += static_cast<std::uint64_t>(n);
      data = data.subspan(static_cast<std::size_t>(n));
    }
    return {};
  }

  io_result<> resize(std::uint64_t bytes) override {
    if (::ftruncate(fd_.get(), static_cast<off_t>(bytes)) != 0) return failed();
    return {};
  }

  io_result<std::uint64_t> size() const override {
    struct stat info{};
    if (::fstat(fd_.get(), &info) != 0) return failed();
    return static_cast<std::uint64_t>(info.st_size);
  }

  io_result<> sync_data(sync_site) override {
    if (::fdatasync(fd_.get()) != 0) return failed();
    return {};
  }

  io_result<> fill_with_zeros(std::uint64_t bytes) override {
    static constexpr std::array<std::byte, 256 * 1024> zeros{};
    for (std::uint64_t at = 0; at < bytes; at += zeros.size()) {
      const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(zeros.size(), bytes - at));
      if (auto ok = write_at(at, std::span(zeros).first(n)); !ok) return ok;
    }
    if (auto ok = resize(bytes); !ok) return ok;
    if (::fdatasync(fd_.get()) != 0) return failed();
    return {};
  }

 private:
  descriptor fd_;
};

class real_mapping final : public mapping {
 public:
  real_mapping(void* address, std::size_t size) : address_(address), size_(size) {}
  ~real_mapping() override {
    if (size_ > 0) ::munmap(address_, size_);
  }
  real_mapping(const real_mapping&) = delete;
  real_mapping& operator=(const real_mapping&) = delete;
  std::span<const std::byte> bytes() const override { return {static_cast<const std::byte*>(address_), size_}; }

 private:
  void* address_;
  std::size_t size_;
};

class real_lock final : public file_lock {
 public:
  explicit real_lock(descriptor fd) : fd_(std::move(fd)) {}

 private:
  descriptor fd_;  // closing releases it
};

class posix_file_system final : public file_system {
 public:
  io_result<std::unique_ptr<file>> open(const std::string& path, open_mode mode) override {
    const int flags = mode == open_mode::read         ? O_RDONLY
                      : mode == open_mode::read_write ? O_RDWR
                                                      : O_RDWR | O_CREAT | O_EXCL;
    descriptor fd(::open(path.c_str(), flags | O_CLOEXEC, 0640));
    if (fd.get() < 0) return failed();
    return std::make_unique<real_file>(std::move(fd));
  }

  io_result<std::unique_ptr<mapping>> map(const std::string& path) override {
    const descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (fd.get() < 0) return failed();
    struct stat info{};
    if (::fstat(fd.get(), &info) != 0) return failed();
    const auto size = static_cast<std::size_t>(info.st_size);
    if (size == 0) return std::make_unique<real_mapping>(nullptr, 0);
    void* address = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, fd.get(), 0);
    if (address == MAP_FAILED) return failed();
    return std::make_unique<real_mapping>(address, size);
  }

  io_result<> remove(const std::string& path) override {
    if (::unlink(path.c_str()) == 0) return {};
    if ((errno == EISDIR || errno == EPERM) && ::rmdir(path.c_str()) == 0) return {};
    return failed();
  }

  io_result<> rename(const std::string& from, const std::string& to) override {
    if (::rename(from.c_str(), to.c_str()) != 0) return failed();
    return {};
  }

  io_result<> link(const std::string& from, const std::string& to) override {
    if (::link(from.c_str(), to.c_str()) != 0) return failed();
    return {};
  }

  io_result<> create_directories(const std::string& path) override {
    std::error_code error;
    std::filesystem::create_directories(path, error);
    if (error) return std::unexpected(error);
    return {};
  }

  io_result<std::vector<std::string>> list(const std::string& directory) override {
    std::vector<std::string> names;
    std::error_code error;
    std::filesystem::directory_iterator it(directory, error);
    for (; !error && it != std::filesystem::directory_iterator(); it.increment(error))
      names.push_back(it->path().filename().string());
    if (error) return std::unexpected(error);
    std::ranges::sort(names);
    return names;
  }

  io_result<bool> exists(const std::string& path) override {
    struct stat info{};
    if (::stat(path.c_str(), &info) == 0) return true;
    if (errno == ENOENT || errno == ENOTDIR) return false;
    return failed();
  }

  io_result<> sync_directory(const std::string& path, sync_site) override {
    const descriptor fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (fd.get() < 0 || ::fsync(fd.get()) != 0) return failed();
    return {};
  }

  io_result<space> free_space(const std::string& path) override {
    struct statvfs info{};
    if (::statvfs(path.c_str(), &info) != 0) return failed();
    return space{.free_bytes = static_cast<std::uint64_t>(info.f_bavail) * info.f_frsize,
                 .total_bytes = static_cast<std::uint64_t>(info.f_blocks) * info.f_frsize};
  }

  io_result<std::unique_ptr<file_lock>> lock(const std::string& path) override {
    descriptor fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640));
    if (fd.get() < 0) return failed();
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
      if (errno == EWOULDBLOCK) return failed(std::errc::device_or_resource_busy);
      return failed();
    }
    return std::make_unique<real_lock>(std::move(fd));
  }
};

}  // namespace

file_system& real_file_system() {
  static posix_file_system instance;
  return instance;
}

}  // namespace switchboard::base
