// Stores large blobs off the network threads: one thread, a bounded queue. What does not fit is refused, and its
// request gets 503.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "broker/blobs/store.hpp"

namespace switchboard::app {

class blob_worker {
 public:
  using batch = std::vector<std::pair<std::string, std::string>>;  // reference, bytes
  using done = std::move_only_function<void(bool stored)>;

  // The store outlives it.
  blob_worker(blobs::store&, std::size_t capacity_bytes);
  ~blob_worker();  // finishes what is queued

  // False when the queue is full or stopped: `finished` is not called. Otherwise it is called once, on the worker's
  // thread, when all are durable or one could not be stored (which is logged). Any thread.
  bool submit(batch, done finished);
  void stop();
  bool broken() const { return store_.broken(); }

 private:
  struct job {
    batch what;
    done finished;
    std::size_t bytes;
  };
  void run();

  blobs::store& store_;
  std::size_t capacity_, queued_ = 0;
  bool stopping_ = false;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<job> jobs_;
  std::thread thread_;
};

}  // namespace switchboard::app
