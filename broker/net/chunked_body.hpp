// A chunked body, decoded strictly. Beast reads the chunks behind this header.
#pragma once

#include <cstddef>
#include <expected>
#include <memory>
#include <string_view>

#include "broker/net/byte_buffer.hpp"
#include "broker/net/refusal.hpp"

namespace switchboard::net {

// Owned by a connection for one request, used on its thread.
class chunked_body {
 public:
  // A chunk's header is looked at as a whole, so it must fit the reader's buffer, and all extensions together are
  // bounded besides.
  static constexpr std::size_t extension_bytes = 1024;

  explicit chunked_body(std::size_t limit);
  ~chunked_body();

  struct progress {
    std::size_t consumed = 0;
    bool complete = false;
  };
  // Decodes from the front of `input` and appends to `body`. What was not consumed must stand at the front of the next
  // call's input.
  std::expected<progress, refusal> decode(std::string_view input, byte_buffer& body);

 private:
  class parser;
  std::unique_ptr<parser> parser_;
};

}  // namespace switchboard::net
