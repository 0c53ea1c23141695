// The configuration file as values: binds what broker/config reads (YAML with places, tables of options, secrets) to each component's
// settings. Loaded whole or not at all: every error is reported at once, with its place and what to do.
#pragma once

#include <expected>
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



struct configuration {
  std::string file;
  net::http_settings intake;                      // the listener that providers reach
  net::http_settings admin;                       // health, metrics, schemas, blobs
  std::vector<std::pair<std::string, std::string>> blob_tokens;  // tenant, bearer token
  journal::settings journal;
  blobs::local_settings blobs;
  publish::settings publish;
  std::vector<std::shared_ptr<const intake::tenant>> tenants;
  std::vector<std::shared_ptr<const intake::source>> sources;
  std::string dataschema_base;
  observe::log_format log = observe::log_format::logfmt;
  observe::level log_level = observe::level::info;
  std::chrono::seconds drain{30};
};

std::expected<configuration, std::vector<config::diagnostic>> load(const std::string& file);
std::expected<configuration, std::vector<config::diagnostic>> parse(const std::string& text, const std::string& name);
std::string reference_markdown();                 // docs/configuration.md, from the very table that load() checks against

}  // namespace switchboard::app
