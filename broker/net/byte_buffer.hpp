// Bytes of a body, with readable padding behind them so that simdjson parses in place. Movable, owned by one thread at
// a time.
#pragma once

#include <algorithm>
#include <cstring>
#include <memory>
#include <string_view>

#include "connectors/contract.hpp"

namespace switchboard::net {

class byte_buffer {
 public:
  std::size_t size() const noexcept { return size_; }
  std::size_t capacity() const noexcept { return capacity_; }
  char* data() noexcept { return bytes_.get(); }
  std::string_view view() const noexcept { return {bytes_.get(), size_}; }

  // Room for `wanted` bytes in all. Memory that is not written to is not touched.
  void reserve(std::size_t wanted) {
    if (wanted <= capacity_) return;
    auto larger = std::make_unique_for_overwrite<char[]>(wanted + connectors::inbound::body_padding);
    if (size_ > 0) std::memcpy(larger.get(), bytes_.get(), size_);
    bytes_ = std::move(larger);
    capacity_ = wanted;
    std::memset(bytes_.get() + capacity_, 0, connectors::inbound::body_padding);
  }
  void append(std::string_view more) {
    if (size_ + more.size() > capacity_) reserve(std::max(size_ + more.size(), 2 * capacity_));
    if (!more.empty()) std::memcpy(bytes_.get() + size_, more.data(), more.size());
    size_ += more.size();
  }
  void resize(std::size_t size) noexcept { size_ = size; }  // at most capacity()
  void remove_front(std::size_t count) noexcept {
    size_ -= count;
    if (size_ > 0 && count > 0) std::memmove(bytes_.get(), bytes_.get() + count, size_);
  }
  void release() noexcept {
    bytes_.reset();
    size_ = capacity_ = 0;
  }

 private:
  std::unique_ptr<char[]> bytes_;
  std::size_t size_ = 0, capacity_ = 0;
};

}  // namespace switchboard::net
