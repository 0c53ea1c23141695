// The configuration file as values: binds what broker/config reads (YAML with places, tables of options, secrets) to
// each component's settings. Loaded whole or not at all: every error is reported at once, with its place and what to
// do.
//
// A connector's settings and credentials reach its prepare() as JSON, as YAML writes them; what it finds wrong is
// reported at its place in the file.
#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "broker/blobs/store.hpp"
#include "broker/config/diagnostic.hpp"
#include "broker/intake/pipeline.hpp"
#include "broker/journal/journal.hpp"
#include "broker/net/http_server.hpp"
#include "broker/observe/log.hpp"
#include "broker/publish/forwarder.hpp"

namespace switchboard::app {

// What the topics that `switchboard topics create` makes look like.
struct topic_shape {
  int partitions = 12, replication_factor = 3, min_insync_replicas = 2;
  std::chrono::milliseconds retention{std::chrono::days{30}};
};

struct configuration {
  std::string file;
  net::http_settings intake;                                     // the listener that providers reach
  net::tls_context tls;                                          // what stands in intake.tls_files, when it does
  net::http_settings admin;                                      // health, metrics, schemas, blobs
  std::vector<std::pair<std::string, std::string>> blob_tokens;  // tenant, bearer token
  journal::settings journal;
  blobs::local_settings blobs;
  publish::settings publish;
  topic_shape topics;
  std::vector<std::shared_ptr<const intake::tenant>> tenants;
  std::vector<std::shared_ptr<const intake::source>> sources;
  std::vector<std::string> fetch_hosts;
  std::string dataschema_base;
  observe::log_format log = observe::log_format::logfmt;
  observe::level log_level = observe::level::info;
  bool log_all_requests = false;
  std::chrono::seconds drain{30};
  std::vector<std::pair<std::string, std::size_t>>
      sections;  // top-level keys and a digest of what stands there, but for what a reload takes
  std::vector<config::diagnostic> warnings;  // nothing that keeps it from running
};

struct load_settings {
  // References that cannot be resolved read as a stand-in: for work that verifies no signature. Sealed originals cannot
  // be opened with a stand-in, and keyed hashes are those of a tenant with that secret.
  bool without_secrets = false;
  std::function<std::optional<std::string>(const std::string&)> environment;  // empty: the process's own
};

using load_result = std::expected<configuration, std::vector<config::diagnostic>>;

load_result load(const std::string& file, const load_settings& = {});
load_result parse(std::string_view text, const std::string& name, const load_settings& = {});
std::string reference_markdown();  // docs/configuration.md, from the very table that load() checks against

// The namespace of a source: a UUID as it is written, any other text as the UUIDv8 of its SHA-256.
schemas::uuid make_namespace(std::string_view text);

}  // namespace switchboard::app
