// A chunked body, decoded strictly, wherever its bytes are split. Pure.
//
// Beast could read chunks too, but waits for a whole chunk header and for all trailers to be in one buffer, and in 1.81
// an empty body whose last bytes come one by one fails its assertions. Here each byte is decided as it comes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string_view>

#include "broker/net/byte_buffer.hpp"
#include "broker/net/refusal.hpp"

namespace switchboard::net {

// Owned by a connection for one request, used on its thread.
class chunked_body {
 public:
  static constexpr std::size_t extension_bytes = 1024;  // of all chunks together; they are thrown away
  static constexpr int size_digits = 16;

  explicit chunked_body(std::size_t limit) noexcept : limit_(limit) {}

  struct progress {
    std::size_t consumed = 0;  // all of the input, unless complete
    bool complete = false;
  };
  // Appends what `input` holds to `body`. Not to be called again after completion or refusal.
  std::expected<progress, refusal> decode(std::string_view input, byte_buffer& body);

 private:
  enum class expect : std::uint8_t {
    size,
    more_size,
    extension,
    size_end,
    data,
    data_return,
    data_end,
    last_return,
    last_end
  };

  std::expected<void, refusal> take(char c);
  std::expected<void, refusal> take_size(char c);
  std::expected<void, refusal> take_extension(char c);

  const std::size_t limit_;
  std::size_t total_ = 0, extensions_ = 0;
  std::uint64_t size_ = 0;
  int digits_ = 0;
  expect next_ = expect::size;
  bool last_ = false, complete_ = false, quoted_ = false, escaped_ = false;
};

}  // namespace switchboard::net
