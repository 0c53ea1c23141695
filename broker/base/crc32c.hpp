// CRC-32C (Castagnoli), as in iSCSI: by the processor's instruction where there is one, else by table. Any thread.
#pragma once

#include <cstdint>
#include <span>

namespace switchboard::base {

// Continues `crc` over `bytes`; 0 begins. crc32c(crc32c(0, a), b) is the checksum of a followed by b.
std::uint32_t crc32c(std::uint32_t crc, std::span<const std::byte> bytes) noexcept;

// The table's way, for processors without the instruction and for comparing the two.
std::uint32_t crc32c_portable(std::uint32_t crc, std::span<const std::byte> bytes) noexcept;

}  // namespace switchboard::base
