// Keys of tenants, and the keyed hashes that stand for persons: whoever lacks the key cannot enumerate telephone
// numbers.
//
// Any thread. Each thread keeps its own digest and MAC contexts and reuses them; nothing is shared.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace switchboard::intake {

// The secret of a tenant and what is derived from it: one key for keyed hashes, one that seals originals at rest.
struct tenant {
  std::string id;
  std::array<std::uint8_t, 32> hash_key{};
  std::array<std::uint8_t, 32> seal_key{};
};

// HKDF-SHA-256 (RFC 5869) of the tenant's secret, with the id as salt and what the key is for as info. The same secret
// gives the same keys on every node, and two tenants with one secret still have keys of their own. Throws
// std::runtime_error where OpenSSL cannot.
tenant derive_tenant(std::string id, std::string_view secret);
std::array<std::uint8_t, 32> hkdf_sha256(std::string_view secret, std::string_view salt, std::string_view info);

using sha256_digest = std::array<std::uint8_t, 32>;
sha256_digest sha256(std::initializer_list<std::string_view> parts);  // over the parts, one after the other
std::string to_hex(std::span<const std::uint8_t>);                    // lower case

// What the hash is over; part of it, so that equal texts of different meaning have different hashes.
enum class hash_purpose : std::uint8_t { conversation = 1, party = 2, raw = 3 };

// HMAC-SHA-256 with the tenant's hash key over (purpose, parts), each part preceded by its length; the first 128 bits
// as 26 characters of base32 (RFC 4648, lower case, no padding).
std::string keyed_hash(const tenant&, hash_purpose, std::span<const std::string_view> parts);
inline std::string keyed_hash(const tenant& t, hash_purpose purpose, std::initializer_list<std::string_view> parts) {
  return keyed_hash(t, purpose, std::span(parts.begin(), parts.size()));
}
std::string base32_128(std::span<const std::uint8_t, 16>);

}  // namespace switchboard::intake
