#include "broker/base/durable.hpp"

#include <fmt/format.h>

#include <filesystem>

namespace switchboard::base {
namespace {

failure failed(std::string_view what, const std::string& path, std::error_code error, bool sync = false) {
  return {fmt::format("cannot {} {}: {}", what, path, error.message()), sync};
}

}  // namespace

std::expected<std::string, std::error_code> read_whole(file_system& fs, const std::string& path) {
  auto file = fs.open(path, open_mode::read);
  if (!file) return std::unexpected(file.error());
  const auto size = (*file)->size();
  if (!size) return std::unexpected(size.error());
  std::string bytes(static_cast<std::size_t>(*size), '\0');
  const auto n = (*file)->read_at(0, std::as_writable_bytes(std::span(bytes)));
  if (!n) return std::unexpected(n.error());
  bytes.resize(*n);
  return bytes;
}

std::optional<failure> write_durably(file_system& fs, const std::string& directory, const std::string& name,
                                     std::string_view bytes, sync_site file_site, sync_site directory_site) {
  const auto path = directory + "/" + name, temporary = path + ".tmp";
  if (auto there = fs.exists(temporary); there && *there)
    if (auto ok = fs.remove(temporary); !ok) return failed("remove", temporary, ok.error());
  auto file = fs.open(temporary, open_mode::create);
  if (!file) return failed("make", temporary, file.error());
  if (auto ok = (*file)->write_at(0, std::as_bytes(std::span(bytes))); !ok)
    return failed("write", temporary, ok.error());
  if (auto ok = (*file)->sync_data(file_site); !ok) return failed("sync", temporary, ok.error(), true);
  if (auto ok = fs.rename(temporary, path); !ok) return failed("rename to", path, ok.error());
  if (auto ok = fs.sync_directory(directory, directory_site); !ok)
    return failed("sync", directory, ok.error(), !lacks_descriptors(ok.error()));
  return std::nullopt;
}

std::optional<failure> create_directories_durably(file_system& fs, const std::string& path, sync_site site) {
  if (auto ok = fs.create_directories(path); !ok) return failed("make", path, ok.error());
  for (std::filesystem::path at(path); at.has_relative_path(); at = at.parent_path()) {
    const auto parent = at.parent_path().empty() ? "." : at.parent_path().string();
    auto ok = fs.sync_directory(parent, site);
    // What we may not read we did not make.
    if (!ok && ok.error() != std::errc::permission_denied)
      return failed("sync", parent, ok.error(), !lacks_descriptors(ok.error()));
  }
  return std::nullopt;
}

}  // namespace switchboard::base
