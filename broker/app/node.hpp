// Everything that `serve` runs, put together: started in order, stopped in reverse.
//
// Owned and driven by one thread (start, reload, tick, drain, stop); the overview is asked on the admin thread.
#pragma once

#include <atomic>
#include <expected>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "broker/app/capture.hpp"
#include "broker/app/configuration.hpp"

namespace switchboard::app {

struct node_settings {
  std::unique_ptr<app::capture> capture;  // where requests are written, when they are
  std::vector<std::string> captured;      // of which sources; empty: of all
};

class node {
 public:
  // Opens the journal, starts the threads and the listeners, and serves. The error is for a person.
  static std::expected<std::unique_ptr<node>, std::string> start(configuration, node_settings = {});
  virtual ~node() = default;

  virtual std::uint16_t port() const = 0;
  virtual std::uint16_t admin_port() const = 0;
  virtual std::string journal_id() const = 0;

  // Takes sources, tenants, TLS files and blob tokens of the new configuration, which load() has proven whole: nothing
  // here can fail half-way. What else differs is returned, as keys that need a restart. Requests under way finish with
  // what they began with, connections with their certificate.
  virtual std::vector<std::string> reload(configuration) = 0;
  virtual void reload_refused() = 0;  // counted; everything stays

  // Once a second or more often: rates, gauges, expired blobs, changes of readiness into the log.
  virtual void tick() = 0;
  virtual bool alive() const = 0;  // every loop turns
  virtual bool ready() const = 0;

  // Readiness off, no new connections, requests in flight finish, then what Kafka has not got is delivered as far as
  // the deadline allows
  // (`until_empty`: all of it). False when the deadline came first; nothing acknowledged is lost either way.
  virtual bool drain(std::chrono::steady_clock::time_point deadline, bool until_empty) = 0;
};

}  // namespace switchboard::app
