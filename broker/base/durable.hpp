// Small files that are whole or not there, and directories that stay. Any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "broker/base/file_system.hpp"

namespace switchboard::base {

// `message` is for a person. `sync`: a sync failed, so what the disk has is unknown and the process has to end;
// anything else may be tried again.
struct failure {
  std::string message;
  bool sync = false;
};

std::expected<std::string, std::error_code> read_whole(file_system&, const std::string& path);

// Puts `bytes` under directory/name, all or nothing and durable when it returns: a temporary file (name.tmp), synced,
// renamed, the directory synced.
std::optional<failure> write_durably(file_system&, const std::string& directory, const std::string& name,
                                     std::string_view bytes, sync_site file, sync_site directory_site);

// Makes `path` and what is missing above it. All of it is durable when it returns, also what an earlier process made
// and had no time to sync.
std::optional<failure> create_directories_durably(file_system&, const std::string& path, sync_site);

}  // namespace switchboard::base
