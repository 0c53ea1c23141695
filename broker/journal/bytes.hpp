// Little-endian numbers, LEB128 lengths and byte strings: the alphabet of docs/journal-format.md.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

#include "schemas/event.hpp"

namespace switchboard::journal {

static_assert(std::endian::native == std::endian::little, "numbers are copied as they stand in memory");

inline std::span<const std::byte> as_bytes(std::string_view text) { return std::as_bytes(std::span(text)); }
inline std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Appends to a string that its owner reuses.
class byte_writer {
 public:
  explicit byte_writer(std::string& out) : out_(out) {}

  template <std::integral T>
  void number(T value) {
    out_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  void varint(std::uint64_t value) {
    while (value >= 0x80) {
      out_.push_back(static_cast<char>(value | 0x80));
      value >>= 7;
    }
    out_.push_back(static_cast<char>(value));
  }
  void text(std::string_view value) {
    varint(value.size());
    out_.append(value);
  }
  void id(const schemas::uuid& value) {
    out_.append(reinterpret_cast<const char*>(value.bytes.data()), value.bytes.size());
  }

 private:
  std::string& out_;
};

// Reads what byte_writer wrote, from bytes that nobody vouches for. After the first short or malformed read everything
// is zero or empty and ok() is false.
class byte_reader {
 public:
  explicit byte_reader(std::string_view in) : in_(in) {}

  template <std::integral T>
  T number() {
    T value{};
    const auto raw = take(sizeof value);
    if (ok_) std::memcpy(&value, raw.data(), sizeof value);
    return value;
  }
  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      if (in_.empty()) break;
      const auto byte = static_cast<std::uint8_t>(in_.front());
      in_.remove_prefix(1);
      if (shift == 63 && byte > 1) break;
      value |= std::uint64_t{byte & 0x7FU} << shift;
      if (byte < 0x80) return value;
    }
    fail();
    return 0;
  }
  std::string_view text() {
    const auto size = varint();
    return take(size);
  }
  schemas::uuid id() {
    schemas::uuid value;
    const auto raw = take(value.bytes.size());
    if (ok_) std::memcpy(value.bytes.data(), raw.data(), value.bytes.size());
    return value;
  }
  // A number of things that take at least one byte each: never more than there are bytes left.
  std::size_t count() {
    const auto value = varint();
    if (value > in_.size()) fail();
    return ok_ ? static_cast<std::size_t>(value) : 0;
  }

  bool ok() const { return ok_; }
  bool done() const { return ok_ && in_.empty(); }
  std::size_t left() const { return in_.size(); }

 private:
  std::string_view take(std::uint64_t size) {
    if (!ok_ || size > in_.size()) {
      fail();
      return {};
    }
    const auto result = in_.substr(0, static_cast<std::size_t>(size));
    in_.remove_prefix(static_cast<std::size_t>(size));
    return result;
  }
  void fail() {
    ok_ = false;
    in_ = {};
  }

  std::string_view in_;
  bool ok_ = true;
};

}  // namespace switchboard::journal
