// The W3C Trace Context header `traceparent`, version 00: which distributed trace a request belongs to. Pure, any
// thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace switchboard::observe {

struct traceparent {
  std::array<std::uint8_t, 16> trace_id{};  // never all zero
  std::array<std::uint8_t, 8> parent_id{};  // never all zero
  std::uint8_t flags = 0;                   // bit 0: sampled

  // Nothing unless the header is well-formed: lower-case hex, no zero ids, version not ff. Of a later version, whose
  // fields may only grow at the end, the four known ones are taken.
  static std::optional<traceparent> parse(std::string_view) noexcept;
  // The beginning of a trace of our own, not sampled. A zero id cannot come out of it.
  static traceparent begin(const std::array<std::uint64_t, 3>& random) noexcept;

  // The same trace with a parent id of ours: what is passed on.
  traceparent child(std::uint64_t random) const noexcept;
  std::string to_string() const;  // 55 characters, version 00

  friend bool operator==(const traceparent&, const traceparent&) = default;
};

}  // namespace switchboard::observe
