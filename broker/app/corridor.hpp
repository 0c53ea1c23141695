// The way of a request through `serve`: admitted on its head, processed, appended, acknowledged. The hot path; free of
// anything about start-up, signals or the command line, so that it is tested with fakes.
//
// admit() and handle() run on network threads, concurrently, and never block: large blobs are stored by a worker, keys
// are fetched elsewhere, the journal answers on its own thread and the reply is made on the network thread that owns
// the connection. What belongs to a request is in one object that travels from thread to thread and is touched by one
// at a time.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "broker/app/blob_worker.hpp"
#include "broker/app/probe.hpp"
#include "broker/app/source_table.hpp"
#include "broker/base/clock.hpp"
#include "broker/journal/journal.hpp"
#include "broker/net/http_server.hpp"
#include "broker/observe/log.hpp"

namespace switchboard::app {

// What verification and handshakes need from the web. Answers within a bounded time, on any thread, `true` when it
// worked.
class web {
 public:
  using done = std::move_only_function<void(bool)>;
  virtual ~web() = default;
  virtual const connectors::fetched_keys& keys() const = 0;
  virtual void fetch_key(const std::string& url, done) = 0;  // afterwards keys() has it
  virtual void confirm(const std::string& url, done) = 0;    // GET, 2xx
};

class corridor final : public net::handler {
 public:
  struct settings {
    schemas::codec_settings codec;
    int blob_retention_days = 30;
    std::size_t queue_bytes = 64u << 20;  // the journal's: what the shares of endpoint::shed_above are of
    bool log_all_requests = false;        // a line for each; else only for those that did not end well
  };

  // All outlive it.
  corridor(journal::journal&, blob_worker&, web&, base::clock&, probe&, settings);

  // Requests are refused with 503 until there is a table and a server, and again after stop_serving().
  void serve(net::http_server&);
  void swap(
      std::shared_ptr<const source_table>);  // any thread; requests under way keep the source that they began with
  void stop_serving() noexcept { server_.store(nullptr, std::memory_order_release); }

  net::admit_result admit(const net::request_head&) override;
  void handle(std::unique_ptr<net::responder>) override;

  std::size_t in_flight_bytes() const noexcept { return in_flight_.load(std::memory_order_relaxed); }

 private:
  struct passage;
  using passage_ptr = std::shared_ptr<passage>;

  intake::environment intake_environment() const;
  void process(passage_ptr, bool may_fetch);
  static void count(const passage&);
  void process_again(passage_ptr);
  void store_blobs(passage_ptr);
  void append(passage_ptr);
  void set_aside(passage_ptr);
  void acknowledge(passage_ptr);
  void reject(passage_ptr);
  void shake_hands(passage_ptr);
  void greet(passage_ptr);
  void refuse(passage_ptr);  // with passage::refused
  net::http_response shed(std::string_view source, shed_reason, const net::request_head&);
  void log_kept(const passage&);
  void log_problem(observe::level, std::string_view message, std::string_view request, std::string_view source,
                   std::string_view reason, std::string_view peer);
  void back_to_its_thread(passage_ptr, void (corridor::*)(passage_ptr));

  journal::journal& journal_;
  blob_worker& blobs_;
  web& web_;
  base::clock& clock_;
  probe& probe_;
  settings settings_;
  observe::log_budget problems_logged_{20};
  std::atomic<net::http_server*> server_{nullptr};
  std::atomic<std::shared_ptr<const source_table>> table_;
  std::atomic<std::size_t> in_flight_{0};
};

// 503 with Retry-After and the reason as code.
net::http_response overload_response(shed_reason);

}  // namespace switchboard::app
