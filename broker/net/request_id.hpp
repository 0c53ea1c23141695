// What a reply and the log call a request: unique over threads, nodes and restarts, of no meaning to anybody else.
// What a client calls its request is not taken over: nobody outside writes into our log.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace switchboard::net {

class request_id {
 public:
  bool empty() const noexcept { return size_ == 0; }
  std::string_view view() const noexcept { return {text_.data(), size_}; }

 private:
  friend class request_ids;
  std::array<char, 29> text_{};  // 12 digits, a dash, at most 16 digits, all hexadecimal
  std::uint8_t size_ = 0;
};

// Of one network thread.
class request_ids {
 public:
  request_ids();
  request_id next() noexcept;

 private:
  request_id prefix_;  // random
  std::uint64_t count_ = 0;
};

}  // namespace switchboard::net
