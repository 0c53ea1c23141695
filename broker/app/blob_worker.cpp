#include "broker/app/blob_worker.hpp"

#include "broker/observe/log.hpp"

namespace switchboard::app {

blob_worker::blob_worker(blobs::store& store, std::size_t capacity_bytes)
    : store_(store), capacity_(capacity_bytes), thread_([this] { run(); }) {}

blob_worker::~blob_worker() { stop(); }

bool blob_worker::submit(batch what, done finished) {
  std::size_t bytes = 0;
  for (const auto& [reference, content] : what) bytes += content.size();
  {
    const std::lock_guard lock(mutex_);
    // One batch always fits an empty queue, however large a source's limits are.
    if (stopping_ || (queued_ != 0 && queued_ + bytes > capacity_)) return false;
    queued_ += bytes;
    jobs_.push_back({std::move(what), std::move(finished), bytes});
  }
  wake_.notify_one();
  return true;
}

void blob_worker::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void blob_worker::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
    if (jobs_.empty()) return;
    auto job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    bool stored = true;
    for (const auto& [name, content] : job.what) {
      const auto reference = blobs::parse(name);
      const auto result = reference ? store_.put(*reference, content) : std::unexpected(reference.error());
      if (!result) {
        observe::log(observe::level::error, "blob not stored", {{"blob", name}, {"reason", result.error()}});
        stored = false;
        break;
      }
    }
    job.finished(stored);
    lock.lock();
    queued_ -= job.bytes;
  }
}

}  // namespace switchboard::app
