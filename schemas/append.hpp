// Appends by writing in place: bytes that are built first and copied then stall on their own stores. Internal to
// schemas.
#pragma once

#include <cstddef>
#include <string>
#include <utility>

namespace switchboard::schemas {

// `write` fills all `size` bytes at the pointer it gets.
template <class Write>
void append_in_place(std::string& out, std::size_t size, Write&& write) {
  const std::size_t before = out.size();
  // libstdc++ 12 hands the grown capacity to the operation instead of the size asked for, so that argument is not
  // looked at.
  out.resize_and_overwrite(before + size, [&](char* text, std::size_t) {
    write(text + before);
    return before + size;
  });
}

}  // namespace switchboard::schemas
