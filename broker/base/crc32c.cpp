#include "broker/base/crc32c.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#if defined(__x86_64__)
#include <nmmintrin.h>
#include <wmmintrin.h>
#endif

namespace switchboard::base {
namespace {

constexpr std::uint32_t reflected_polynomial = 0x82F63B78;

constexpr auto make_tables() {
  std::array<std::array<std::uint32_t, 256>, 8> tables{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? reflected_polynomial : 0);
    tables[0][i] = crc;
  }
  for (std::size_t t = 1; t < 8; ++t)
    for (std::size_t i = 0; i < 256; ++i) tables[t][i] = (tables[t - 1][i] >> 8) ^ tables[0][tables[t - 1][i] & 0xFF];
  return tables;
}
constexpr auto tables = make_tables();

std::uint64_t load(const std::byte* p) noexcept {
  std::uint64_t value = 0;
  std::memcpy(&value, p, sizeof value);
  return value;
}

#if defined(__x86_64__)
constexpr std::size_t word_bytes = 8, lanes = 3, longest_lane = 128;  // in words
constexpr std::size_t shortest_lane = 4;                              // below it joining costs more than it wins

// What a lane's checksum is multiplied with to stand n words later: x^(64n - 33) mod P, bits reflected.
constexpr auto shifts = [] {
  std::array<std::uint32_t, 2 * longest_lane + 1> table{};
  std::uint32_t power = 1;  // x^31
  for (std::size_t n = 1; n < table.size(); ++n) {
    table[n] = power;
    for (int bit = 0; bit < 64; ++bit) power = (power >> 1) ^ ((power & 1) != 0 ? reflected_polynomial : 0);
  }
  return table;
}();

__attribute__((target("sse4.2,pclmul"))) std::uint64_t shifted(std::uint64_t crc, std::size_t words) noexcept {
  return static_cast<std::uint64_t>(_mm_cvtsi128_si64(_mm_clmulepi64_si128(
      _mm_cvtsi64_si128(static_cast<long long>(crc)), _mm_cvtsi32_si128(static_cast<int>(shifts[words])), 0)));
}

// The instruction takes three cycles and can begin anew in each: three stretches go side by side and are joined.
__attribute__((target("sse4.2,pclmul"))) std::uint32_t crc32c_instruction(std::uint32_t crc,
                                                                          std::span<const std::byte> bytes) noexcept {
  const std::byte* p = bytes.data();
  std::size_t left = bytes.size();
  std::uint64_t value = ~crc;
  while (left >= lanes * shortest_lane * word_bytes) {
    const std::size_t words = std::min(left / (lanes * word_bytes), longest_lane), lane = words * word_bytes;
    std::uint64_t second = 0, third = 0;
    for (const std::byte* end = p + lane - word_bytes; p != end; p += word_bytes) {
      value = _mm_crc32_u64(value, load(p));
      second = _mm_crc32_u64(second, load(p + lane));
      third = _mm_crc32_u64(third, load(p + 2 * lane));
    }
    value = _mm_crc32_u64(value, load(p));
    second = _mm_crc32_u64(second, load(p + lane));
    value = _mm_crc32_u64(third, load(p + 2 * lane) ^ shifted(value, 2 * words) ^ shifted(second, words));
    p += 2 * lane + word_bytes;
    left -= lanes * lane;
  }
  for (; left >= word_bytes; left -= word_bytes, p += word_bytes) value = _mm_crc32_u64(value, load(p));
  auto tail = static_cast<std::uint32_t>(value);
  for (; left > 0; --left, ++p) tail = _mm_crc32_u8(tail, static_cast<unsigned char>(*p));
  return ~tail;
}
const bool has_instruction = __builtin_cpu_supports("sse4.2") != 0 && __builtin_cpu_supports("pclmul") != 0;
#endif

}  // namespace

std::uint32_t crc32c_portable(std::uint32_t crc, std::span<const std::byte> bytes) noexcept {
  const std::byte* p = bytes.data();
  std::size_t left = bytes.size();
  crc = ~crc;
  for (; left >= 8; left -= 8, p += 8) {
    const std::uint64_t v = load(p) ^ crc;
    crc = tables[7][v & 0xFF] ^ tables[6][(v >> 8) & 0xFF] ^ tables[5][(v >> 16) & 0xFF] ^ tables[4][(v >> 24) & 0xFF] ^
          tables[3][(v >> 32) & 0xFF] ^ tables[2][(v >> 40) & 0xFF] ^ tables[1][(v >> 48) & 0xFF] ^ tables[0][v >> 56];
  }
  for (; left > 0; --left, ++p) crc = (crc >> 8) ^ tables[0][(crc ^ static_cast<std::uint32_t>(*p)) & 0xFF];
  return ~crc;
}

std::uint32_t crc32c(std::uint32_t crc, std::span<const std::byte> bytes) noexcept {
#if defined(__x86_64__)
  if (has_instruction) return crc32c_instruction(crc, bytes);
#endif
  return crc32c_portable(crc, bytes);
}

}  // namespace switchboard::base
